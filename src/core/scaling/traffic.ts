/**
 * What an instance did with requests, in numbers: whatever way they were given to it.
 *
 * Of fixed size (11 kB), and nothing is allocated for a request: times go into classes that are 9 % wide, of which a
 * ring keeps the last minute in slices of five seconds.
 */

import type { TrafficView } from '../model.ts';
import type { Clock } from '../outside.ts';

const sliceMs = 5_000;
const slices = 12;
/** Times up to this are one class. */
const shortestMs = 0.05;
/** Each class is so much wider than the one before: 2 to the power of 1/8. */
const perDoubling = 8;
/** The last one begins at half an hour. */
const classes = 1 + Math.ceil(Math.log2(1_800_000 / shortestMs) * perDoubling);

export class Traffic {
  readonly #clock: Pick<Clock, 'now'>;
  /** One row of classes for each slice. */
  readonly #rows = new Uint32Array(slices * classes);
  readonly #counts = new Uint32Array(slices);
  readonly #begun: number;
  #newest: number;
  #requests = 0;
  #errors = 0;
  #busy = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
    this.#begun = clock.now();
    this.#newest = Math.floor(this.#begun / sliceMs);
  }

  /** A request is given to the instance. What this returns goes to `end`. */
  begin(): number {
    this.#requests += 1;
    this.#busy += 1;
    return this.#clock.now();
  }

  /**
   * The exchange is over.
   *
   * @param status Of its answer; none, or one of 500 and above, is an error.
   * @param lasted It had become one that lasts, whose length says nothing about how fast the instance is.
   */
  end(since: number, status: number | undefined, lasted = false): void {
    this.#busy -= 1;
    if (status === undefined || status >= 500) this.#errors += 1;
    const now = this.#clock.now();
    this.#turn(now);
    const slice = indexOf(this.#newest);
    this.#counts[slice] = (this.#counts[slice] ?? 0) + 1;
    if (lasted) return;
    const at = slice * classes + classOf(now - since);
    this.#rows[at] = (this.#rows[at] ?? 0) + 1;
  }

  /** Undefined before the first request. */
  view(): TrafficView | undefined {
    if (this.#requests === 0) return undefined;
    const now = this.#clock.now();
    this.#turn(now);
    const sums = this.#sums();
    const timed = sums.reduce((sum, each) => sum + each, 0);
    const ended = this.#counts.reduce((sum, each) => sum + each, 0);
    // What is younger than a minute has its rate over its own age, but for the first second.
    const seconds = Math.max(1, Math.min(now - this.#begun, sliceMs * slices) / 1000);
    return {
      requests: this.#requests,
      errors: this.#errors,
      busy: this.#busy,
      perSecond: rounded(ended / seconds),
      median: percentile(sums, timed, 0.5),
      p95: percentile(sums, timed, 0.95),
      p99: percentile(sums, timed, 0.99),
    };
  }

  #sums(): Float64Array {
    const sums = new Float64Array(classes);
    for (let at = 0; at < this.#rows.length; at += 1) {
      const count = this.#rows[at] ?? 0;
      if (count > 0) sums[at % classes] = (sums[at % classes] ?? 0) + count;
    }
    return sums;
  }

  #turn(now: number): void {
    const slice = Math.floor(now / sliceMs);
    if (slice === this.#newest) return;
    const passed = Math.min(slices, slice - this.#newest);
    for (let step = 0; step < passed; step += 1) {
      const at = indexOf(slice - step);
      this.#counts[at] = 0;
      this.#rows.fill(0, at * classes, (at + 1) * classes);
    }
    this.#newest = Math.max(this.#newest, slice);
  }
}

/** Clocks may begin below zero. */
function indexOf(slice: number): number {
  return ((slice % slices) + slices) % slices;
}

function classOf(ms: number): number {
  if (ms <= shortestMs) return 0;
  return Math.min(classes - 1, 1 + Math.floor(Math.log2(ms / shortestMs) * perDoubling));
}

/** The middle of the class in which that part of all times is reached; 0 where there are none. */
function percentile(sums: Float64Array, total: number, part: number): number {
  if (total === 0) return 0;
  let left = Math.ceil(total * part);
  const found = sums.findIndex((count) => {
    left -= count;
    return left <= 0;
  });
  return found <= 0 ? shortestMs : rounded(shortestMs * 2 ** ((found - 0.5) / perDoubling));
}

/** Three digits are more than is known. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
