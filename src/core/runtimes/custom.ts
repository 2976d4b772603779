/** Custom and generic: any command, just as it is written, after whatever the file says has to be built. */

import { runtimeNames } from '../../config/formats/appengine/runtimes.ts';
import type { ServiceSpec } from '../../config/spec.ts';
import { applicationOf } from './application.ts';
import { unfit } from './common/unfit.ts';
import { ownBuilds } from './own-build.ts';
import type { Plan, Recipe, Unfit } from './recipe.ts';

export const custom: Recipe = {
  name: 'custom',
  title: 'Custom',
  plan: (service, look, aims) =>
    Promise.resolve(
      withoutEntrypoint(service) ?? { ...asWritten(service), ...applicationOf(service, aims, look) },
    ),
};

export const generic: Recipe = { ...custom, name: 'generic', title: 'Generic' };

function asWritten(service: ServiceSpec): Plan {
  return { kind: 'plan', command: service.command, builds: ownBuilds(service) };
}

/** The reference's words for a custom runtime that nobody says how to start (RT-5). */
function withoutEntrypoint({ name, appengine, command }: ServiceSpec): Unfit | undefined {
  if (appengine?.project === undefined || (command[0] ?? '').trim() !== '') return undefined;
  const text =
    'Must set either --runtime or --custom_entrypoint. ' +
    `For a standard runtime, --runtime is one of ${runtimeNames.join(', ')}. ` +
    'For a custom one, --custom_entrypoint is the command that starts the application.';
  const way =
    'Write "entrypoint" in the app.yaml, or "command" or "runtime" for the service in a runtimes.yaml.';
  return unfit({ code: 'unfit', params: { service: name, text, way } }, 'runtime');
}
