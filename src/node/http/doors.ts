/**
 * The front door's data plane over Node's own HTTP: listeners, their sockets, and their end.
 *
 * It carries bytes and adds no opinion: where a request goes is asked of `decide`, what heads become is told by the
 * passes of the core. It stands behind `Doors` alone, so that another plane can take its place.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Answer, Door, Doors, RequestHead } from '../../core/outside.ts';
import { answer } from '../../core/proxy/answers.ts';
import { hasBody, wantsUpgrade } from '../../core/proxy/headers.ts';
import { inOriginForm, refusal } from '../../core/proxy/target.ts';
import { forwardFastCgi } from '../fastcgi/forward.ts';
import { type Deciding, Exchange } from './exchange.ts';
import { codeOf } from './failure.ts';
import { forward } from './forward.ts';
import { headOf, pairs } from './head.ts';
import { type Limits, usual } from './limits.ts';
import { createPool } from './pool.ts';
import { sendRaw } from './raw.ts';
import { sendAnswer } from './relay.ts';
import { upgrade } from './upgrade.ts';

export function createDoors(limits: Partial<Limits> = {}): Doors {
  return { open: (options) => open(options, { ...usual, ...limits }) };
}

interface DoorOptions extends Deciding {
  readonly host: string;
  readonly port: number;
}

async function open(options: DoorOptions, limits: Limits): Promise<Door> {
  const plane = new Plane(options, limits);
  const { server } = plane;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the listener has no port');
  return { host: address.address, port: address.port, close: () => plane.close() };
}

class Plane {
  readonly server: Server;
  readonly #door: Deciding;
  readonly #limits: Limits;
  readonly #pool;
  readonly #sockets = new Set<Socket>();
  /** The responses that have begun on a socket; what is written beside them would end up inside of them. */
  readonly #responses = new WeakMap<Duplex, Set<ServerResponse>>();
  readonly #refused = new WeakSet<Duplex>();
  #closed: Promise<void> | undefined;

  constructor(door: Deciding, limits: Limits) {
    this.#door = door;
    this.#limits = limits;
    this.#pool = createPool(limits.instanceIdleMs);
    this.server = createServer({
      maxHeaderSize: limits.head,
      headersTimeout: limits.headMs,
      // An upload may take as long as it takes.
      requestTimeout: 0,
      connectionsCheckingInterval: Math.max(50, limits.headMs / 4),
      keepAliveTimeout: limits.clientIdleMs,
      noDelay: true,
      shouldUpgradeCallback: (request) => wantsUpgrade(request.method ?? '', pairs(request.rawHeaders)),
    });
    this.server.on('connection', (socket: Socket) => this.#connected(socket));
    this.server.on('request', (request, response) => void this.#serve(request, response, false));
    this.server.on('checkContinue', (request, response) => void this.#serve(request, response, true));
    // An expectation that we do not know is for the instance to meet or refuse.
    this.server.on('checkExpectation', (request, response) => void this.#serve(request, response, false));
    this.server.on('upgrade', (request, _socket, first) => this.#upgrade(request, first));
    this.server.on('connect', (_request, socket) =>
      this.#refuse(socket, 405, 'This is no proxy to connect through.'),
    );
    this.server.on('clientError', (error, socket) => this.#unreadable(error, socket));
  }

  /** Stops listening and ends what is under way; returns when every socket is closed. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
      this.#pool.destroy();
    });
    return this.#closed;
  }

  #connected(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // A listener of our own, for Node takes its away after an upgrade. That the socket closes is all that matters.
    socket.on('error', () => socket.destroy());
  }

  async #serve(request: IncomingMessage, response: ServerResponse, expecting: boolean): Promise<void> {
    const exchange = new Exchange(inOriginForm(headOf(request, false)), this.#door);
    this.#track(request.socket, response);
    response.once('close', () => exchange.end());
    // Without a listener a failing write would end the whole program; 'close' follows and tidies up.
    response.on('error', () => response.destroy());
    const wrong = refused(exchange.head);
    if (wrong !== undefined) {
      sendAnswer({ exchange, response }, wrong);
      return;
    }
    const decision = await exchange.decide();
    if (response.closed) return;
    const limits = this.#limits;
    if (decision.kind === 'answer') sendAnswer({ exchange, response }, decision.answer);
    else if (decision.kind === 'file') sendAnswer({ exchange, response }, decision.gone);
    else if (decision.fastcgi === undefined)
      forward({ exchange, decision, request, response, expecting, pool: this.#pool, limits });
    else
      forwardFastCgi({
        exchange,
        decision,
        fastcgi: decision.fastcgi,
        request,
        response,
        expecting,
        limits,
      });
  }

  #upgrade(request: IncomingMessage, first: Buffer): void {
    const { socket } = request;
    const headers = pairs(request.rawHeaders);
    const head = inOriginForm(headOf(request, wantsUpgrade(request.method ?? '', headers)));
    // Before Node 24.9 every upgrade comes this way, also one that we do not grant. What has no body can go on as a
    // plain request; the framing of a body is lost here.
    const wrong = refused(head);
    if (wrong !== undefined) sendRaw(socket, wrong, this.#limits.lingerMs);
    else if (hasBody(headers))
      this.#refuse(socket, 501, 'A request that asks for an upgrade cannot have a body here.');
    else void upgrade(new Exchange(head, this.#door), socket, first, this.#limits);
  }

  #track(socket: Socket, response: ServerResponse): void {
    const responses = this.#responses.get(socket) ?? new Set();
    this.#responses.set(socket, responses);
    responses.add(response);
    response.once('close', () => responses.delete(response));
  }

  /** The client sent something that is no HTTP, too much of it, or too slowly. */
  #unreadable(error: Error, socket: Duplex): void {
    if (this.#refused.has(socket)) return;
    const begun = [...(this.#responses.get(socket) ?? [])].some((response) => response.headersSent);
    if (begun || !socket.writable || codeOf(error) === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const [status, text] = complaints[codeOf(error)] ?? [400, 'This is not a proper HTTP request.'];
    this.#refuse(socket, status, text);
  }

  #refuse(socket: Duplex, status: number, text: string): void {
    this.#refused.add(socket);
    sendRaw(socket, answer(status, { text: `${text}\n` }), this.#limits.lingerMs);
  }
}

const complaints: Readonly<Record<string, readonly [status: number, text: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The head of this request is too long; the cookies may be the reason.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunk extensions of this request are too long.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The head of this request took too long to come.'],
};

function refused(head: RequestHead): Answer | undefined {
  const wrong = refusal(head);
  return wrong === undefined
    ? undefined
    : answer(wrong.status, { text: `${wrong.reason}\n` }, [['Connection', 'close']]);
}
