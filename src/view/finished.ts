/** Jobs that are done: a service that ends by itself, and did so as it should. A person may have them out of sight. */

import type { ServiceView, Snapshot } from '../protocol/api.ts';
import { isWaiting } from './needs.ts';

/** Whatever ended as it should not is never finished: it needs a person. */
export function isFinished({ oneShot, faults, instances }: ServiceView): boolean {
  return (
    oneShot &&
    faults.length === 0 &&
    instances.length > 0 &&
    instances.every(
      (instance) => instance.state === 'EXITED' && instance.exit?.expected !== false && !isWaiting(instance),
    )
  );
}

export function finishedCount(snapshots: readonly Snapshot[]): number {
  return snapshots.flatMap(({ services }) => services).filter(isFinished).length;
}
