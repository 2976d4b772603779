/** While everything ends: tells the journal every few seconds who is still there (spec 6.6). */

import type { Clock } from './outside.ts';
import type { Roster } from './roster.ts';
import type { Supervision } from './supervisor/supervision.ts';
import { inStartOrder } from './topology/order.ts';

const reportMs = 3_000;

/** Begins at once; gives what ends it. */
export function reportWaits({
  clock,
  roster,
  supervision,
}: {
  readonly clock: Clock;
  readonly roster: Roster;
  readonly supervision: Supervision;
}): () => void {
  const tell = (): ReturnType<Clock['after']> => {
    const left = inStartOrder(roster.all.filter((instance) => !instance.isAtRest));
    if (left.length > 0)
      supervision.say('info', `waiting for ${left.map(({ process }) => process).join(', ')} to die`);
    return clock.after(reportMs, () => {
      timer = tell();
    });
  };
  let timer = tell();
  return () => timer.dispose();
}
