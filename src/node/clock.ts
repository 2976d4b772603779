/** The real clock. */

import { disposable } from '../base/disposable.ts';
import type { Clock } from '../core/outside.ts';

export const clock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return disposable(() => clearTimeout(timer));
  },
};
