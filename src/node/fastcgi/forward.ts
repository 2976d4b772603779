/**
 * Carries one request to a FastCGI program and has its answer carried back as an HTTP response.
 *
 * Nothing is collected but a body whose length nobody told (see `spool.ts`). When one side goes away, the other one is
 * told. The variables come with the decision; what the head becomes is decided in `core/proxy/headers.ts`.
 */

import type { Readable } from 'node:stream';
import { LineSplitter } from '../../base/line-splitter.ts';
import type { Answer, FastCgiRequest, Forward, UpstreamFailure } from '../../core/outside.ts';
import { answer } from '../../core/proxy/answers.ts';
import { type CgiHead, CgiHeadReader } from '../../core/proxy/cgi-answer.ts';
import type { FromProgram } from '../../core/proxy/fastcgi-records.ts';
import { towardsClient } from '../../core/proxy/headers.ts';
import { headerOf } from '../../core/proxy/target.ts';
import { sendAnswer } from '../http/answer.ts';
import { failureOf, wordsOf } from '../http/failure.ts';
import type { Limits } from '../http/limits.ts';
import type { Carrier, ClientSide } from '../http/sides.ts';
import { BodyStream } from './body-stream.ts';
import { FastCgiConnection } from './connection.ts';
import { type Spooled, spool } from './spool.ts';

export interface FastCgiForwarding {
  readonly client: ClientSide;
  readonly decision: Forward;
  readonly fastcgi: FastCgiRequest;
  readonly limits: Limits;
}

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
      this.#send(fastcgi.params, undefined);
      return;
    }
    this.#body = new BodyStream(client, this);
    if (fastcgi.params.some(([name]) => name === 'CONTENT_LENGTH')) this.#send(fastcgi.params, this.#body);
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
        this.#send([...fastcgi.params, ['CONTENT_LENGTH', String(body.length)] as const], body.read());
      }
    } catch (error) {
      // Mostly the client has left in the middle of its body, and nobody is there to be told.
      if (!this.#isOver) {
        sendAnswer(client, answer(500, { text: `The body cannot be kept: ${wordsOf(error)}\n` }));
      }
    }
  }

  #send(params: FastCgiRequest['params'], body: Readable | undefined): void {
    this.#carriage = new Carriage(this.#forwarding, params, () => this.#end());
    this.#carriage.begin(body);
  }

  requestPiece(piece: Buffer): void {
    this.#body?.add(piece);
  }

  requestTurn(): void {
    // Each piece goes on by itself.
  }

  requestOver(): void {
    this.#body?.finish();
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

/** What a program may say on its error stream about one request, in bytes. */
const mostWords = 64 * 1024;

class Carriage {
  readonly #forwarding: FastCgiForwarding;
  readonly #params: FastCgiRequest['params'];
  readonly #head: CgiHeadReader;
  readonly #errors = new LineSplitter(16 * 1024);
  #connection: FastCgiConnection | undefined;
  #words = 0;
  /** The response's head has been written. */
  #answered = false;
  /** Answered to its end, failed or given up: nothing more is to come of it. */
  #settled = false;
  /** What the body may still be long; undefined: nobody said. */
  #left: number | undefined;

  readonly #over: () => void;

  /** `over`: told once, when nothing more is to come of it. */
  constructor(forwarding: FastCgiForwarding, params: FastCgiRequest['params'], over: () => void) {
    this.#forwarding = forwarding;
    this.#params = params;
    this.#over = over;
    this.#head = new CgiHeadReader(forwarding.limits.head);
  }

  begin(body: Readable | undefined): void {
    const { client, fastcgi } = this.#forwarding;
    const connection = new FastCgiConnection(
      { at: fastcgi.at, params: this.#params },
      {
        connected: () => {
          if (client.expects) {
            client.inform(100, 'Continue', []);
            client.flush();
          }
          connection.send(body);
        },
        said: (what) => this.#hear(what),
        lost: (error) => this.#lost(error),
      },
    );
    this.#connection = connection;
  }

  clientTakesMore(): void {
    this.#connection?.resume();
  }

  /** Nobody waits for the answer any more. */
  giveUp(): void {
    this.#settled = true;
    this.#connection?.abort();
  }

  #hear(what: readonly FromProgram[]): void {
    for (const each of what) {
      if (this.#settled) return;
      if (each.kind === 'stdout') this.#hearOutput(each.bytes);
      else if (each.kind === 'stderr') this.#hearErrors(each.bytes);
      else if (each.kind === 'end') this.#end(each);
      else this.#break(each.reason);
    }
    if (this.#answered && !this.#settled && !this.#forwarding.client.flush()) this.#connection?.pause();
  }

  #hearOutput(bytes: Uint8Array): void {
    if (this.#answered) {
      this.#pass(bytes);
      return;
    }
    const read = this.#head.read(bytes);
    if (read === undefined) return;
    if (read.kind === 'bad') {
      this.#break(read.reason);
      return;
    }
    this.#respond(read.head);
    this.#pass(read.rest);
  }

  #respond({ status, reason, headers, length }: CgiHead): void {
    const { client } = this.#forwarding;
    const passed = towardsClient({ status, headers }, client.exchange.head);
    // A status without a body has none whatever the program says, and its length means nothing.
    const empty = status === 204 || status === 304;
    const told = empty ? undefined : length;
    client.exchange.answered(status);
    client.respond({
      status,
      reason,
      headers: told === undefined ? passed : [...passed, ['Content-Length', String(told)]],
      body: told ?? 'chunked',
      hasDate: headerOf(passed, 'date') !== undefined,
    });
    this.#answered = true;
    this.#left = empty ? 0 : length;
  }

  /**
   * A piece of the body. What is beyond the length that was told is left out: on the client's connection it would be
   * taken for the next response.
   */
  #pass(bytes: Uint8Array): void {
    if (this.#settled) return;
    const piece = this.#left === undefined ? bytes : bytes.subarray(0, this.#left);
    if (piece.length === 0) return;
    if (this.#left !== undefined) this.#left -= piece.length;
    this.#forwarding.client.write(Buffer.from(piece.buffer, piece.byteOffset, piece.length));
  }

  #hearErrors(bytes: Uint8Array): void {
    const { fastcgi } = this.#forwarding;
    const before = this.#words;
    this.#words += bytes.length;
    for (const line of this.#errors.push(bytes.subarray(0, Math.max(0, mostWords - before))))
      fastcgi.said(line);
    if (before <= mostWords && this.#words > mostWords) fastcgi.said('(and more, which is left out)');
  }

  #end({ ending, status }: Extract<FromProgram, { readonly kind: 'end' }>): void {
    this.#lastErrors();
    if (this.#answered) {
      if (ending === 'complete') this.#finish();
      else this.#cutOff();
    } else if (ending === 'overloaded' || ending === 'cannot-multiplex') {
      // It says that it has done nothing with the request.
      this.#fail({ kind: 'unreachable', reason: 'it says that it has too much to do', refused: true });
    } else if (ending === 'unknown-role') {
      this.#fail({ kind: 'bad-response', reason: 'it does not answer requests (it knows no responder)' });
    } else {
      const exit = status === 0 ? '' : ` (status ${status})`;
      const what = this.#head.begun ? 'its answer ended before its header did' : 'it ended without an answer';
      this.#fail({ kind: 'bad-response', reason: what + exit });
    }
  }

  #finish(): void {
    const { client } = this.#forwarding;
    // Shorter than told: cut off as well, for a clean end would pass a part for the whole.
    if (this.#left !== undefined && this.#left > 0 && client.exchange.head.method !== 'HEAD') {
      this.#cutOff();
      return;
    }
    this.#settled = true;
    this.#connection?.close();
    client.end([]);
    this.#over();
  }

  /** What it sends is no FastCGI, or no CGI. */
  #break(reason: string): void {
    this.#connection?.close();
    if (this.#answered) this.#cutOff();
    else this.#fail({ kind: 'bad-response', reason });
  }

  #lost(error: Error | undefined): void {
    this.#lastErrors();
    if (this.#settled) return;
    if (this.#answered) this.#cutOff();
    else this.#fail(failureOf(error, this.#head.begun));
  }

  #lastErrors(): void {
    for (const line of this.#errors.end()) this.#forwarding.fastcgi.said(line);
  }

  #cutOff(): void {
    this.#settled = true;
    this.#connection?.close();
    this.#forwarding.client.abort();
    this.#over();
  }

  #fail(failure: UpstreamFailure): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#over();
    void this.#answerFor(failure);
  }

  async #answerFor(failure: UpstreamFailure): Promise<void> {
    const { client, decision } = this.#forwarding;
    sendAnswer(client, await client.exchange.failed(decision, failure));
  }
}
