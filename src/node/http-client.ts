/** Requests of our own to children, each on a connection of its own, their answers read as strictly as a client's. */

import type { Headers, HttpClient, Received, UpstreamFailure } from '../core/outside.ts';
import { failureOf } from './http/failure.ts';
import type { ResponseRead } from './http/head-reader.ts';
import { type Home, InstanceConnection, type Loss, type Receiver } from './http/instance-connection.ts';
import { usual } from './http/limits.ts';
import { isBodiless, linesOf, unsendable } from './http/message-head.ts';
import { Sweep, within } from './http/sweep.ts';

type Outcome = Received | UpstreamFailure;
type Request = Parameters<HttpClient['send']>[0];

/** No connection comes back to it. */
const home: Home = {
  limits: usual,
  sweep: new Sweep(),
  keep: () => false,
  forget: (each) => home.sweep.forget(each),
};

export const httpClient: HttpClient = {
  send: (request) => {
    const { method, target, headers } = request.head;
    const wrong = /^[A-Z-]+ [!-~]+$/u.test(`${method} ${target}`)
      ? unsendable(headers)
      : 'the target cannot be sent';
    if (wrong !== undefined) return Promise.resolve({ kind: 'unreachable', reason: wrong, refused: true });
    return new Promise<Outcome>((resolve) => {
      const call = new Call(request, resolve);
      call.begin();
      void request.calledOff?.then(() => call.callOff());
    });
  },
};

class Call implements Receiver {
  readonly holdsPieces = false;
  readonly #request: Request;
  readonly #resolve: (outcome: Outcome) => void;
  readonly #connection: InstanceConnection;
  readonly #kept: Buffer[] = [];
  #length = 0;
  #head: ResponseRead | undefined;

  constructor(request: Request, resolve: (outcome: Outcome) => void) {
    this.#request = request;
    this.#resolve = resolve;
    this.#connection = new InstanceConnection(request.host, request.port, home);
  }

  begin(): void {
    const { head, body, timeoutMs } = this.#request;
    const length =
      body === undefined && isBodiless(head.method) ? '' : `Content-Length: ${body?.length ?? 0}\r\n`;
    const connection = this.#connection;
    connection.begin(this, { method: head.method, upgrade: [] });
    connection.dueAt = within(timeoutMs);
    if (timeoutMs > 0) home.sweep.expect(timeoutMs);
    connection.send(
      `${head.method} ${head.target} HTTP/1.1\r\n${linesOf(head.headers)}${length}Connection: close\r\n\r\n`,
    );
    if (body !== undefined) connection.send(Buffer.from(body));
    connection.requestIsOver = true;
    connection.flush();
  }

  responded(head: ResponseRead): void {
    this.#head = head;
  }

  responsePiece(piece: Buffer): void {
    const room = Math.max(0, this.#request.limit - this.#length);
    // A copy, for what was read is cut from a larger piece of memory.
    if (room > 0) this.#kept.push(Buffer.from(piece.subarray(0, room)));
    this.#length += piece.length;
  }

  responseOver(_trailers: Headers): void {
    this.#answer(false);
  }

  lost({ error, problem, hasBegun }: Loss): void {
    if (this.#head !== undefined) this.#answer(true);
    else if (problem !== undefined) this.#resolve({ kind: 'bad-response', reason: problem });
    else this.#resolve(failureOf(error, hasBegun));
  }

  ranOut(): void {
    this.#connection.destroy();
    this.#resolve({ kind: 'timed-out', reason: `nothing came within ${this.#request.timeoutMs} ms` });
  }

  callOff(): void {
    this.#connection.destroy();
    this.#resolve({ kind: 'unreachable', reason: 'it was called off', refused: false });
  }

  #answer(broken: boolean): void {
    const head = this.#head;
    this.#resolve({
      status: head?.status ?? 0,
      reason: head?.reason ?? '',
      headers: head?.headers ?? [],
      body: Buffer.concat(this.#kept),
      length: this.#length,
      broken,
    });
  }

  connected(): void {
    // All of the request has been handed over already.
    this.#request.sent?.();
  }

  informed(): void {
    // Nobody waits for hints here.
  }

  responseTurn(): void {
    // There is no other side that could take its time.
  }

  instanceTakesMore(): void {
    // There is no more.
  }

  switched(): void {
    // Never asked for, so it is a loss before it gets here.
  }
}
