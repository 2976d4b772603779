/** Launch configurations of our own debug type: which there could be, and what a short one means. Pure. */

import { debugType } from '../manifest/ids.ts';
import type { ServiceView, Snapshot } from '../protocol/api.ts';
import { english, type Translate } from '../view/words.ts';

export interface RuntimesConfiguration {
  readonly type: string;
  readonly request: 'launch' | 'attach';
  readonly name: string;
  readonly service: string;
  /** One instance instead of all of the service's: `web.0`. */
  readonly instance?: string;
}

/** A configuration as it stands in `launch.json`, or an empty one when there is none. */
export interface Sketch {
  readonly type?: string | undefined;
  readonly request?: string | undefined;
  readonly name?: string | undefined;
  readonly service?: unknown;
  readonly instance?: unknown;
}

export type Resolution =
  | { readonly kind: 'ready'; readonly configuration: RuntimesConfiguration }
  /** A person has to choose. */
  | { readonly kind: 'pick'; readonly choices: readonly RuntimesConfiguration[] }
  | { readonly kind: 'nothing'; readonly message: string };

/** One for each service that can be debugged, in the order of the file. */
export function configurationsOf(
  snapshot: Snapshot,
  t: Translate = english,
): readonly RuntimesConfiguration[] {
  return snapshot.services
    .filter(({ debuggable }) => debuggable)
    .map((service) => configurationOf(service, t));
}

function configurationOf({ name }: ServiceView, t: Translate): RuntimesConfiguration {
  return { type: debugType, request: 'launch', name: t('Debug {0}', name), service: name };
}

/**
 * Fills in what a configuration leaves out. Keys it has stay as they are, also wrong ones: the adapter answers for
 * those with the names that exist.
 */
export function resolveConfiguration(sketch: Sketch, snapshot: Snapshot, t: Translate = english): Resolution {
  const service = namedService(sketch, snapshot);
  if (service !== undefined) {
    const { instance, ...rest } = sketch;
    const about = typeof instance === 'string' ? instance : service;
    const configuration: RuntimesConfiguration = {
      ...rest,
      type: debugType,
      request: sketch.request === 'attach' ? 'attach' : 'launch',
      name: sketch.name === undefined || sketch.name === '' ? t('Debug {0}', about) : sketch.name,
      service,
      ...(typeof instance === 'string' ? { instance } : {}),
    };
    return { kind: 'ready', configuration };
  }
  const choices = configurationsOf(snapshot, t).map((choice) => ({
    ...choice,
    ...(sketch.request === 'attach' ? { request: 'attach' as const } : {}),
  }));
  const [only] = choices;
  if (only === undefined) {
    return { kind: 'nothing', message: t('There is no service here that can be debugged.') };
  }
  return choices.length === 1 ? { kind: 'ready', configuration: only } : { kind: 'pick', choices };
}

/** An instance's name is enough: it belongs to one service. */
function namedService({ service, instance }: Sketch, { services }: Snapshot): string | undefined {
  if (typeof service === 'string' && service !== '') return service;
  if (typeof instance !== 'string' || instance === '') return undefined;
  const owner = services.find(({ instances }) => instances.some(({ name }) => name === instance));
  return owner?.name ?? instance.replace(/\.\d+$/, '');
}
