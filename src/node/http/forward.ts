/**
 * Carries one request to an instance and has its response carried back.
 *
 * Nothing is collected: each side is read only as fast as the other side takes it. When one side goes away, so does
 * the other. What the heads become is decided in `core/proxy/headers.ts`.
 */

import { type Agent, type ClientRequest, type IncomingMessage, request as send } from 'node:http';
import type { Socket } from 'node:net';
import type { Forward, UpstreamFailure } from '../../core/outside.ts';
import { hasBody, towardsClient, towardsInstance } from '../../core/proxy/headers.ts';
import { headerOf, listOf } from '../../core/proxy/target.ts';
import { lookupLoopback } from '../loopback.ts';
import { failureOf, wasClosed, wasRefused, wordsOf } from './failure.ts';
import { authorityOf, flat, pairs } from './head.ts';
import type { Limits } from './limits.ts';
import { type ClientSide, relay, relayEarlyHints, sendAnswer } from './relay.ts';

export interface Forwarding extends ClientSide {
  readonly request: IncomingMessage;
  /** The client waits for `100 Continue` before it sends its body. */
  readonly expecting: boolean;
  readonly decision: Forward;
  readonly pool: Agent;
  readonly limits: Limits;
}

export function forward(forwarding: Forwarding): void {
  new Attempt(forwarding, true).begin();
}

/** Methods that may be sent again when nobody knows whether they arrived (RFC 9110, 9.2.2). */
const idempotent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** Methods for which Node, handed no length, sends no body. For others it would announce an empty one in chunks. */
const bodiless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'DELETE']);

/**
 * One go at handing a request to an instance. Another one follows where nobody can have seen the request: an idle
 * connection was closed as it was taken, or the connection was refused and another instance is there.
 */
class Attempt {
  readonly #forwarding: Forwarding;
  /** Whether an open connection may be taken from the pool. */
  readonly #pooled: boolean;
  readonly #body: boolean;
  /** Answered, failed, or given up for another attempt: nothing more is to come of it. */
  #settled = false;
  #incoming: IncomingMessage | undefined;

  constructor(forwarding: Forwarding, pooled: boolean) {
    this.#forwarding = forwarding;
    this.#pooled = pooled;
    this.#body = hasBody(forwarding.exchange.head.headers);
  }

  begin(): void {
    const { exchange, decision, response } = this.#forwarding;
    let upstream: ClientRequest;
    try {
      upstream = this.#open();
    } catch (error) {
      // A target or header that Node will not send; its parser lets none in that we know of.
      this.#fail({ kind: 'unreachable', reason: wordsOf(error), refused: true });
      return;
    }
    const leave = (): void => this.#leave(upstream);
    response.once('close', leave);
    const bytesCame = countBytes(upstream);
    upstream.on('continue', () => this.#continue());
    upstream.on('information', ({ statusCode, rawHeaders }) => {
      if (statusCode === 103 && this.#forwarding.exchange.head.version !== '1.0')
        relayEarlyHints(rawHeaders, response);
    });
    upstream.on('response', (incoming) => this.#respond(incoming));
    upstream.on('upgrade', (_incoming, socket) => {
      socket.destroy();
      this.#fail({ kind: 'bad-response', reason: 'it switched protocols without being asked' });
    });
    upstream.on('error', (error) => {
      if (this.#settled || response.closed) return;
      const begun = bytesCame();
      const next = wasRefused(error) ? exchange.elsewhere(decision) : undefined;
      if (next !== undefined) {
        this.#settled = true;
        response.off('close', leave);
        new Attempt({ ...this.#forwarding, decision: next }, true).begin();
        return;
      }
      if (!this.#mayRepeat(upstream, error, begun)) {
        this.#fail(failureOf(error, begun));
        return;
      }
      this.#settled = true;
      response.off('close', leave);
      new Attempt(this.#forwarding, false).begin();
    });
    if (this.#body) whenConnected(upstream, () => this.#pump(upstream));
    else upstream.end();
  }

  #open(): ClientRequest {
    const { exchange, decision, pool, limits } = this.#forwarding;
    const { head } = exchange;
    const headers = flat(towardsInstance(head, { instance: authorityOf(decision.host, decision.port) }));
    if (!this.#body && !bodiless.has(head.method) && headerOf(head.headers, 'content-length') === undefined) {
      headers.push('Content-Length', '0');
    }
    return send({
      host: decision.host,
      port: decision.port,
      method: head.method,
      path: head.target,
      headers,
      agent: this.#pooled ? pool : false,
      lookup: lookupLoopback,
      maxHeaderSize: limits.head,
    });
  }

  /** Sends the body on as the client sends it, and the trailers after it. */
  #pump(upstream: ClientRequest): void {
    const { request } = this.#forwarding;
    request.pipe(upstream, { end: false });
    request.once('end', () => {
      if (request.rawTrailers.length > 0) upstream.addTrailers(pairs(request.rawTrailers));
      upstream.end();
    });
    // An instance may answer to the head alone, so the head does not wait for the first byte of the body.
    setImmediate(() => {
      if (!upstream.destroyed && !upstream.writableEnded) upstream.flushHeaders();
    });
  }

  #continue(): void {
    const { response, expecting } = this.#forwarding;
    if (expecting && !response.headersSent) response.writeContinue();
  }

  #respond(incoming: IncomingMessage): void {
    if (this.#settled) return;
    const { exchange, response } = this.#forwarding;
    const status = incoming.statusCode ?? 502;
    const headers = pairs(incoming.rawHeaders);
    const codings = listOf(headers, 'transfer-encoding').map((coding) => coding.toLowerCase());
    if (codings.some((coding) => coding !== 'chunked')) {
      incoming.destroy();
      this.#fail({
        kind: 'bad-response',
        reason: `its transfer coding is not understood (${codings.join(', ')})`,
      });
      return;
    }
    const passed = flat(towardsClient({ status, headers }, exchange.head));
    try {
      response.writeHead(status, incoming.statusMessage ?? '', passed);
    } catch (error) {
      // A status or a header that Node's parser took and that it will not write.
      incoming.destroy();
      this.#fail({ kind: 'bad-response', reason: wordsOf(error) });
      return;
    }
    this.#settled = true;
    this.#incoming = incoming;
    exchange.answered(status);
    relay(incoming, response);
  }

  /**
   * The response is over or the client has left: either way there is no more to say to the instance. What the client
   * still sends is taken in and dropped, so that it gets to read what we said (see `linger`).
   */
  #leave(upstream: ClientRequest): void {
    const { request } = this.#forwarding;
    request.unpipe(upstream);
    request.resume();
    const finished = this.#incoming?.complete === true && upstream.writableFinished;
    if (!finished) upstream.destroy();
  }

  /** The instance closed an idle connection just as we took it from the pool, so it cannot have seen the request. */
  #mayRepeat(upstream: ClientRequest, error: Error, begun: boolean): boolean {
    const { method } = this.#forwarding.exchange.head;
    return (
      this.#pooled &&
      upstream.reusedSocket &&
      !begun &&
      !this.#body &&
      idempotent.has(method) &&
      wasClosed(error)
    );
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

/** Bytes that were read from the client are gone, so none is read before somebody is there to take them. */
function whenConnected(upstream: ClientRequest, connected: () => void): void {
  upstream.once('socket', (socket: Socket) => {
    if (socket.connecting) socket.once('connect', connected);
    else connected();
  });
}

/** Whether any byte has come back since the request was put on its connection. */
export function countBytes(upstream: ClientRequest): () => boolean {
  let socket: Socket | undefined;
  let before = 0;
  upstream.once('socket', (assigned: Socket) => {
    socket = assigned;
    before = assigned.bytesRead;
  });
  return () => socket !== undefined && socket.bytesRead > before;
}
