/** The most requests that a service had at once within the last minute (spec 3.8). Of fixed size. */

import { minuteMs } from './last-minute.ts';

const sliceMs = 1_000;
/** One more than fit: what was exactly a minute ago still counts. */
const slices = minuteMs / sliceMs + 1;

export class Load {
  readonly #peaks = new Uint32Array(slices);
  #newest = 0;
  #outstanding = 0;
  /** The highest of all slices, which is asked for with each request. */
  #peak = 0;
  /** The same of the newest ones alone. */
  #recent = { slices: 0, peak: 0 };

  get outstanding(): number {
    return this.#outstanding;
  }

  /** One more, which is counted once however often it has to be tried. */
  begin(now: number): void {
    this.#outstanding += 1;
    this.#trim(now);
    const at = indexOf(this.#newest);
    this.#peaks[at] = Math.max(this.#peaks[at] ?? 0, this.#outstanding);
    this.#peak = Math.max(this.#peak, this.#outstanding);
    this.#recent.peak = Math.max(this.#recent.peak, this.#outstanding);
  }

  end(): void {
    this.#outstanding -= 1;
  }

  peak(now: number): number {
    this.#trim(now);
    return this.#peak;
  }

  /**
   * The same of less than a minute, where nobody counts as needed for longer than that. What is still under way counts,
   * whenever it began.
   */
  peakWithin(ms: number, now: number): number {
    this.#trim(now);
    const count = Math.min(slices, Math.ceil(ms / sliceMs) + 1);
    if (this.#recent.slices !== count) {
      let peak = 0;
      for (let step = 0; step < count; step += 1)
        peak = Math.max(peak, this.#peaks[indexOf(this.#newest - step)] ?? 0);
      this.#recent = { slices: count, peak };
    }
    return Math.max(this.#recent.peak, this.#outstanding);
  }

  #trim(now: number): void {
    const slice = Math.floor(now / sliceMs);
    if (slice <= this.#newest) return;
    const passed = Math.min(slices, slice - this.#newest);
    for (let step = 0; step < passed; step += 1) this.#peaks[indexOf(slice - step)] = 0;
    this.#newest = slice;
    this.#recent.slices = 0;
    this.#peak = this.#peaks.reduce((most, each) => Math.max(most, each), 0);
  }
}

function indexOf(slice: number): number {
  return ((slice % slices) + slices) % slices;
}
