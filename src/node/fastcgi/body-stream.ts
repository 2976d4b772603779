/** A request's body as a stream, for whoever wants to read it at leisure. */

import { Readable } from 'node:stream';
import type { Carrier, ClientSide } from '../http/sides.ts';

export class BodyStream extends Readable {
  readonly #client: ClientSide;
  readonly #carrier: Carrier;
  #isOpen = false;

  constructor(client: ClientSide, carrier: Carrier) {
    super({ highWaterMark: 64 * 1024 });
    this.#client = client;
    this.#carrier = carrier;
    // A body that breaks off is told of by the exchange's end; here it only must not end the whole program.
    this.on('error', () => this.destroy());
  }

  override _read(): void {
    if (this.#isOpen) {
      this.#client.resumeBody();
      return;
    }
    this.#isOpen = true;
    this.#client.openBody(this.#carrier);
  }

  add(piece: Buffer): void {
    if (!this.push(piece)) this.#client.pauseBody();
  }

  finish(): void {
    this.push(null);
  }

  breakOff(): void {
    this.destroy(new Error('the body broke off'));
  }
}
