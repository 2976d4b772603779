/**
 * Holds a response back while it is decided whether the client is to have it, and lets it through afterwards. Whoever
 * reads it is asked to pause at once, so there is little to hold.
 */

import type { Headers } from '../../core/outside.ts';
import type { ResponseRead } from './head-reader.ts';

/** What is told of a response after its head. */
export interface Continuation {
  responsePiece(piece: Buffer): void;
  responseTurn(): void;
  responseOver(trailers: Headers): void;
  broke(): void;
}

export class HeldResponse {
  readonly head: ResponseRead;
  readonly #pieces: Buffer[] = [];
  #trailers: Headers | undefined;
  #isBroken = false;

  constructor(head: ResponseRead) {
    this.head = head;
  }

  add(piece: Buffer): void {
    // A copy, for the memory of what was read is read into again.
    this.#pieces.push(Buffer.from(piece));
  }

  end(trailers: Headers): void {
    this.#trailers = trailers;
  }

  break(): void {
    this.#isBroken = true;
  }

  /** Tells all that has come of it after its head. */
  goOn(to: Continuation): void {
    for (const piece of this.#pieces) to.responsePiece(piece);
    if (this.#trailers !== undefined) to.responseOver(this.#trailers);
    else if (this.#isBroken) to.broke();
    else to.responseTurn();
  }
}
