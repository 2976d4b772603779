/**
 * One timer for all that can run out of time: a timer for each request would cost more than the request.
 *
 * It looks round several times within the shortest time anybody is given, so that what is late is late by a fraction.
 */

export interface Timed {
  /** When it runs out of time, as `performance.now()` tells it; infinity: not now. */
  dueAt: number;
  /** It has run out of time. */
  due(): void;
}

const shortest = 10;
const longest = 250;

export class Sweep {
  readonly #watched = new Set<Timed>();
  #every = longest;
  #timer: NodeJS.Timeout | undefined;

  /** Watches it until it is forgotten. */
  watch(timed: Timed): void {
    this.#watched.add(timed);
    if (this.#timer === undefined) this.#start();
  }

  forget(timed: Timed): void {
    this.#watched.delete(timed);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Times as short as this are to be kept with some precision. */
  expect(ms: number): void {
    const every = Math.max(shortest, Math.floor(ms / 4));
    if (every >= this.#every) return;
    this.#every = every;
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#start();
  }

  #start(): void {
    this.#timer = setInterval(() => this.#look(), this.#every);
    this.#timer.unref();
  }

  #look(): void {
    const now = performance.now();
    for (const timed of this.#watched) if (timed.dueAt <= now) timed.due();
  }
}

/** When something is due that may take so long from now. 0: never. */
export function within(ms: number): number {
  return ms === 0 ? Number.POSITIVE_INFINITY : performance.now() + ms;
}
