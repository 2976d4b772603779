/** What is kept of a tool that may print without end: its beginning, where the first error is, and its end. */

const keptLines = 2_500;
/** Lines can be long. */
const keptChars = 1024 * 1024;

export class KeptLines {
  readonly #head: string[] = [];
  #tail: string[] = [];
  #headChars = 0;
  #tailChars = 0;

  push(line: string): void {
    // Once something has gone into the end, the beginning is over.
    const isHead =
      this.#tail.length === 0 && this.#head.length < keptLines && this.#headChars + line.length <= keptChars;
    if (isHead) {
      this.#head.push(line);
      this.#headChars += line.length;
      return;
    }
    this.#tail.push(line);
    this.#tailChars += line.length;
    // Cut seldom, so that a flood is not copied over and over.
    if (this.#tail.length > 2 * keptLines || this.#tailChars > 2 * keptChars) this.#cut();
  }

  get all(): readonly string[] {
    return [...this.#head, ...this.#tail];
  }

  /** At most so many. */
  last(lines: number): readonly string[] {
    return this.all.slice(-lines);
  }

  #cut(): void {
    let from = this.#tail.length;
    let chars = 0;
    while (from > 0 && this.#tail.length - from < keptLines) {
      chars += this.#tail[from - 1]?.length ?? 0;
      if (chars > keptChars) break;
      from -= 1;
    }
    this.#tail = this.#tail.slice(from);
    this.#tailChars = this.#tail.reduce((sum, { length }) => sum + length, 0);
  }
}
