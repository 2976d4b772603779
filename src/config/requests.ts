/** How requests are treated where a config says nothing about it. */

import type { RequestSpec } from './spec.ts';

export const usualRequests: RequestSpec = {
  queueMs: 10_000,
  affinity: 'none',
  drainMs: 1000,
  connectMs: 5000,
  responseMs: 0,
  silenceMs: 0,
  startOnRequest: false,
};
