/**
 * Carries one request to an instance and has its response carried back.
 *
 * Nothing is collected: each side is read only as fast as the other side takes it. When one side goes away, so does
 * the other. What the heads become is decided in `core/proxy/headers.ts`.
 */

import type { Socket } from 'node:net';
import type { Forward, Headers, RequestHead, UpstreamFailure } from '../../core/outside.ts';
import { towardsClient, towardsInstance, trailersOnly } from '../../core/proxy/headers.ts';
import { listOf } from '../../core/proxy/target.ts';
import { sendAnswer } from './answer.ts';
import { failureOf, wasClosed, wasRefused } from './failure.ts';
import type { ResponseRead } from './head-reader.ts';
import type { InstanceConnection, Loss, Receiver } from './instance-connection.ts';
import { authorityOf, chunkHead, isBodiless, lastChunk, linesOf, unsendable } from './message-head.ts';
import type { Pool } from './pool.ts';
import type { Carrier, ClientSide } from './sides.ts';
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
 * taken, or the connection was refused and another instance is there.
 */
class Forwarding implements Carrier, Receiver {
  readonly #client: ClientSide;
  readonly #pool: Pool;
  readonly #hasBody: boolean;
  #decision: Forward;
  #connection: InstanceConnection | undefined;
  /** The head of the final response has come. */
  #isAnswered = false;
  /** What `ranOut` is to say. */
  #waitsFor = '';

  constructor(client: ClientSide, decision: Forward, pool: Pool) {
    this.#client = client;
    this.#decision = decision;
    this.#pool = pool;
    this.#hasBody = client.bodyLength !== 0;
  }

  /** `mayReuse`: a connection that is open already may be taken. */
  begin(mayReuse: boolean): void {
    const { host, port, timeouts, send } = this.#decision;
    const wrong = send === undefined ? undefined : unsendable(send.headers);
    if (wrong !== undefined) {
      this.#fail({ kind: 'unreachable', reason: wrong, refused: true });
      return;
    }
    const { head } = this.#client.exchange;
    const connection = mayReuse && !head.upgrade ? this.#pool.take(host, port) : this.#pool.open(host, port);
    this.#connection = connection;
    connection.begin(this, { method: send?.method ?? head.method, upgrade: protocolsOf(head) });
    connection.send(this.#head(connection));
    if (!this.#hasBody) connection.requestIsOver = true;
    if (connection.isConnected) this.#sendOff(connection);
    else if (timeouts !== undefined)
      this.#await(`no connection within ${timeouts.connectMs} ms`, timeouts.connectMs);
  }

  connected(): void {
    if (this.#connection !== undefined) this.#sendOff(this.#connection);
  }

  /** Bytes that were read from the client are gone, so none is read before somebody is there to take them. */
  #sendOff(connection: InstanceConnection): void {
    if (this.#hasBody) {
      connection.dueAt = Number.POSITIVE_INFINITY;
      this.#client.openBody(this);
    } else this.#awaitResponse();
    // An instance may answer to the head alone, so the head does not wait for the first byte of the body.
    if (connection === this.#connection) connection.flush();
  }

  /** The head as it goes over the wire. */
  #head(connection: InstanceConnection): string {
    const { head } = this.#client.exchange;
    const { send } = this.#decision;
    const { host, port, ownConnection } = this.#decision;
    if (send !== undefined) {
      const length = this.#client.bodyLength;
      const framing =
        length === 'chunked'
          ? 'Transfer-Encoding: chunked\r\n'
          : this.#hasBody || !isBodiless(send.method)
            ? `Content-Length: ${length}\r\n`
            : '';
      const ending = head.upgrade ? '' : `Connection: ${ownConnection === true ? 'close' : 'keep-alive'}\r\n`;
      return `${send.method} ${send.target} HTTP/1.1\r\n${linesOf(send.headers)}${framing}${ending}\r\n`;
    }
    const headers = towardsInstance(head, { instance: authorityOf(host, port) });
    let text = `${head.method} ${head.target} HTTP/1.1\r\n${linesOf(headers)}`;
    if (!this.#hasBody && !isBodiless(head.method) && !says(headers, 'content-length')) {
      text += 'Content-Length: 0\r\n';
    }
    if (!says(headers, 'connection')) {
      text +=
        connection.isReused || ownConnection !== true
          ? 'Connection: keep-alive\r\n'
          : 'Connection: close\r\n';
    }
    return `${text}\r\n`;
  }

  // ------------------------------------------------------------------------------------------- from the client

  requestPiece(piece: Buffer): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    if (this.#client.bodyLength !== 'chunked') {
      connection.send(piece);
      return;
    }
    connection.send(chunkHead(piece.length));
    connection.send(piece);
    connection.send('\r\n');
  }

  requestTurn(): void {
    const connection = this.#connection;
    if (connection === undefined || connection.flush()) return;
    this.#client.pauseBody();
    this.#awaitMove();
  }

  requestOver(trailers: Headers): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    if (this.#client.bodyLength === 'chunked') connection.send(lastChunk(trailersOnly(trailers)));
    connection.requestIsOver = true;
    connection.flush();
    if (!this.#isAnswered) this.#awaitResponse();
  }

  clientTakesMore(): void {
    this.#connection?.resume();
    this.#awaitMove();
  }

  clientLeft(): void {
    this.#connection?.destroy();
    this.#connection = undefined;
  }

  // ----------------------------------------------------------------------------------------- from the instance

  instanceTakesMore(): void {
    if (this.#connection !== undefined) this.#connection.dueAt = Number.POSITIVE_INFINITY;
    this.#client.resumeBody();
  }

  informed({ status, reason, headers }: ResponseRead): void {
    if (status === 100 && !this.#client.expects) return;
    const { head } = this.#client.exchange;
    this.#client.inform(status, reason, towardsClient({ status, headers }, head));
  }

  responded(read: ResponseRead): void {
    const { status, reason, hasDate, body } = read;
    const client = this.#client;
    const { exchange } = client;
    const { addHeaders } = this.#decision;
    this.#isAnswered = true;
    const passed = towardsClient({ status, headers: read.headers }, exchange.head);
    const headers = addHeaders === undefined ? passed : [...passed, ...addHeaders];
    exchange.answered(status);
    this.#decision.answered?.(status);
    if (isEventStream(headers)) exchange.lasting();
    client.respond({ status, reason, headers, body, hasDate });
    this.#awaitMove();
  }

  responsePiece(piece: Buffer): void {
    this.#client.write(piece);
  }

  responseTurn(): void {
    if (this.#client.flush()) {
      if (this.#isAnswered) this.#awaitMove();
      return;
    }
    this.#connection?.pause();
    // Now it is the client that takes its time.
    if (this.#connection !== undefined) this.#connection.dueAt = Number.POSITIVE_INFINITY;
  }

  responseOver(trailers: Headers): void {
    this.#connection = undefined;
    this.#client.end(trailersOnly(trailers));
  }

  switched({ status, reason, headers }: ResponseRead, instance: Socket, fromInstance: Buffer): void {
    this.#connection = undefined;
    const client = this.#client;
    const { exchange } = client;
    client.inform(status, reason, towardsClient({ status, headers }, exchange.head));
    client.flush();
    const { socket, early } = client.takeOver();
    exchange.answered(status);
    this.#decision.answered?.(status);
    exchange.lasting();
    exchange.report();
    socket.once('close', () => exchange.end());
    join({ client: socket, instance, fromClient: early, fromInstance });
  }

  lost({ error, problem, hasBegun }: Loss): void {
    const reused = this.#connection?.isReused === true;
    this.#connection = undefined;
    const client = this.#client;
    if (this.#isAnswered) {
      client.abort();
      return;
    }
    if (problem !== undefined) {
      this.#fail({ kind: 'bad-response', reason: problem });
      return;
    }
    const next = wasRefused(error) ? client.exchange.elsewhere(this.#decision) : undefined;
    if (next !== undefined) {
      this.#decision = next;
      this.begin(next.ownConnection !== true);
    } else if (reused && !hasBegun && this.#mayRepeat(error)) this.begin(false);
    else this.#fail(failureOf(error, hasBegun));
  }

  ranOut(): void {
    this.#connection?.destroy();
    this.#connection = undefined;
    if (this.#isAnswered) this.#client.abort();
    else this.#fail({ kind: 'timed-out', reason: this.#waitsFor });
  }

  /** The instance closed an idle connection just as we took it from the pool, so it cannot have seen the request. */
  #mayRepeat(error: Error | undefined): boolean {
    return !this.#hasBody && idempotent.has(this.#client.exchange.head.method) && wasClosed(error);
  }

  #fail(failure: UpstreamFailure): void {
    this.#isAnswered = true;
    void this.#answerFor(failure);
  }

  async #answerFor(failure: UpstreamFailure): Promise<void> {
    sendAnswer(this.#client, await this.#client.exchange.failed(this.#decision, failure));
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

const noProtocols: readonly string[] = [];

function protocolsOf({ upgrade, headers }: RequestHead): readonly string[] {
  return upgrade ? listOf(headers, 'upgrade').map((name) => name.toLowerCase()) : noProtocols;
}

function says(headers: Headers, name: string): boolean {
  return headers.some(([each]) => each.length === name.length && each.toLowerCase() === name);
}

function isEventStream(headers: Headers): boolean {
  return headers.some(
    ([name, value]) =>
      name.length === 12 && name.toLowerCase() === 'content-type' && value.startsWith('text/event-stream'),
  );
}
