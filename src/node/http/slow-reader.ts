/** Tells a client that takes its time with what was sent from one that takes nothing. */

import type { Socket } from 'node:net';

export class SlowReader {
  readonly #socket: Socket;
  readonly #ms: number;
  #isWatched = false;

  /** `ms`: how long a client may take nothing. */
  constructor(socket: Socket, ms: number) {
    this.#socket = socket;
    this.#ms = ms;
  }

  /**
   * True: something still waits for the client, and from now on the connection ends if nothing of it goes.
   *
   * How much of one long piece is gone, only the socket's own clock knows: it goes on while bytes move.
   */
  get isBehind(): boolean {
    const socket = this.#socket;
    const isBehind = socket.writableLength > 0;
    if (isBehind && !this.#isWatched) {
      this.#isWatched = true;
      socket.setTimeout(this.#ms);
      socket.once('timeout', () => socket.destroy());
    } else if (!isBehind) this.forget();
    return isBehind;
  }

  forget(): void {
    if (!this.#isWatched) return;
    this.#isWatched = false;
    this.#socket.setTimeout(0);
    this.#socket.removeAllListeners('timeout');
  }
}
