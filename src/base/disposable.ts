/** Things that must be let go of: listeners, timers, children. No opinion about what they are. */

export interface Disposable {
  dispose(): void;
}

/** Wraps a function as a disposable that runs it once, however often it is disposed. */
export function disposable(release: () => void): Disposable & { [Symbol.dispose](): void } {
  let done = false;
  const dispose = (): void => {
    if (done) return;
    done = true;
    release();
  };
  return { dispose, [Symbol.dispose]: dispose };
}

/** Owns many disposables; what arrives after disposal is disposed at once. Disposed in reverse order. */
export class DisposableStore implements Disposable {
  readonly #items = new Set<Disposable>();
  #disposed = false;

  add<T extends Disposable>(item: T): T {
    if (this.#disposed) item.dispose();
    else this.#items.add(item);
    return item;
  }

  dispose(): void {
    this.#disposed = true;
    const items = [...this.#items].toReversed();
    this.#items.clear();
    for (const item of items) item.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
