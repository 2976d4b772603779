/** Which way the requests of a service go. */

import { Balanced, type BalancedOptions } from './proxy/balanced.ts';
import type { Dispatch } from './scaling/dispatch.ts';

export function dispatchOf(options: BalancedOptions): Dispatch {
  return new Balanced(options);
}
