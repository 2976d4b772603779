/** Waits for something, but not for ever. */

import type { Clock } from './outside.ts';

/** Resolves once this has, at the latest after so many milliseconds. */
export function within(ms: number, something: Promise<unknown>, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(Math.max(0, ms), resolve);
    void something.then(() => {
      timer.dispose();
      resolve();
    });
  });
}
