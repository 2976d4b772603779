/**
 * How responses stand on a client's connection, one after the other: their heads, the framing of their bodies, and
 * whether the connection goes on after them. Who answers, and what becomes of the connection, is not known here.
 */

import type { Socket } from 'node:net';
import type { Headers, RequestHead } from '../../core/outside.ts';
import { answer } from '../../core/proxy/answers.ts';
import type { Problem } from './fields.ts';
import {
  chunkHead,
  dateLine,
  type Framing,
  framingOf,
  lastChunk,
  linesOf,
  statusLine,
} from './message-head.ts';
import { Output } from './output.ts';
import type { SentResponse } from './sides.ts';

export class ResponseWriter {
  /** Another request may come after this response. */
  isLasting = true;
  /** What is written waits here until it is flushed. */
  readonly output: Output;
  readonly #keepAlive: string;
  #framing: Framing = 'none';
  #hasBegun = false;
  #mayGoOn = false;

  constructor(socket: Socket, idleMs: number) {
    this.output = new Output(socket);
    this.#keepAlive = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.ceil(idleMs / 1000)}\r\n\r\n`;
  }

  /** The next response is another one. `expects`: the client waits to be asked for the body of its request. */
  next(expects: boolean, isLasting: boolean): void {
    this.isLasting = isLasting;
    this.#mayGoOn = !expects;
    this.#framing = 'none';
    this.#hasBegun = false;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** The client does not wait to be asked for its body, or was asked. */
  get mayGoOn(): boolean {
    return this.#mayGoOn;
  }

  /** The client sees for itself when it has not got the whole of it. */
  get isFramed(): boolean {
    return this.#framing === 'length' || this.#framing === 'chunked';
  }

  inform(status: number, reason: string, headers: Headers): void {
    if (this.#hasBegun) return;
    if (status === 100) {
      // Who did not ask for it may take it for the answer.
      if (this.#mayGoOn) return;
      this.#mayGoOn = true;
    }
    this.output.add(`${statusLine(status, reason)}${linesOf(headers)}\r\n`);
  }

  respond(to: RequestHead, { status, reason, headers, body, hasDate, isLast = false }: SentResponse): void {
    this.#hasBegun = true;
    let text = statusLine(status, reason) + linesOf(headers);
    if (!hasDate) text += dateLine();
    this.#framing = framingOf(to, status, body);
    if (this.#framing === 'chunked') text += 'Transfer-Encoding: chunked\r\n';
    if (isLast || this.#framing === 'until-close') this.isLasting = false;
    this.output.add(text + (this.isLasting ? this.#keepAlive : 'Connection: close\r\n\r\n'));
  }

  write(piece: Buffer): void {
    if (this.#framing === 'none' || piece.length === 0) return;
    if (this.#framing !== 'chunked') {
      this.output.add(piece);
      return;
    }
    this.output.add(chunkHead(piece.length));
    this.output.add(piece);
    this.output.add('\r\n');
  }

  end(trailers: Headers): void {
    if (this.#framing === 'chunked') this.output.add(lastChunk(trailers));
    this.output.flush();
  }

  /** Answers what is no request. */
  refuse({ status, reason }: Problem): void {
    const { headers, body } = answer(status, { text: `${reason}\n` });
    this.output.add(
      `${statusLine(status, undefined)}${linesOf(headers)}${dateLine()}Connection: close\r\n\r\n`,
    );
    this.output.add(Buffer.from(body));
    this.output.flush();
  }
}
