/** Says that a stop is waited for: at once, and every two seconds for as long as it takes (SV-36). */

import type { Disposable } from '../../base/disposable.ts';
import type { Clock } from '../outside.ts';

const everyMs = 2000;

export class StopReports {
  readonly #clock: Clock;
  readonly #say: () => void;
  #timer: Disposable | undefined;

  constructor(clock: Clock, say: () => void) {
    this.#clock = clock;
    this.#say = say;
  }

  /** STOPPING begins, or goes on. */
  begin(): void {
    if (this.#timer === undefined) this.#report();
  }

  /** STOPPING is over. */
  end(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
  }

  #report(): void {
    this.#say();
    this.#timer = this.#clock.after(everyMs, () => this.#report());
  }
}
