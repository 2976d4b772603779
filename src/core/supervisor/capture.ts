/**
 * The capture filter: tells what a child prints for its log from what it prints for the supervisor, between two
 * tokens (spec 6.9). One for each stream whose capture size is above 0.
 */

import { beginningAtEnd, bytesOf, empty, find, joined } from './bytes.ts';

const begin = bytesOf('<!--XSUPERVISOR:BEGIN-->');
const end = bytesOf('<!--XSUPERVISOR:END-->');

/** What comes out, in order: text for the log, or all that stood between two tokens. Neither has the tokens. */
export interface Captured {
  readonly kind: 'text' | 'captured';
  readonly bytes: Uint8Array;
}

/**
 * Filters one stream. Holds at most the capture buffer and the beginning of a token.
 *
 * Mended: only what may be the beginning of a token is held back, where Supervisor holds back everything shorter
 * than a token; and when the stream ends, nothing is lost: see `end`.
 */
export class Capture {
  readonly #maxBytes: number;
  #capturing = false;
  #held: Uint8Array = empty;
  #buffer: Uint8Array = empty;

  /** @param maxBytes size of the capture buffer, above 0. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(bytes: Uint8Array): readonly Captured[] {
    const out: Captured[] = [];
    let rest = joined(this.#held, bytes);
    this.#held = empty;
    while (rest.length > 0) {
      const token = this.#capturing ? end : begin;
      const at = find(rest, token);
      if (at === -1) {
        const held = beginningAtEnd(rest, token);
        this.#pass(rest.subarray(0, rest.length - held), out);
        // A copy: a few bytes must not keep a whole chunk alive.
        this.#held = rest.slice(rest.length - held);
        break;
      }
      this.#pass(rest.subarray(0, at), out);
      this.#toggle(out);
      rest = rest.subarray(at + token.length);
    }
    return out;
  }

  /** The stream has ended: what is held, and a capture that nobody ended, are text after all. */
  end(): readonly Captured[] {
    const bytes = joined(this.#buffer, this.#held);
    this.#buffer = empty;
    this.#held = empty;
    this.#capturing = false;
    return bytes.length === 0 ? [] : [{ kind: 'text', bytes }];
  }

  #pass(bytes: Uint8Array, out: Captured[]): void {
    if (bytes.length === 0) return;
    if (!this.#capturing) {
      out.push({ kind: 'text', bytes });
      return;
    }
    // As many leading bytes go as arrive, so that one oversized write is kept whole (SV-59).
    const overflows = this.#buffer.length + bytes.length > this.#maxBytes;
    const kept = overflows ? this.#buffer.subarray(bytes.length) : this.#buffer;
    this.#buffer = joined(kept, bytes.slice());
  }

  #toggle(out: Captured[]): void {
    if (this.#capturing) out.push({ kind: 'captured', bytes: this.#buffer });
    this.#buffer = empty;
    this.#capturing = !this.#capturing;
  }
}
