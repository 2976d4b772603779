/** Counts the orders that came, so that whoever waits for the end of one order learns of the next. */

export class OrderCount {
  #count = 0;
  readonly #waiters = new Set<() => void>();

  get count(): number {
    return this.#count;
  }

  /** A new order takes the place of whatever was awaited. */
  next(): number {
    this.#count += 1;
    this.wake();
    return this.#count;
  }

  /** Whoever waits is to look again. */
  wake(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }

  /** Resolves once it is so, or when the order does not stand any more. */
  async until(isSo: () => boolean, stands: () => boolean): Promise<void> {
    while (!isSo() && stands()) {
      await new Promise<void>((resolve) => {
        const waiter = (): void => {
          this.#waiters.delete(waiter);
          resolve();
        };
        this.#waiters.add(waiter);
      });
    }
  }
}
