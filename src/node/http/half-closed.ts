/**
 * Whether a client that has ended its side still listens.
 *
 * Its end looks the same as that of one that has left, a browser whose page was closed, which is by far the more
 * frequent: until something is written to it, and something more, nobody can tell. What is then done with it is not
 * decided here.
 */

import type { Socket } from 'node:net';
import { SlowReader } from './slow-reader.ts';

/** An end that comes so soon after a request was meant as its end; later ones tell that the client has left. */
export const onItsHeelsMs = 250;

/** A request under way, as far as it tells whether its client still wants the answer. */
export interface Wanted {
  /** Nobody has it yet. */
  readonly isUndecided: boolean;
  /** Somebody wants to be told as soon as its client leaves. */
  readonly isInLine: boolean;
  /** It has no end of its own. */
  readonly isEndless: boolean;
  readonly isBodyOver: boolean;
  /** What comes of its body is taken. */
  readonly isBodyTaken: boolean;
  /** When its last byte came; as long as that has not been seen, when it began. */
  readonly wholeAt: number;
}

/**
 * Who only ends its side does so with its request. Who has left is to be told of at once where much depends on it: a
 * place in a waiting line, and what has no end of its own.
 */
export function mayListen(request: Wanted): boolean {
  if (request.isInLine || request.isEndless) return false;
  // What nobody has taken yet may be the rest of it. While it is decided it is read all the same, and this is its end.
  if (!request.isBodyOver && !request.isUndecided) return !request.isBodyTaken;
  return performance.now() - request.wholeAt < onItsHeelsMs;
}

/** What a client takes of what is written to it. */
export class Listening {
  readonly #socket: Socket;
  readonly #reader: SlowReader;
  /** What was written when it was looked at last. */
  #written = 0;

  /** `idleMs`: how long a client may take nothing. */
  constructor(socket: Socket, idleMs: number) {
    this.#socket = socket;
    this.#reader = new SlowReader(socket, idleMs);
  }

  /** Something still waits for it; the connection ends if nothing of it goes. */
  get isBehind(): boolean {
    return this.#reader.isBehind;
  }

  /** Something was written since it was looked at last, or still is. */
  get hasMoved(): boolean {
    return this.#reader.isBehind || this.#socket.bytesWritten !== this.#written;
  }

  look(): void {
    this.#written = this.#socket.bytesWritten;
  }

  /** The connection is somebody else's. */
  forget(): void {
    this.#reader.forget();
  }
}
