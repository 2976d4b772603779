/** Serial numbers of events (SV-71). */

/** Counts from 0 and begins again after the maximum. */
export class Serial {
  readonly #maximum: number;
  #next = 0;

  constructor(maximum = Number.MAX_SAFE_INTEGER) {
    this.#maximum = maximum;
  }

  take(): number {
    const taken = this.#next;
    this.#next = taken === this.#maximum ? 0 : taken + 1;
    return taken;
  }
}
