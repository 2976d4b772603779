/** Remembers answers for as long as they stand. What is being learned is learned once, however many ask. */

export interface Known<T> {
  readonly value: T;
  /** Whether it is still so. Never rejects. */
  stands(): Promise<boolean>;
  /** It is no answer to keep: whoever asks next asks anew. */
  readonly isFleeting?: boolean;
}

export class Memory {
  readonly #known = new Map<string, Promise<Known<unknown>>>();

  /** A key always stands for the same question, and so for the same type of answer. */
  async recall<T>(key: string, learn: () => Promise<Known<T>>): Promise<Known<T>> {
    const known = this.#known.get(key);
    if (known !== undefined) return (await known) as Known<T>;
    const learning = learn();
    this.#known.set(key, learning);
    const forget = (): void => {
      if (this.#known.get(key) === learning) this.#known.delete(key);
    };
    // What could not be learned is asked anew.
    learning.then(({ isFleeting }) => {
      if (isFleeting === true) forget();
    }, forget);
    return learning;
  }

  /** Forgets what does not stand any more. */
  async review(): Promise<void> {
    await Promise.all(
      [...this.#known].map(async ([key, learning]) => {
        const known = await learning;
        if (!(await known.stands()) && this.#known.get(key) === learning) this.#known.delete(key);
      }),
    );
  }

  clear(): void {
    this.#known.clear();
  }
}
