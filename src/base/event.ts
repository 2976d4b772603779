/** An event is a function that takes a listener and returns a disposable. */

import { type Disposable, disposable } from './disposable.ts';

export type Event<T> = (listener: (value: T) => void) => Disposable;

/**
 * Fires values to listeners.
 *
 * Firing while firing queues, so that every listener sees the same order; one listener's throw does not
 * silence the next: it is handed to `onError`.
 */
export class Emitter<T> {
  readonly #listeners = new Set<(value: T) => void>();
  readonly #onError: (error: unknown) => void;
  readonly #queue: T[] = [];
  #firing = false;

  constructor(onError: (error: unknown) => void = rethrowLater) {
    this.#onError = onError;
  }

  readonly event: Event<T> = (listener) => {
    // A fresh closure each time: the same function may listen twice and stop listening once.
    const entry = (value: T): void => listener(value);
    this.#listeners.add(entry);
    return disposable(() => this.#listeners.delete(entry));
  };

  get listened(): boolean {
    return this.#listeners.size > 0;
  }

  fire(value: T): void {
    this.#queue.push(value);
    if (this.#firing) return;
    this.#firing = true;
    try {
      // Counted, not looked at: `undefined` is the value of an event that only says "now".
      while (this.#queue.length > 0) {
        for (const next of this.#queue.splice(0, 1)) this.#tell(next);
      }
    } finally {
      this.#firing = false;
    }
  }

  #tell(value: T): void {
    // A copy, since telling one may make another come or go.
    for (const listener of Array.from(this.#listeners)) {
      try {
        listener(value);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}

function rethrowLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
