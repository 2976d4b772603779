/**
 * Takes terminal control sequences out of a stream of bytes (spec 6.9, SV-56): from ESC `[` up to its last letter.
 *
 * A sequence may be spread over chunks in any way. What a person reads is cleaned elsewhere, as text: see `ansi.ts`.
 */

const escape = 0x1b;
const bracket = 0x5b;
const terminators = new Set(new TextEncoder().encode('HfABCDRsuJKhlpm'));

export class AnsiStripper {
  /** Where the last chunk ended: in text, after an ESC that may begin a sequence, or within one. */
  #within: 'text' | 'escape' | 'sequence' = 'text';

  /** What is left of a chunk. Gives the chunk itself back when there is nothing to take out. */
  push(bytes: Uint8Array): Uint8Array {
    if (this.#within === 'text' && !bytes.includes(escape)) return bytes;
    // One more than the chunk: an ESC held back from the chunk before may turn out to be text.
    const kept = new Uint8Array(bytes.length + 1);
    let length = 0;
    const keep = (byte: number): void => {
      kept[length] = byte;
      length += 1;
    };
    for (const byte of bytes) {
      if (this.#within === 'sequence') {
        if (terminators.has(byte)) this.#within = 'text';
        continue;
      }
      if (this.#within === 'escape') {
        this.#within = byte === bracket ? 'sequence' : 'text';
        if (byte === bracket) continue;
        keep(escape);
      }
      if (byte === escape) this.#within = 'escape';
      else keep(byte);
    }
    return kept.subarray(0, length);
  }

  /** The stream has ended: an ESC that began nothing is text. */
  end(): Uint8Array {
    const left = this.#within === 'escape' ? Uint8Array.of(escape) : new Uint8Array();
    this.#within = 'text';
    return left;
  }
}
