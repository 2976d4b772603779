/** Waits for one thing at a time, for so long and no longer. */

export class Patience {
  readonly #ended: (reason: string) => void;
  #timer: NodeJS.Timeout | undefined;

  /** `ended`: told what has not come. */
  constructor(ended: (reason: string) => void) {
    this.#ended = ended;
  }

  /** From now on this is waited for, and nothing else. `ms`: 0 or undefined for ever. */
  begin(ms: number | undefined, what: string): void {
    this.stop();
    if (ms === undefined || ms === 0) return;
    this.#timer = setTimeout(() => this.#ended(`${what} within ${ms} ms`), ms);
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
