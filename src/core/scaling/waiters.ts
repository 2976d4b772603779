/**
 * Those who wait for an instance, each in the order of its coming.
 *
 * Whoever frees something says for how many; they look in turn, and whoever finds what it waits for has it at once, so
 * that nobody who comes later can take it away.
 */

import type { Disposable } from '../../base/disposable.ts';
import type { Client, Clock } from '../outside.ts';

/** Those who would all take the same wait in one lane: where its first finds nothing, the others would not either. */
export type Lane = number | 'any';

interface Waiter<T> {
  readonly attempt: () => T | undefined;
  readonly late: () => number | undefined;
  readonly found: (value: T | undefined) => void;
  readonly client: Client | undefined;
  timer: Disposable | undefined;
  over: boolean;
}

export interface WaitOptions<T> {
  readonly lane: Lane;
  /** When `late` is asked. `Infinity`: never. */
  readonly until: number;
  /** What it waits for, taken at once, or undefined. Tried before anything else, whatever `until` says. */
  readonly attempt: () => T | undefined;
  /** Its time is over: until when it goes on waiting, in the same place; undefined: it gives up. */
  readonly late?: () => number | undefined;
  /** One that leaves waits no longer: it is as if its time were over. */
  readonly client?: Client | undefined;
}

export class Waiters<T> {
  readonly #clock: Clock;
  readonly #lanes = new Map<Lane, Waiter<T>[]>();
  #size = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#size;
  }

  isWaiting(lane: Lane): boolean {
    return this.#lanes.has(lane);
  }

  /** How many wait in one lane. */
  sizeOf(lane: Lane): number {
    return this.#lanes.get(lane)?.length ?? 0;
  }

  get lanes(): readonly Lane[] {
    return [...this.#lanes.keys()];
  }

  /** Resolves to what was found, or to undefined when time is over. */
  wait({ lane, until, attempt, late = () => undefined, client }: WaitOptions<T>): Promise<T | undefined> {
    const now = attempt();
    if (now !== undefined) return Promise.resolve(now);
    return new Promise((found) => {
      const waiter: Waiter<T> = { attempt, late, found, client, timer: undefined, over: false };
      if (client !== undefined) client.whenLeft = () => this.#giveUp(lane, waiter, undefined);
      const queue = this.#lanes.get(lane);
      if (queue === undefined) this.#lanes.set(lane, [waiter]);
      else queue.push(waiter);
      this.#size += 1;
      this.#arm(lane, waiter, until);
    });
  }

  /** At most `count` of them find something now. */
  wake(count: number): void {
    let left = count;
    for (const [lane, queue] of this.#lanes) {
      while (left > 0) {
        const [first] = queue;
        if (first === undefined) break;
        const value = first.attempt();
        // Looking may have changed who is first, when it led to another change.
        if (first.over) continue;
        if (value === undefined) break;
        queue.shift();
        this.#end(lane, queue, first, value);
        left -= 1;
      }
    }
  }

  /** All of them look, none for another: for when it is over for each in its own way. */
  wakeAll(): void {
    this.wake(Number.POSITIVE_INFINITY);
  }

  /** There is nothing to wait for in this lane any more: all of it get this. */
  dismiss(lane: Lane, value: T): void {
    const queue = this.#lanes.get(lane) ?? [];
    for (let first = queue.shift(); first !== undefined; first = queue.shift())
      this.#end(lane, queue, first, value);
  }

  dismissAll(value: T): void {
    for (const lane of this.lanes) this.dismiss(lane, value);
  }

  #arm(lane: Lane, waiter: Waiter<T>, until: number): void {
    if (until === Number.POSITIVE_INFINITY) return;
    waiter.timer = this.#clock.after(Math.max(0, until - this.#clock.now()), () => this.#late(lane, waiter));
  }

  #late(lane: Lane, waiter: Waiter<T>): void {
    if (waiter.over) return;
    const value = waiter.attempt();
    const until = value === undefined ? waiter.late() : undefined;
    if (waiter.over) return;
    if (until !== undefined) {
      this.#arm(lane, waiter, until);
      return;
    }
    this.#giveUp(lane, waiter, value);
  }

  #giveUp(lane: Lane, waiter: Waiter<T>, value: T | undefined): void {
    const queue = this.#lanes.get(lane) ?? [];
    const at = queue.indexOf(waiter);
    if (at !== -1) queue.splice(at, 1);
    this.#end(lane, queue, waiter, value);
  }

  #end(lane: Lane, queue: readonly Waiter<T>[], waiter: Waiter<T>, value: T | undefined): void {
    waiter.over = true;
    waiter.timer?.dispose();
    if (waiter.client !== undefined) waiter.client.whenLeft = undefined;
    this.#size -= 1;
    if (queue.length === 0) this.#lanes.delete(lane);
    waiter.found(value);
  }
}
