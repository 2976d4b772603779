/**
 * What is to be written to a socket, gathered until the event at hand is dealt with.
 *
 * A head and the first piece of its body are mostly known in the same event. In one write they cost one call of the
 * system and one packet.
 */

import type { Socket } from 'node:net';

/** Up to so many bytes, copying them into one piece costs less than handing them over piece by piece. */
const worthJoining = 16 * 1024;

export class Output {
  readonly #socket: Socket;
  #pieces: (string | Buffer)[] = [];
  #length = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Adds bytes, or a text of one character a byte. They must not change any more. */
  add(piece: string | Buffer): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  /** Pieces that were added are still waiting, here or in the socket. */
  get holdsPieces(): boolean {
    return this.#length > 0 || this.#socket.writableLength > 0;
  }

  get takesMore(): boolean {
    return takesMore(this.#socket);
  }

  /** Writes what there is. True: the socket takes more. */
  flush(): boolean {
    const pieces = this.#pieces;
    const socket = this.#socket;
    const [first] = pieces;
    if (first === undefined) return takesMore(socket);
    const length = this.#length;
    this.#pieces = [];
    this.#length = 0;
    if (!socket.writable) return true;
    if (pieces.length === 1) write(socket, first);
    else if (length <= worthJoining) socket.write(join(pieces, length));
    else {
      socket.cork();
      for (const piece of pieces) write(socket, piece);
      socket.uncork();
    }
    return takesMore(socket);
  }
}

/** What the system took at once is gone, however much it was. */
function takesMore(socket: Socket): boolean {
  return socket.writableLength === 0 || !socket.writableNeedDrain;
}

function write(socket: Socket, piece: string | Buffer): void {
  if (typeof piece === 'string') socket.write(piece, 'latin1');
  else socket.write(piece);
}

function join(pieces: readonly (string | Buffer)[], length: number): Buffer {
  const joined = Buffer.allocUnsafe(length);
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece === 'string') joined.write(piece, at, 'latin1');
    else joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
