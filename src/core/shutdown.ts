/** Counts the orders to leave (spec 1.11). Knows nothing of signals' names or of what is stopped. */

export interface ShutdownActions {
  /** The first order: stop everything in order. Called once. */
  begin(): void;
  /** The second one, from somebody who does not want to wait: kill what is left. */
  hurry(): void;
  /** The third and every later one. */
  abort(): void;
  log(level: 'info' | 'error', message: string): void;
}

export class Shutdown {
  readonly #actions: ShutdownActions;
  #orders = 0;

  constructor(actions: ShutdownActions) {
    this.#actions = actions;
  }

  /** Somebody wants us to end; set by the first signal or by `quit`, never unset. */
  get isOrdered(): boolean {
    return this.#orders > 0;
  }

  /** Only the order, without the counting (RP-45: `async_quit`). */
  quit(): void {
    if (this.#orders === 0) this.signal();
  }

  /** A termination signal has come (RP-45, RP-46). */
  signal(): void {
    this.#orders += 1;
    if (this.#orders === 1) {
      this.#actions.log('info', 'Shutting down.');
      this.#actions.begin();
    } else if (this.#orders === 2) {
      this.#actions.log('info', 'Killing what is left.');
      this.#actions.hurry();
    } else {
      this.#actions.log('error', 'Received third interrupt signal. Terminating.');
      this.#actions.abort();
    }
  }
}
