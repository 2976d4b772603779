/**
 * The exchange with a FastCGI program: one request, with a body that is there or comes, and the answer to it.
 *
 * The variables come with the decision; what the head becomes is decided in `core/proxy/headers.ts`.
 */

import type { Readable } from 'node:stream';
import { LineSplitter } from '../../base/line-splitter.ts';
import type { FastCgiRequest, Forward, UpstreamFailure } from '../../core/outside.ts';
import { type CgiHead, CgiHeadReader } from '../../core/proxy/cgi-answer.ts';
import type { FromProgram } from '../../core/proxy/fastcgi-records.ts';
import { towardsClient } from '../../core/proxy/headers.ts';
import { headerOf } from '../../core/proxy/target.ts';
import { sendAnswer } from '../http/answer.ts';
import { failureOf } from '../http/failure.ts';
import type { Limits } from '../http/limits.ts';
import { isEventStream, sendable } from '../http/message-head.ts';
import type { ClientSide } from '../http/sides.ts';
import { FastCgiConnection } from './connection.ts';
import { Patience } from './patience.ts';

export interface FastCgiForwarding {
  readonly client: ClientSide;
  readonly decision: Forward;
  readonly fastcgi: FastCgiRequest;
  readonly limits: Limits;
}

/** What a program may say on its error stream about one request, in bytes. */
const mostWords = 64 * 1024;

export class Carriage {
  /** Another one, once the request has gone on to somebody else. */
  #forwarding: FastCgiForwarding;
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

  #body: Readable | undefined;

  /** What has been waited for when the patience ends. */
  readonly #patience: Patience;
  #isConnected = false;
  #isRequestOver = false;
  readonly #over: () => void;

  /** `over`: told once, when nothing more is to come of it. */
  constructor(forwarding: FastCgiForwarding, params: FastCgiRequest['params'], over: () => void) {
    this.#forwarding = forwarding;
    this.#params = params;
    this.#over = over;
    this.#head = new CgiHeadReader(forwarding.limits.head);
    this.#patience = new Patience((reason) => this.#ranOut(reason));
  }

  begin(body: Readable | undefined): void {
    this.#body = body;
    const { client, fastcgi } = this.#forwarding;
    const connection = new FastCgiConnection(
      { at: fastcgi.at, params: this.#params },
      {
        connected: () => {
          this.#isConnected = true;
          this.#patience.stop();
          this.#awaitResponse();
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
    this.#patience.begin(this.#forwarding.decision.timeouts?.connectMs, 'no connection');
  }

  /** The client has sent all of its request. */
  requestIsOver(): void {
    this.#isRequestOver = true;
    this.#awaitResponse();
  }

  clientTakesMore(): void {
    this.#connection?.resume();
    this.#awaitMove();
  }

  /** Nobody waits for the answer any more. */
  giveUp(): void {
    this.#settled = true;
    this.#patience.stop();
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
    if (!this.#answered || this.#settled) return;
    if (this.#forwarding.client.flush()) {
      this.#awaitMove();
      return;
    }
    this.#connection?.pause();
    // Now it is the client that takes its time.
    this.#patience.stop();
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
    const { client, decision } = this.#forwarding;
    const { addHeaders } = decision;
    const own = towardsClient({ status, headers }, client.exchange.head);
    const passed = addHeaders === undefined ? own : [...own, ...sendable(addHeaders)];
    // A status without a body has none whatever the program says, and its length means nothing.
    const empty = status === 204 || status === 304;
    const told = empty ? undefined : length;
    client.exchange.answered(status);
    decision.answered?.(status);
    if (isEventStream(passed)) client.exchange.lasting();
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
    this.#patience.stop();
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
    this.#patience.stop();
    this.#connection?.close();
    this.#forwarding.client.abort();
    this.#over();
  }

  #fail(failure: UpstreamFailure): void {
    if (this.#settled || (!this.#isConnected && this.#goElsewhere())) return;
    this.#settled = true;
    this.#patience.stop();
    this.#over();
    void this.#answerFor(failure);
  }

  /** Nobody has seen anything of the request yet, so another instance may have it, if there is one. */
  #goElsewhere(): boolean {
    const { client, decision } = this.#forwarding;
    const next = client.exchange.elsewhere(decision);
    if (next?.fastcgi === undefined) return false;
    this.#forwarding = { ...this.#forwarding, decision: next, fastcgi: next.fastcgi };
    this.#patience.stop();
    this.begin(this.#body);
    return true;
  }

  #awaitResponse(): void {
    if (this.#isConnected && this.#isRequestOver && !this.#answered && !this.#settled)
      this.#patience.begin(this.#forwarding.decision.timeouts?.responseMs, 'no answer');
  }

  #awaitMove(): void {
    if (this.#answered && !this.#settled)
      this.#patience.begin(this.#forwarding.decision.timeouts?.silenceMs, 'nothing more');
  }

  #ranOut(reason: string): void {
    this.#connection?.close();
    if (this.#answered) this.#cutOff();
    else this.#fail({ kind: 'timed-out', reason });
  }

  async #answerFor(failure: UpstreamFailure): Promise<void> {
    const { client, decision } = this.#forwarding;
    sendAnswer(client, await client.exchange.failed(decision, failure));
  }
}
