/** How requests are treated: what a config says about it, and what holds where it says nothing. */

import type { RawService } from './schema.ts';
import type { RequestSpec } from './spec.ts';
import { milliseconds } from './units.ts';

export const usualRequests: RequestSpec = {
  queueMs: 10_000,
  affinity: 'none',
  drainMs: 1000,
  connectMs: 5000,
  responseMs: 0,
  silenceMs: 0,
  startOnRequest: false,
};

/** Of an instance whose number follows the requests: without a limit there would never be a second one. App Engine's own. */
const usualConcurrency = 10;

export function requestsOf(raw: Partial<RawService>, scaled: boolean): RequestSpec {
  const concurrency = raw.concurrency ?? (scaled ? usualConcurrency : undefined);
  const limit = (written: string | number | undefined, usual: number): number =>
    written === undefined ? usual : (milliseconds(written) ?? usual);
  return {
    ...(concurrency === undefined ? {} : { concurrency }),
    queueMs: limit(raw.queueSeconds, usualRequests.queueMs),
    affinity: raw.affinity ?? usualRequests.affinity,
    drainMs: limit(raw.drainSeconds, usualRequests.drainMs),
    connectMs: limit(raw.timeouts?.connect, usualRequests.connectMs),
    responseMs: limit(raw.timeouts?.response, usualRequests.responseMs),
    silenceMs: limit(raw.timeouts?.silence, usualRequests.silenceMs),
    startOnRequest: raw.startOnRequest ?? usualRequests.startOnRequest,
    ...(raw.stopWhenIdle === undefined ? {} : { idleMs: limit(raw.stopWhenIdle, 0) }),
  };
}
