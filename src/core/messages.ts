/** What a running workspace tells its readers: one stream, in which several changes of one breath are one message. */

import type { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/event.ts';
import type { Fault } from '../faults/fault.ts';
import type { Instance } from './instance.ts';
import type { EventBody, RuntimeMessage, Snapshot } from './model.ts';
import type { Clock } from './outside.ts';

export class Messages {
  readonly #clock: Clock;
  readonly #snapshot: () => Snapshot;
  readonly #messages = new Emitter<RuntimeMessage>();
  readonly #waiters = new Set<() => void>();
  #dirty = new Set<Instance>();

  constructor(clock: Clock, snapshot: () => Snapshot) {
    this.#clock = clock;
    this.#snapshot = snapshot;
  }

  /** The present first, then whatever comes. */
  subscribe(listener: (message: RuntimeMessage) => void): Disposable {
    listener({ kind: 'snapshot', snapshot: this.#snapshot() });
    return this.#messages.event(listener);
  }

  send(message: RuntimeMessage): void {
    this.#messages.fire(message);
  }

  tell(event: EventBody): void {
    const at = new Date(this.#clock.wall()).toISOString();
    this.send({ kind: 'event', event: { at, ...event } });
  }

  /** A fault, once. */
  fault(raised: Fault): void {
    const { severity: _severity, sentence: _sentence, evidenceFrom: _from, ...told } = raised;
    this.tell({ event: 'fault', ...told });
  }

  snapshot(): void {
    this.send({ kind: 'snapshot', snapshot: this.#snapshot() });
  }

  /** Something that a view of this instance shows has changed. */
  changed(instance: Instance): void {
    if (this.#dirty.size === 0) {
      queueMicrotask(() => {
        const dirty = this.#dirty;
        this.#dirty = new Set();
        for (const each of dirty) this.send({ kind: 'instance', instance: each.view() });
      });
    }
    this.#dirty.add(instance);
  }

  /** Some instance is in another state. */
  moved(): void {
    for (const wake of [...this.#waiters]) wake();
  }

  /** Resolves when some instance is in another state, or after so many milliseconds. */
  change(ms: number): Promise<void> {
    return this.#wait(ms, true);
  }

  /** Resolves after so many milliseconds. */
  pause(ms: number): Promise<void> {
    return this.#wait(ms, false);
  }

  #wait(ms: number, early: boolean): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        timer.dispose();
        this.#waiters.delete(done);
        resolve();
      };
      const timer = this.#clock.after(ms, done);
      if (early) this.#waiters.add(done);
    });
  }
}
