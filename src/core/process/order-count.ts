/** Counts what a person has ordered, so that whoever waits for the end of one order learns of the next. */

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

  /** Resolves once it is so, or when another order has come. */
  async until(isSo: () => boolean, order: number): Promise<void> {
    while (!isSo() && this.#count === order) {
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
