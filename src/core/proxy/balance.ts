/**
 * Chooses which instance of a service takes the next request.
 *
 * Knows nothing of processes or sockets: it is handed what each of the ready instances is busy with, in their order.
 */

import type { BalanceName } from '../../config/spec.ts';

/** The number of exchanges under way. */
export interface Load {
  readonly busy: number;
}

/**
 * The position of the one to take, or -1 when there is none with room.
 *
 * - `round-robin`: the one after the last one taken.
 * - `least-busy`: the one with the fewest exchanges under way; between equals, the one after the last.
 * - `first-free`: the first one that is idle, else the least busy one: the reference fills instances from the
 *   first (spec 5.7), which keeps the later ones cold.
 *
 * `after` is the position taken last, -1 before the first; `most` how many exchanges each may have at once.
 */
export function choose(
  policy: BalanceName,
  loads: readonly Load[],
  after: number,
  most: number = Number.POSITIVE_INFINITY,
): number {
  const start = policy === 'first-free' ? 0 : after + 1;
  let best = -1;
  let fewest = most;
  for (let step = 0; step < loads.length; step += 1) {
    const position = (start + step) % loads.length;
    const busy = loads[position]?.busy ?? most;
    if (busy >= fewest) continue;
    if (policy === 'round-robin' || busy === 0) return position;
    best = position;
    fewest = busy;
  }
  return best;
}
