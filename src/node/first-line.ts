/** Takes the first line of a stream before anybody else sees it (spec 1.3). */

const newline = 0x0a;

/** What is longer than this and has no line end is no line; it is given up as what it is. */
const firstLineLimit = 65_536;

export class FirstLine {
  readonly #resolve: (line: string) => void;
  readonly line: Promise<string>;
  #pieces: Uint8Array[] = [];
  #size = 0;
  #done = false;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.line = promise;
    this.#resolve = resolve;
  }

  /** Whether the line is known. */
  get done(): boolean {
    return this.#done;
  }

  /** What of these bytes belongs to the rest of the stream; undefined while the line is still coming. */
  take(bytes: Uint8Array): Uint8Array | undefined {
    const end = bytes.indexOf(newline) + 1;
    // Copied, since the bytes are good only for now.
    this.#pieces.push(bytes.slice(0, end === 0 ? bytes.length : end));
    this.#size += bytes.length;
    if (end > 0) {
      this.#give();
      return bytes.subarray(end);
    }
    if (this.#size <= firstLineLimit) return undefined;
    // No port is that long, so whoever reads the log shall see all of it.
    return this.#give();
  }

  /** The stream ended: what came is the line. */
  end(): void {
    this.#give();
  }

  #give(): Uint8Array {
    const all = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#done = true;
    this.#resolve(all.toString('utf8'));
    return all;
  }
}
