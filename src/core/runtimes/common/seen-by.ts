/** The machine as the command of a service sees it, where that is not as the service's environment has it. */

import type { ServiceSpec } from '../../../config/spec.ts';
import type { Look } from '../recipe.ts';

/** With variables that the command itself sets. */
export function withAssigned(look: Look, assigned: Readonly<Record<string, string>>): Look {
  if (Object.keys(assigned).length === 0) return look;
  return {
    ...look,
    env: { ...look.env, ...assigned },
    ask: (argv, options = {}) =>
      look.ask(argv, { ...options, env: { ...(options.env ?? look.env), ...assigned } }),
  };
}

/**
 * The PATH of an application's variables is for the application alone: what runs it is found on ours. The service is
 * then one without a PATH of its own.
 */
export function onOurPath(
  spec: ServiceSpec,
  look: Look,
  { windows }: { readonly windows: boolean },
): readonly [ServiceSpec, Look] {
  const ours = look.inherited?.['PATH'];
  const { PATH: theirs, ...env } = spec.env;
  if (spec.appengine?.project === undefined || theirs === undefined || ours === undefined) {
    return [spec, look];
  }
  const folders = ours.split(windows ? ';' : ':').filter((folder) => folder !== '');
  const seen: Look = {
    ...look,
    env: { ...look.env, PATH: ours },
    program: (names, before = []) => look.program(names, [...before, ...folders]),
    ask: (argv, options = {}) =>
      look.ask(argv, { ...options, env: options.env ?? { ...look.env, PATH: ours } }),
  };
  return [{ ...spec, env }, seen];
}
