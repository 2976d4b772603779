/** Signals to a supervisor, one at a time and in order; one that waits already is not queued again (SV-93). */

export class SignalQueue {
  readonly #handle: (name: string) => Promise<void> | void;
  readonly #waiting: string[] = [];
  #busy = false;

  /** `handle` never rejects. */
  constructor(handle: (name: string) => Promise<void> | void) {
    this.#handle = handle;
  }

  add(name: string): void {
    if (!this.#waiting.includes(name)) this.#waiting.push(name);
    if (!this.#busy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let name = this.#waiting.shift(); name !== undefined; name = this.#waiting.shift())
      await this.#handle(name);
    this.#busy = false;
  }
}
