/**
 * Carries one request to an instance and has its response carried back.
 *
 * Nothing is collected: each side is read only as fast as the other side takes it. When one side goes away, so does
 * the other. What the heads become is decided in `core/proxy/headers.ts`.
 */

import type { Socket } from 'node:net';
import type { Answer, Forward, Headers, UpstreamFailure } from '../../core/outside.ts';
import { towardsClient, trailersOnly } from '../../core/proxy/headers.ts';
import { sendAnswer } from './answer.ts';
import { Collector } from './collector.ts';
import type { Exchange, Verdict } from './exchange.ts';
import { failureOf, wasClosed } from './failure.ts';
import type { ResponseRead } from './head-reader.ts';
import { type Continuation, HeldResponse } from './held-response.ts';
import type { InstanceConnection, Loss, Receiver } from './instance-connection.ts';
import { KeptBody } from './kept-body.ts';
import { chunkHead, isEventStream, lastChunk, sendable } from './message-head.ts';
import type { Pool } from './pool.ts';
import { protocolsOf, requestText, unsendableHead } from './request-head.ts';
import type { Carrier, ClientSide, ResponseSink } from './sides.ts';
import { within } from './sweep.ts';
import { join } from './upgrade.ts';

export function forward(client: ClientSide, decision: Forward, pool: Pool): Carrier {
  const forwarding = new Forwarding(client, decision, pool);
  forwarding.begin(decision.ownConnection !== true);
  return forwarding;
}

/** Methods that may be sent again when nobody knows whether they arrived (RFC 9110, 9.2.2). */
const idempotent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/**
 * One request on its way. It is sent again where nobody can have seen it: an idle connection was closed as it was
 * taken, or there was no connection at all and another instance is there. And where its decision says so, by the status
 * of an answer that nobody has seen yet.
 */
class Forwarding implements Carrier, Receiver, Continuation {
  readonly #client: ClientSide;
  readonly #exchange: Exchange;
  readonly #pool: Pool;
  readonly #hasBody: boolean;
  readonly #kept: KeptBody | undefined;
  #decision: Forward;
  /** Where the response goes: to the client, unless it is collected first. */
  #sink: ResponseSink;
  #connection: InstanceConnection | undefined;
  /** The same, once it is connected and has been sent what was sent before. */
  #outlet: InstanceConnection | undefined;
  /** The head of the final response has come. */
  #isAnswered = false;
  /** A response of which it is not decided yet whether the client gets it. */
  #held: HeldResponse | undefined;
  /** It was sent once more because nobody knows whether it had arrived: never a third time, to whomever. */
  #isRepeated = false;
  /** What `ranOut` is to say. */
  #waitsFor = '';

  constructor(client: ClientSide, decision: Forward, pool: Pool) {
    this.#client = client;
    this.#exchange = client.exchange;
    this.#decision = decision;
    this.#sink = client;
    this.#pool = pool;
    this.#hasBody = client.bodyLength !== 0;
    const { keepBody } = decision;
    this.#kept = this.#hasBody && keepBody !== undefined ? new KeptBody(keepBody) : undefined;
  }

  /** `mayReuse`: a connection that is open already may be taken. */
  begin(mayReuse: boolean): void {
    const decision = this.#decision;
    const { host, port, timeouts, send, collect, addHeaders } = decision;
    const wrong = send === undefined ? undefined : unsendableHead(send);
    if (wrong !== undefined) {
      this.#fail({ kind: 'unreachable', reason: wrong, refused: true });
      return;
    }
    if (collect !== undefined) this.#sink = new Collector(this.#client, collect, addHeaders);
    const { head } = this.#exchange;
    const upgrade = protocolsOf(head, decision);
    const connection =
      mayReuse && upgrade.length === 0
        ? this.#pool.take(host, port)
        : this.#pool.open(host, port, upgrade.length > 0);
    this.#connection = connection;
    this.#outlet = undefined;
    const isOnly = decision.ownConnection === true;
    connection.begin(this, { method: send?.method ?? head.method, upgrade, isOnly });
    connection.send(requestText({ head, decision, bodyLength: this.#client.bodyLength }));
    if (!this.#hasBody) connection.requestIsOver = true;
    if (connection.isConnected) this.#sendOff(connection);
    else if (timeouts !== undefined)
      this.#await(`no connection within ${timeouts.connectMs} ms`, timeouts.connectMs);
  }

  #letGo(): void {
    this.#connection = undefined;
    this.#outlet = undefined;
  }

  connected(): void {
    if (this.#connection !== undefined) this.#sendOff(this.#connection);
  }

  /** Bytes that were read from the client are gone, so none is read before somebody is there to take them. */
  #sendOff(connection: InstanceConnection): void {
    if (this.#hasBody) {
      connection.dueAt = Number.POSITIVE_INFINITY;
      if (this.#kept !== undefined) this.#repeatBody(connection, this.#kept);
      this.#outlet = connection;
      this.#client.openBody(this);
    } else this.#awaitResponse();
    // An instance may answer to the head alone, so the head does not wait for the first byte of the body.
    if (connection === this.#connection) connection.flush();
  }

  // ------------------------------------------------------------------------------------------- from the client

  requestPiece(piece: Buffer): void {
    const outlet = this.#outlet;
    this.#kept?.add(piece, outlet === undefined);
    if (outlet !== undefined) this.#sendPiece(outlet, piece);
  }

  #sendPiece(connection: InstanceConnection, piece: Buffer): void {
    if (this.#client.bodyLength !== 'chunked') {
      connection.send(piece);
      return;
    }
    connection.send(chunkHead(piece.length));
    connection.send(piece);
    connection.send('\r\n');
  }

  requestTurn(): void {
    if (this.#outlet?.flush() === true) return;
    this.#client.pauseBody();
    this.#awaitMove();
  }

  requestOver(trailers: Headers): void {
    const outlet = this.#outlet;
    if (this.#kept !== undefined) this.#kept.trailers = trailers;
    if (outlet === undefined) return;
    this.#endBody(outlet, trailers);
    outlet.flush();
    if (!this.#isAnswered && this.#held === undefined) this.#awaitResponse();
  }

  #endBody(connection: InstanceConnection, trailers: Headers): void {
    if (this.#client.bodyLength === 'chunked') connection.send(lastChunk(trailersOnly(trailers)));
    connection.requestIsOver = true;
  }

  /** What another instance has been sent already; at first that is nothing. */
  #repeatBody(connection: InstanceConnection, { pieces, trailers }: KeptBody): void {
    for (const piece of pieces) this.#sendPiece(connection, piece);
    if (trailers === undefined) return;
    this.#endBody(connection, trailers);
    this.#awaitResponse();
  }

  clientTakesMore(): void {
    if (this.#held !== undefined) return;
    this.#connection?.resume();
    this.#awaitMove();
  }

  clientLeft(): void {
    this.#connection?.destroy();
    this.#letGo();
  }

  // ----------------------------------------------------------------------------------------- from the instance

  instanceTakesMore(): void {
    const connection = this.#connection;
    // What it takes may be the last of the request, and then it is the answer that is waited for.
    if (connection?.requestIsOver === false) connection.dueAt = Number.POSITIVE_INFINITY;
    this.#client.resumeBody();
  }

  informed({ status, reason, headers }: ResponseRead): void {
    if (status === 100 && !this.#client.expects) return;
    this.#sink.inform(status, reason, towardsClient({ status, headers }, this.#exchange.head));
  }

  responded(read: ResponseRead): void {
    const decision = this.#decision;
    if (decision.again !== undefined && (this.#kept?.isWhole ?? !this.#hasBody)) {
      const verdict = this.#exchange.again(decision, read.status);
      if (verdict instanceof Promise) {
        this.#hold(new HeldResponse(read), verdict);
        return;
      }
      if (verdict !== undefined) {
        this.#obey(verdict);
        return;
      }
    }
    this.#pass(read);
  }

  #pass(read: ResponseRead): void {
    const { status, reason, hasDate, body } = read;
    const exchange = this.#exchange;
    const { addHeaders, collect } = this.#decision;
    this.#isAnswered = true;
    this.#decision.answered?.(status);
    if (collect === undefined) {
      const passed = towardsClient({ status, headers: read.headers }, exchange.head);
      const headers = addHeaders === undefined ? passed : [...passed, ...sendable(addHeaders)];
      exchange.answered(status);
      if (isEventStream(headers)) exchange.lasting();
      this.#sink.respond({ status, reason, headers, body, hasDate });
    } else this.#sink.respond({ status, reason, headers: read.headers, body, hasDate });
    this.#awaitMove();
  }

  /** Nothing more is read of the response until it is decided whose it is. */
  #hold(held: HeldResponse, verdict: Promise<Verdict>): void {
    this.#held = held;
    if (this.#connection !== undefined) this.#connection.dueAt = Number.POSITIVE_INFINITY;
    this.#connection?.pause();
    void verdict.then((decided) => {
      this.#held = undefined;
      // The client may have left meanwhile.
      if (this.#exchange.over) {
        if (decided !== undefined && 'kind' in decided) this.#exchange.handOn(decided);
      } else if (decided === undefined) {
        this.#connection?.resume();
        this.#pass(held.head);
        held.goOn(this);
      } else this.#obey(decided);
    });
  }

  #obey(verdict: Forward | Answer): void {
    this.#connection?.abandon();
    this.#letGo();
    if ('kind' in verdict) {
      this.#exchange.handOn(verdict);
      this.#decision = verdict;
      this.begin(verdict.ownConnection !== true);
    } else {
      this.#isAnswered = true;
      sendAnswer(this.#client, verdict);
    }
  }

  get holdsPieces(): boolean {
    return this.#client.holdsPieces;
  }

  responsePiece(piece: Buffer): void {
    if (this.#held === undefined) this.#sink.write(piece);
    else this.#held.add(piece);
  }

  responseTurn(): void {
    if (this.#held !== undefined) return;
    if (this.#sink.flush()) {
      if (this.#isAnswered) this.#awaitMove();
      return;
    }
    this.#connection?.pause();
    // Now it is the client that takes its time.
    if (this.#connection !== undefined) this.#connection.dueAt = Number.POSITIVE_INFINITY;
  }

  responseOver(trailers: Headers): void {
    this.#letGo();
    if (this.#held === undefined) this.#sink.end(trailersOnly(trailers));
    else this.#held.end(trailers);
  }

  switched({ status, reason, headers }: ResponseRead, instance: Socket, fromInstance: Buffer): void {
    this.#letGo();
    const client = this.#client;
    const exchange = this.#exchange;
    client.inform(status, reason, towardsClient({ status, headers }, exchange.head));
    client.flush();
    const { socket, early } = client.takeOver();
    exchange.answered(status);
    this.#decision.answered?.(status);
    exchange.lasting();
    exchange.report();
    socket.once('close', () => exchange.end());
    this.#pool.switched(instance);
    join({ client: socket, instance, fromClient: early, fromInstance }, this.#pool);
  }

  lost({ error, problem, hasConnected, hasBegun }: Loss): void {
    const connection = this.#connection;
    this.#letGo();
    if (this.#held !== undefined) this.#held.break();
    else if (this.#isAnswered) this.broke();
    else if (problem !== undefined) this.#fail({ kind: 'bad-response', reason: problem });
    else if (!hasConnected) this.#notReached(failureOf(error, false));
    else if (error === undefined && this.#decision.collect !== undefined) {
      // In the words of the reference, which tells its users how far it got.
      const reason = `IncompleteRead(${connection?.socket.bytesRead ?? 0} bytes read)`;
      this.#fail({ kind: 'bad-response', reason });
    } else if (hasBegun || !this.#mayRepeat(error) || !this.#repeat(connection?.isReused === true))
      this.#fail(failureOf(error, hasBegun));
  }

  /** Nobody has seen it. Who had it before may have died of it, so that a connection has to be beyond doubt now. */
  #notReached(failure: UpstreamFailure): void {
    if (!this.#goElsewhere(!this.#isRepeated)) this.#fail(failure);
  }

  /** `wasIdle`: the connection may have been closing before the request was written to it. */
  #repeat(wasIdle: boolean): boolean {
    this.#isRepeated = true;
    // What has just died may still take connections, and answers on none of them: somebody else comes first.
    if (this.#goElsewhere(false)) return true;
    if (wasIdle) this.begin(false);
    return wasIdle;
  }

  /** Another instance is asked, if there is one. */
  #goElsewhere(mayReuse: boolean): boolean {
    const next = this.#exchange.elsewhere(this.#decision);
    if (next === undefined) return false;
    this.#decision = next;
    this.begin(mayReuse && next.ownConnection !== true);
    return true;
  }

  /** The response ends before it is whole. */
  broke(): void {
    this.#sink.abort();
  }

  ranOut(): void {
    const connection = this.#connection;
    const hasConnected = connection?.isConnected === true;
    connection?.destroy();
    this.#letGo();
    const failure = { kind: 'timed-out', reason: this.#waitsFor } as const;
    if (this.#isAnswered) this.broke();
    else if (hasConnected) this.#fail(failure);
    else this.#notReached(failure);
  }

  /**
   * Nobody knows whether the instance saw the request: it had closed an idle connection just as we took it, or it died.
   * One that may be sent twice is (RFC 9110, 9.2.2): to another instance, or where there is none, and it was an idle
   * connection, over one of its own. It is so once, whatever becomes of that: a request that kills whoever has it kills
   * two at most.
   */
  #mayRepeat(error: Error | undefined): boolean {
    const { head } = this.#exchange;
    if (this.#isRepeated || this.#hasBody || head.upgrade || this.#decision.ownConnection === true)
      return false;
    return idempotent.has(head.method) && wasClosed(error);
  }

  #fail(failure: UpstreamFailure): void {
    this.#isAnswered = true;
    void this.#answerFor(failure);
  }

  async #answerFor(failure: UpstreamFailure): Promise<void> {
    sendAnswer(this.#client, await this.#exchange.failed(this.#decision, failure));
  }

  // ------------------------------------------------------------------------------------------------- the time

  #awaitResponse(): void {
    const { timeouts } = this.#decision;
    if (timeouts !== undefined)
      this.#await(`no answer within ${timeouts.responseMs} ms`, timeouts.responseMs);
  }

  #awaitMove(): void {
    const { timeouts } = this.#decision;
    if (timeouts !== undefined) this.#await(`nothing moved for ${timeouts.silenceMs} ms`, timeouts.silenceMs);
  }

  #await(words: string, ms: number): void {
    if (this.#connection === undefined) return;
    this.#waitsFor = words;
    this.#connection.dueAt = within(ms);
    if (ms > 0) this.#pool.sweep.expect(ms);
  }
}
