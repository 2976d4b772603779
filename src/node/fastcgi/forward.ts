/**
 * Carries one request to a FastCGI program and has its answer carried back as an HTTP response.
 *
 * Nothing is collected but a body whose length nobody told (see `spool.ts`). When one side goes away, the other one is
 * told.
 */

import type { Readable } from 'node:stream';
import type { Answer, FastCgiRequest } from '../../core/outside.ts';
import { answer } from '../../core/proxy/answers.ts';
import { sendAnswer } from '../http/answer.ts';
import { wordsOf } from '../http/failure.ts';
import type { Carrier } from '../http/sides.ts';
import { BodyStream } from './body-stream.ts';
import { Carriage, type FastCgiForwarding } from './carriage.ts';
import { type Spooled, spool } from './spool.ts';

export function forwardFastCgi(forwarding: FastCgiForwarding): Carrier {
  return new Course(forwarding);
}

/** One request on its way: first its body, where its length has to be found out, then the exchange with the program. */
class Course implements Carrier {
  readonly #forwarding: FastCgiForwarding;
  #body: BodyStream | undefined;
  #spooled: Spooled | undefined;
  #carriage: Carriage | undefined;
  #isOver = false;

  constructor(forwarding: FastCgiForwarding) {
    this.#forwarding = forwarding;
    const { client, fastcgi } = forwarding;
    if (client.bodyLength === 0) {
      this.#send(fastcgi.params, undefined, true);
      return;
    }
    this.#body = new BodyStream(client, this);
    if (fastcgi.params.some(([name]) => name === 'CONTENT_LENGTH'))
      this.#send(fastcgi.params, this.#body, false);
    else void this.#collect(this.#body);
  }

  /** A body without a length, which is only known at its end: nobody is asked to take it before. */
  async #collect(stream: BodyStream): Promise<void> {
    const { client, fastcgi, limits } = this.#forwarding;
    try {
      if (client.expects) {
        client.inform(100, 'Continue', []);
        client.flush();
      }
      const body = await spool(stream, { memory: limits.spoolMemory, total: limits.spool });
      if (body === undefined) {
        sendAnswer(client, tooLarge(limits.spool));
      } else if (this.#isOver) {
        await body.drop();
      } else {
        this.#spooled = body;
        this.#send([...fastcgi.params, ['CONTENT_LENGTH', String(body.length)] as const], body.read(), true);
      }
    } catch (error) {
      // Mostly the client has left in the middle of its body, and nobody is there to be told.
      if (!this.#isOver) {
        sendAnswer(client, answer(500, { text: `The body cannot be kept: ${wordsOf(error)}\n` }));
      }
    }
  }

  /** `isThere`: all of the body has come already. */
  #send(params: FastCgiRequest['params'], body: Readable | undefined, isThere: boolean): void {
    this.#carriage = new Carriage(this.#forwarding, params, () => this.#end());
    this.#carriage.begin(body);
    if (isThere) this.#carriage.requestIsOver();
  }

  requestPiece(piece: Buffer): void {
    this.#body?.add(piece);
  }

  requestTurn(): void {
    // Each piece goes on by itself.
  }

  requestOver(): void {
    this.#body?.finish();
    this.#carriage?.requestIsOver();
  }

  clientTakesMore(): void {
    this.#carriage?.clientTakesMore();
  }

  clientLeft(): void {
    this.#body?.breakOff();
    this.#carriage?.giveUp();
    this.#end();
  }

  #end(): void {
    this.#isOver = true;
    const spooled = this.#spooled;
    this.#spooled = undefined;
    if (spooled !== undefined) void drop(spooled);
  }
}

/** The request is long over by then, and a file that stays behind in the folder for such is the system's to clear. */
async function drop(body: Spooled): Promise<void> {
  await body.drop().catch(() => undefined);
}

function tooLarge(limit: number): Answer {
  const text = `A body whose length is not told ahead may be ${limit} bytes long here, and this one is longer.\n`;
  return answer(413, { text }, [['Connection', 'close']]);
}
