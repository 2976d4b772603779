/** Requests that wait for an instance, first come, first served, none for longer than it may. */

import type { Disposable } from '../../base/disposable.ts';
import type { Client, Clock } from '../outside.ts';
import type { Outcome, Taken, Wish } from '../scaling/dispatch.ts';

interface Waiter {
  readonly wish: Wish;
  readonly client: Client | undefined;
  readonly resolve: (outcome: Outcome) => void;
  /** Absent: it waits as long as it takes. */
  readonly timer: Disposable | undefined;
}

export interface Patience {
  /** By the clock; `Infinity`: there is no limit. */
  readonly until: number;
  readonly late: () => Outcome;
  /** One that leaves waits no longer. */
  readonly client: Client | undefined;
}

export class WaitingLine {
  readonly #clock: Clock;
  readonly #waiters = new Set<Waiter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get length(): number {
    return this.#waiters.size;
  }

  /** Resolves with an instance, or with `late` when its time has come. */
  join(wish: Wish, { until, late, client }: Patience): Promise<Outcome> {
    return new Promise((resolve) => {
      const waiter: Waiter = {
        wish,
        client,
        resolve,
        timer:
          until === Number.POSITIVE_INFINITY
            ? undefined
            : this.#clock.after(Math.max(0, until - this.#clock.now()), () => this.#leave(waiter, late())),
      };
      if (client !== undefined) client.whenLeft = () => this.#leave(waiter, { kind: 'nobody' });
      this.#waiters.add(waiter);
    });
  }

  /** Room may have come: those who have waited longest are served first. */
  serve(take: (wish: Wish) => Taken | undefined): void {
    let isFull = false;
    for (const waiter of this.#waiters) {
      // Where there is nothing for anybody, there may still be something for who wants one instance alone.
      if (isFull && waiter.wish.directed === undefined) continue;
      const taken = take(waiter.wish);
      if (taken !== undefined) this.#leave(waiter, taken);
      else if (waiter.wish.directed === undefined) isFull = true;
    }
  }

  /** For these there is nothing to wait for any more. */
  dismiss(meant: (wish: Wish) => boolean): void {
    for (const waiter of this.#waiters) if (meant(waiter.wish)) this.#leave(waiter, { kind: 'nobody' });
  }

  /** All of them go to wait elsewhere. */
  move(): void {
    for (const waiter of this.#waiters) this.#leave(waiter, { kind: 'moved' });
  }

  #leave(waiter: Waiter, outcome: Outcome): void {
    this.#waiters.delete(waiter);
    waiter.timer?.dispose();
    if (waiter.client !== undefined) waiter.client.whenLeft = undefined;
    waiter.resolve(outcome);
  }
}
