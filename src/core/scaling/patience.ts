/** How long a request waits for an instance (`queueSeconds`). */

import type { ServiceSpec } from '../../config/spec.ts';

/** When one that has come at this time has waited for long enough, by the same clock. `Infinity`: never. */
export function waitingEnds({ requests: { queueMs } }: ServiceSpec, since: number): number {
  return queueMs === 0 ? Number.POSITIVE_INFINITY : since + queueMs;
}
