/** Which services are jobs: they are done when they have ended, and not when they run. */

import type { InstanceView, Snapshot } from '../protocol/api.ts';

/**
 * Of what has no port, those that are never started again, and those for whose end another one waits. A program of a
 * `supervisord.conf` is none: to Supervisor's tools it has started once it runs.
 */
export function jobsOf({ services }: Snapshot): ReadonlySet<string> {
  const awaited = new Set(
    services.flatMap(({ dependsOn }) =>
      Object.entries(dependsOn).flatMap(([name, condition]) => (condition === 'exited' ? [name] : [])),
    ),
  );
  return new Set(
    services
      .filter(({ oneShot, source }) => oneShot && !/\.(?:conf|ini)$/.test(source.file))
      .filter(({ name, restart }) => restart === 'never' || awaited.has(name))
      .map(({ name }) => name),
  );
}

/** It has been started, and has not ended as it should. */
export function isUndone({ state, exit }: InstanceView): boolean {
  return state !== 'STOPPED' && !(state === 'EXITED' && exit?.expected === true);
}
