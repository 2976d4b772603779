/**
 * Carries one request to a FastCGI program and has its answer carried back as an HTTP response.
 *
 * Nothing is collected but a body whose length nobody told (see `spool.ts`). When one side goes away, the other one is
 * told. The variables come with the decision; what the head becomes is decided in `core/proxy/headers.ts`.
 */

import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { LineSplitter } from '../../base/line-splitter.ts';
import type { Answer, FastCgiRequest, Forward, UpstreamFailure } from '../../core/outside.ts';
import { answer } from '../../core/proxy/answers.ts';
import { type CgiHead, CgiHeadReader } from '../../core/proxy/cgi-answer.ts';
import type { FromProgram } from '../../core/proxy/fastcgi-records.ts';
import { hasBody, towardsClient } from '../../core/proxy/headers.ts';
import { failureOf, wordsOf } from '../http/failure.ts';
import { flat } from '../http/head.ts';
import type { Limits } from '../http/limits.ts';
import { type ClientSide, sendAnswer } from '../http/relay.ts';
import { FastCgiConnection } from './connection.ts';
import { type Spooled, spool } from './spool.ts';

export interface FastCgiForwarding extends ClientSide {
  readonly request: IncomingMessage;
  /** The client waits for `100 Continue` before it sends its body. */
  readonly expecting: boolean;
  readonly decision: Forward;
  readonly fastcgi: FastCgiRequest;
  readonly limits: Limits;
}

export function forwardFastCgi(forwarding: FastCgiForwarding): void {
  const { exchange, request, response, fastcgi } = forwarding;
  const { headers } = exchange.head;
  if (!hasBody(headers)) {
    // A length of 0 is a body that is there and empty: for whoever looks at the stream, it has to be read to its end.
    request.resume();
    new Carriage(forwarding, fastcgi.params).begin(undefined);
  } else if (fastcgi.params.some(([name]) => name === 'CONTENT_LENGTH')) {
    new Carriage(forwarding, fastcgi.params).begin(request);
  } else {
    void collect(forwarding).catch((error: unknown) => {
      // Mostly the client has left in the middle of its body, and nobody is there to be told.
      request.resume();
      sendAnswer(
        { exchange, response },
        answer(500, { text: `The body cannot be kept: ${wordsOf(error)}\n` }),
      );
    });
  }
}

/** A body without a length, which is only known at its end: nobody is asked to take it before. */
async function collect(forwarding: FastCgiForwarding): Promise<void> {
  const { exchange, request, response, expecting, fastcgi, limits } = forwarding;
  if (expecting) response.writeContinue();
  const body = await spool(request, { memory: limits.spoolMemory, total: limits.spool });
  if (body === undefined) {
    request.resume();
    sendAnswer({ exchange, response }, tooLarge(limits.spool));
    return;
  }
  if (response.closed) {
    await body.drop();
    return;
  }
  response.once('close', () => void drop(body));
  const params = [...fastcgi.params, ['CONTENT_LENGTH', String(body.length)] as const];
  new Carriage({ ...forwarding, expecting: false }, params).begin(body.read());
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

  constructor(forwarding: FastCgiForwarding, params: FastCgiRequest['params']) {
    this.#forwarding = forwarding;
    this.#params = params;
    this.#head = new CgiHeadReader(forwarding.limits.head);
  }

  begin(body: Readable | undefined): void {
    const { response, request, fastcgi, expecting } = this.#forwarding;
    const connection = new FastCgiConnection(
      { at: fastcgi.at, params: this.#params },
      {
        connected: () => {
          if (expecting) response.writeContinue();
          connection.send(body);
        },
        said: (what) => this.#hear(what),
        lost: (error) => this.#lost(error),
      },
    );
    this.#connection = connection;
    response.on('drain', () => connection.resume());
    response.once('close', () => {
      this.#settled = true;
      connection.abort();
      request.resume();
    });
  }

  #hear(what: readonly FromProgram[]): void {
    const before = this.#answered;
    let wrote = false;
    for (const each of what) {
      if (this.#settled) return;
      if (each.kind === 'stdout') wrote = this.#hearOutput(each.bytes) || wrote;
      else if (each.kind === 'stderr') this.#hearErrors(each.bytes);
      else if (each.kind === 'end') this.#end(each);
      else this.#break(each.reason);
    }
    // A head that came alone goes out alone: a stream of events may be silent for long.
    const { response } = this.#forwarding;
    if (!before && this.#answered && !wrote && !response.writableEnded) response.flushHeaders();
  }

  /** True when something of the body went on. */
  #hearOutput(bytes: Uint8Array): boolean {
    if (this.#answered) return this.#pass(bytes);
    const read = this.#head.read(bytes);
    if (read === undefined) return false;
    if (read.kind === 'bad') {
      this.#break(read.reason);
      return false;
    }
    this.#respond(read.head);
    return this.#pass(read.rest);
  }

  #respond(head: CgiHead): void {
    const { exchange, response } = this.#forwarding;
    const { status, headers, length } = head;
    const passed = flat(towardsClient({ status, headers }, exchange.head));
    // A status without a body has none whatever the program says, and its length means nothing.
    const empty = status === 204 || status === 304;
    if (length !== undefined && !empty) passed.push('Content-Length', String(length));
    try {
      response.writeHead(status, head.reason, passed);
    } catch (error) {
      this.#break(wordsOf(error));
      return;
    }
    this.#answered = true;
    this.#left = empty ? 0 : length;
    exchange.answered(status);
  }

  /**
   * A piece of the body. What is beyond the length that was told is left out: on the client's connection it would be
   * taken for the next response.
   */
  #pass(bytes: Uint8Array): boolean {
    const { response } = this.#forwarding;
    if (this.#settled) return false;
    const piece = this.#left === undefined ? bytes : bytes.subarray(0, this.#left);
    if (piece.length === 0) return false;
    if (this.#left !== undefined) this.#left -= piece.length;
    if (!response.write(piece)) this.#connection?.pause();
    return true;
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
    const { exchange, response } = this.#forwarding;
    // Shorter than told: cut off as well, for a clean end would pass a part for the whole.
    if (this.#left !== undefined && this.#left > 0 && exchange.head.method !== 'HEAD') {
      this.#cutOff();
      return;
    }
    this.#settled = true;
    response.end();
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
    else this.#fail(failureOf(error ?? closed(), this.#head.begun));
  }

  #lastErrors(): void {
    for (const line of this.#errors.end()) this.#forwarding.fastcgi.said(line);
  }

  #cutOff(): void {
    this.#settled = true;
    this.#forwarding.response.destroy();
  }

  #fail(failure: UpstreamFailure): void {
    if (this.#settled) return;
    this.#settled = true;
    void this.#answerFor(failure);
  }

  async #answerFor(failure: UpstreamFailure): Promise<void> {
    const { exchange, decision } = this.#forwarding;
    sendAnswer(this.#forwarding, await exchange.failed(decision, failure));
  }
}

function closed(): Error {
  return Object.assign(new Error('closed'), { code: 'ECONNRESET' });
}
