/**
 * What was begun within the last minute: how many, and how long they took on average (spec 3.1).
 *
 * Kept in tenths of a second, so that its size does not depend on the number of requests. Nothing is allocated when
 * something is added.
 */

export const minuteMs = 60_000;
const sliceMs = 100;
/** One more than fit: what began exactly a minute ago still counts. */
const slices = minuteMs / sliceMs + 1;

export class LastMinute {
  readonly #counts = new Uint32Array(slices);
  readonly #sums = new Float64Array(slices);
  /** The number of the newest slice. */
  #newest = 0;
  #count = 0;
  #sum = 0;

  /** Something that began at `since` took `ms`; it counts until a minute after its beginning. */
  add(since: number, ms: number, now: number): void {
    this.#trim(now);
    const slice = Math.floor(since / sliceMs);
    if (slice <= this.#newest - slices) return;
    const at = indexOf(slice);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sums[at] = (this.#sums[at] ?? 0) + ms;
    this.#count += 1;
    this.#sum += ms;
  }

  count(now: number): number {
    this.#trim(now);
    return this.#count;
  }

  /** Milliseconds; 0 where there was nothing. */
  mean(now: number): number {
    this.#trim(now);
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  /** Over the whole minute, however young this is. */
  perSecond(now: number): number {
    return this.count(now) / (minuteMs / 1000);
  }

  #trim(now: number): void {
    const slice = Math.floor(now / sliceMs);
    const passed = Math.min(slices, slice - this.#newest);
    for (let step = 0; step < passed; step += 1) {
      const at = indexOf(slice - step);
      this.#count -= this.#counts[at] ?? 0;
      this.#sum -= this.#sums[at] ?? 0;
      this.#counts[at] = 0;
      this.#sums[at] = 0;
    }
    // Sums of fractions drift: what is empty is exactly that.
    if (this.#count === 0) this.#sum = 0;
    this.#newest = Math.max(this.#newest, slice);
  }
}

/** Clocks may begin below zero. */
function indexOf(slice: number): number {
  return ((slice % slices) + slices) % slices;
}
