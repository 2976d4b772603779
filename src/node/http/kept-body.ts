/** A request's body as it went to one instance, kept for another one, in bounded memory. */

import type { Headers } from '../../core/outside.ts';

export class KeptBody {
  readonly #most: number;
  #pieces: Buffer[] = [];
  #length = 0;
  #isWhole = true;
  /** Those of a body that is over; before, undefined. */
  trailers: Headers | undefined;

  /** `most`: so many bytes are kept at most. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Nothing of what has come so far is missing. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  get pieces(): readonly Buffer[] {
    return this.#pieces;
  }

  /** `mustKeep`: nobody else has the piece, so that it is kept whatever there is already. */
  add(piece: Buffer, mustKeep: boolean): void {
    if (!this.#isWhole) return;
    this.#length += piece.length;
    if (this.#length > this.#most && !mustKeep) {
      this.#isWhole = false;
      this.#pieces = [];
    } else this.#pieces.push(piece);
  }
}
