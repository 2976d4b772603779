/** Who is followed: the instances whose lines a reader of the stream gets. */

import type { Disposable } from '../base/disposable.ts';
import type { LogBatch } from './model.ts';
import type { Clock } from './outside.ts';
import type { Roster } from './roster.ts';

export class Following {
  readonly #clock: Clock;
  readonly #roster: Roster;
  readonly #deliver: (batch: LogBatch) => void;
  readonly #followed = new Map<string, Disposable>();

  constructor(clock: Clock, roster: Roster, deliver: (batch: LogBatch) => void) {
    this.#clock = clock;
    this.#roster = roster;
    this.#deliver = deliver;
  }

  /** The last lines; from now on others are delivered in batches. Following twice is following once. */
  follow(name: string, lines: number): LogBatch {
    const instance = this.#roster.instance(name);
    const tail = instance.log.tail(lines);
    if (!this.#followed.has(name))
      this.#followed.set(
        name,
        instance.log.follow(this.#clock, (batch) => this.#deliver(batch)),
      );
    return { instance: name, lines: tail, skipped: 0 };
  }

  unfollow(name: string): void {
    this.#followed.get(name)?.dispose();
    this.#followed.delete(name);
  }

  dispose(): void {
    for (const name of [...this.#followed.keys()]) this.unfollow(name);
  }
}
