/** Doors, instances and clients for the tests of the data plane, all on real sockets, all gone when a test ends. */

import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect, createServer as createTcpServer, type Server as TcpServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type {
  Answer,
  Decision,
  Door,
  DoorRequest,
  RequestHead,
  UpstreamFailure,
} from '../../src/core/outside.ts';
import { createDoors } from '../../src/node/http/doors.ts';
import type { Limits } from '../../src/node/http/limits.ts';

/** Whatever things are closed with: a test, or a part of one. */
export type Scope = Pick<TestContext, 'after'>;

/** Something a test opens by hand. */
export interface Gate<T = void> {
  readonly opened: Promise<T>;
  open(value: T): void;
}

export function gate<T = void>(): Gate<T> {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { opened: promise, open: resolve };
}

/** A list that can be waited for. */
export class Log<T> {
  readonly items: T[] = [];
  #changed = gate();

  push(item: T): void {
    this.items.push(item);
    this.#changed.open();
    this.#changed = gate();
  }

  async length(count: number): Promise<readonly T[]> {
    while (this.items.length < count) await this.#changed.opened;
    return this.items;
  }
}

async function portOf(t: Scope, server: TcpServer): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address.port;
}

/** An instance that speaks HTTP. */
export async function instance(
  t: Scope,
  listener: RequestListener,
  configure: (server: Server) => void = () => undefined,
): Promise<number> {
  const server = createServer(listener);
  configure(server);
  return portOf(t, server);
}

/** An instance that says whatever the test wants, and believes whatever it is told. */
export function gullible(t: Scope, connected: (socket: Socket) => void): Promise<number> {
  return portOf(t, createTcpServer(connected));
}

export interface Opened {
  readonly door: Door;
  readonly url: string;
  readonly heads: RequestHead[];
  /** What `onRequest` was told, without the time. */
  readonly requests: Log<Omit<DoorRequest, 'ms'>>;
  /** One entry for each call of `done`. */
  readonly done: Log<string>;
  readonly failures: UpstreamFailure[];
}

export interface Arrangement {
  readonly limits?: Partial<Limits>;
  readonly decide?: (head: RequestHead, forward: () => Decision) => Decision | Promise<Decision>;
  readonly failed?: (failure: UpstreamFailure) => Answer | Promise<Answer>;
  readonly host?: string;
}

/** A door to one instance. */
export async function openDoor(t: Scope, port: number, arrangement: Arrangement = {}): Promise<Opened> {
  const heads: RequestHead[] = [];
  const requests = new Log<Omit<DoorRequest, 'ms'>>();
  const done = new Log<string>();
  const failures: UpstreamFailure[] = [];
  const forward = (): Decision => ({
    kind: 'forward',
    service: 'api',
    instance: 'api.0',
    host: arrangement.host ?? '127.0.0.1',
    port,
    done: () => done.push('api.0'),
    failed: async (failure) => {
      failures.push(failure);
      return (await arrangement.failed?.(failure)) ?? { status: 503, headers: [], body: failure.kind };
    },
  });
  const door = await createDoors(arrangement.limits).open({
    host: '127.0.0.1',
    port: 0,
    decide: (head) => {
      heads.push(head);
      return arrangement.decide?.(head, forward) ?? forward();
    },
    onRequest: ({ ms, ...request }) => {
      if (!(ms >= 0 && ms < 120_000)) throw new Error(`not a time: ${ms}`);
      requests.push(request);
    },
  });
  t.after(() => door.close());
  return { door, url: `http://127.0.0.1:${door.port}`, heads, requests, done, failures };
}

/** A client that writes bytes and reads bytes. */
export class RawClient {
  readonly socket: Socket;
  received = '';
  /** How the connection ended: the other side's end, or an error's code. */
  readonly ended: Promise<string>;
  #changed = gate();

  constructor(t: Scope, port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    t.after(() => this.socket.destroy());
    const ended = gate<string>();
    this.ended = ended.opened;
    this.socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
      this.#tell();
    });
    this.socket.on('end', () => ended.open('end'));
    this.socket.on('error', (error) => ended.open('code' in error ? String(error.code) : error.message));
    this.socket.on('close', () => {
      ended.open('close');
      this.#tell();
    });
  }

  #tell(): void {
    this.#changed.open();
    this.#changed = gate();
  }

  send(text: string): this {
    this.socket.write(text, 'latin1');
    return this;
  }

  /** Waits until what was received matches, and takes it off up to the end of the match. */
  async until(pattern: RegExp | string): Promise<string> {
    for (;;) {
      const found = typeof pattern === 'string' ? this.#find(pattern) : pattern.exec(this.received);
      if (found !== null) {
        const end = found.index + found[0].length;
        const text = this.received.slice(0, end);
        this.received = this.received.slice(end);
        return text;
      }
      if (this.socket.closed || this.socket.readableEnded) {
        throw new Error(`ended before ${String(pattern)}, after ${JSON.stringify(this.received)}`);
      }
      await Promise.race([this.#changed.opened, this.ended]);
    }
  }

  /** Everything up to the other side's end. */
  async rest(): Promise<string> {
    await this.ended;
    return this.received;
  }

  #find(text: string): { readonly index: number; readonly 0: string } | null {
    const index = this.received.indexOf(text);
    return index === -1 ? null : { index, 0: text };
  }
}

/** The body of a message as text, one character a byte. */
export async function bodyOf(message: IncomingMessage): Promise<string> {
  let text = '';
  message.setEncoding('latin1');
  message.on('data', (chunk: string) => (text += chunk));
  await once(message, 'end');
  return text;
}

/** Answers with what was asked, as JSON: method, target, headers, body. */
export function echo(request: IncomingMessage, response: ServerResponse): void {
  void tell(request, response);
}

async function tell(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url: target, rawHeaders: headers } = request;
  const body = await bodyOf(request);
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ method, target, headers, body }));
}
