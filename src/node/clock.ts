/** The real clock. */

import { disposable } from '../base/disposable.ts';
import type { Clock } from '../core/outside.ts';

/** A timer of Node's that is set to more than this rings at once. */
const longestMs = 2 ** 31 - 1;

export const clock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, Math.min(ms, longestMs));
    return disposable(() => clearTimeout(timer));
  },
};
