/** Keeps the newest bytes of a stream, as they came, in bounded memory. Nothing is looked at until somebody asks. */

const newline = 0x0a;
/** Chunks are copied together: thousands of tiny buffers cost far more than the bytes in them. */
const firstSlab = 2_048;
const largestSlab = 16_384;

export interface Chunk {
  /** Says which of two rings' chunks came first; chunks of one ring with nothing between them share it. */
  readonly order: number;
  readonly bytes: Uint8Array;
}

interface Entry {
  readonly order: number;
  bytes: Uint8Array;
}

export class ChunkRing {
  readonly #limit: number;
  #entries: Entry[] = [];
  #head = 0;
  #size = 0;
  #slab = new Uint8Array(0);
  #used = 0;
  #dropped = false;

  /** @param limit How many bytes are kept at most. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether anything has been let go, so that the first line kept may lack its beginning. */
  get dropped(): boolean {
    return this.#dropped;
  }

  /**
   * Adds bytes, and gives the copy that is kept of them: one next to the other, so that others who keep them for a
   * while can join them (`adjoin`).
   */
  push(order: number, bytes: Uint8Array): Uint8Array {
    if (bytes.length === 0) return bytes;
    const kept = this.#copy(bytes);
    const last = this.#entries.at(-1);
    const joined = last?.order === order ? adjoin(last.bytes, kept) : undefined;
    if (last !== undefined && joined !== undefined) last.bytes = joined;
    else this.#entries.push({ order, bytes: kept });
    this.#size += bytes.length;
    while (this.#size > this.#limit) this.#drop();
    return kept;
  }

  /** The chunks that hold the last `lines` lines (an unfinished one counts), oldest first, cut at a line's start. */
  last(lines: number): readonly Chunk[] {
    const out: Chunk[] = [];
    let left = lines;
    // The newline that ends the last line begins no further one.
    let skipEnd = true;
    for (let index = this.#entries.length - 1; index >= this.#head && left > 0; index -= 1) {
      const entry = this.#entries[index];
      if (entry === undefined) break;
      const { bytes } = entry;
      let start = 0;
      let from = bytes.length - 1;
      if (skipEnd && bytes[from] === newline) from -= 1;
      skipEnd = false;
      for (let at = from < 0 ? -1 : bytes.lastIndexOf(newline, from); at !== -1;) {
        left -= 1;
        if (left === 0) {
          start = at + 1;
          break;
        }
        at = at === 0 ? -1 : bytes.lastIndexOf(newline, at - 1);
      }
      if (start < bytes.length)
        out.push({ order: entry.order, bytes: start === 0 ? bytes : bytes.subarray(start) });
    }
    return out.toReversed();
  }

  #copy(bytes: Uint8Array): Uint8Array {
    if (this.#used + bytes.length > this.#slab.length) {
      this.#slab = new Uint8Array(
        Math.max(bytes.length, Math.min(largestSlab, Math.max(firstSlab, this.#slab.length * 4))),
      );
      this.#used = 0;
    }
    const start = this.#used;
    this.#slab.set(bytes, start);
    this.#used += bytes.length;
    return this.#slab.subarray(start, this.#used);
  }

  #drop(): void {
    const oldest = this.#entries[this.#head];
    if (oldest === undefined) return;
    const excess = this.#size - this.#limit;
    this.#dropped = true;
    if (excess < oldest.bytes.length && this.#head === this.#entries.length - 1) {
      // The only chunk is larger than all we keep.
      oldest.bytes = new Uint8Array(oldest.bytes.subarray(excess));
      this.#size -= excess;
      return;
    }
    this.#size -= oldest.bytes.length;
    this.#head += 1;
    if (this.#head > 64 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
  }
}

/** Both as one piece where the second follows the first in memory; nothing is copied. */
export function adjoin(first: Uint8Array, second: Uint8Array): Uint8Array | undefined {
  if (first.buffer !== second.buffer || first.byteOffset + first.length !== second.byteOffset)
    return undefined;
  return new Uint8Array(first.buffer, first.byteOffset, first.length + second.length);
}
