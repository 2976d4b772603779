/** `localhost` is both loopback addresses, whatever this machine's hosts file or resolver makes of it. */

import type { LookupFunction } from 'node:net';
import { lookup } from 'node:dns';

export const loopbackAddresses = ['127.0.0.1', '::1'] as const;

/** For `connect` and `request`: with it they try both addresses, as the look at a starting child does. */
const lookupLoopback: LookupFunction = (host, options, callback) => {
  if (host !== 'localhost') {
    lookup(host, options, callback);
    return;
  }
  if (options.all === true) {
    callback(null, [
      { address: loopbackAddresses[0], family: 4 },
      { address: loopbackAddresses[1], family: 6 },
    ]);
  } else {
    callback(null, loopbackAddresses[0], 4);
  }
};

/**
 * How a connection to a child's host is made.
 *
 * Of `localhost` Node gives up the first address after a quarter of a second and asks the second one, where mostly
 * nobody is. A loopback address that nobody listens on refuses at once, so what takes longer is on its way: the queue of
 * the instance is full, or it was this process that did not come to look. How long that may take is for others to say.
 */
export function connectionTo(host: string): {
  readonly lookup: LookupFunction;
  readonly autoSelectFamilyAttemptTimeout?: number;
} {
  return host === 'localhost'
    ? { lookup: lookupLoopback, autoSelectFamilyAttemptTimeout: 2 ** 31 - 1 }
    : { lookup: lookupLoopback };
}
