/**
 * Takes in an instance's whole answer before the client gets a word of it, and sends what is made of it: the reference
 * form (spec 2.4, 2.5). What is made of it is not known here.
 */

import type { Answer, Collect, Headers } from '../../core/outside.ts';
import { mistake } from '../../core/proxy/answers.ts';
import { sendAnswer } from './answer.ts';
import { wordsOf } from './failure.ts';
import { sendable } from './message-head.ts';
import type { ClientSide, ResponseSink, SentResponse } from './sides.ts';

export class Collector implements ResponseSink {
  readonly #client: ClientSide;
  readonly #collect: Collect;
  readonly #kept: Buffer[] = [];
  #length = 0;
  #head: SentResponse | undefined;

  readonly #addHeaders: Headers;

  constructor(client: ClientSide, collect: Collect, addHeaders: Headers = []) {
    this.#client = client;
    this.#collect = collect;
    this.#addHeaders = sendable(addHeaders);
  }

  get hasBegun(): boolean {
    return this.#client.hasBegun;
  }

  /** Hints are part of an answer that the client may never see; that it may send its body, it has to learn. */
  inform(status: number, reason: string, headers: Headers): void {
    if (status !== 100) return;
    this.#client.inform(status, reason, headers);
    this.#client.flush();
  }

  /** The headers are as the instance sent them. */
  respond(head: SentResponse): void {
    this.#head = head;
  }

  write(piece: Buffer): void {
    const room = Math.max(0, this.#collect.limit - this.#length);
    // A copy, for what was read is cut from a larger piece of memory.
    if (room > 0) this.#kept.push(Buffer.from(piece.subarray(0, room)));
    this.#length += piece.length;
  }

  flush(): boolean {
    return true;
  }

  end(): void {
    this.#finish(false);
  }

  abort(): void {
    this.#finish(true);
  }

  #finish(broken: boolean): void {
    const head = this.#head;
    if (head === undefined) return;
    this.#head = undefined;
    const { status, reason = '', headers } = head;
    const body = Buffer.concat(this.#kept);
    try {
      const made = this.#collect.finish({ status, reason, headers, body, length: this.#length, broken });
      if (made instanceof Promise) void made.then((answer) => this.#send(answer));
      else this.#send(made);
    } catch (error) {
      this.#send(mistake(wordsOf(error)));
    }
  }

  #send(answer: Answer): void {
    sendAnswer(this.#client, { ...answer, headers: [...answer.headers, ...this.#addHeaders] });
  }
}
