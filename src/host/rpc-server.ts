/**
 * The XML-RPC servers that a `supervisord.conf` asks for (spec 6.13): HTTP over a loopback port or a socket file.
 *
 * What a call does is told by `protocol/supervisor`; here it only arrives, and its answer leaves.
 */

import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { ControlServerSpec } from '../config/spec.ts';
import { isHostAllowed } from '../core/proxy/host.ts';
import type { RuntimeApi } from '../protocol/api.ts';
import { RpcFault } from '../protocol/supervisor/faults.ts';
import type { FollowedLog, Methods } from '../protocol/supervisor/methods.ts';
import { faultOf } from '../protocol/supervisor/orders.ts';
import { readCall, UnreadableCall } from '../protocol/supervisor/read-call.ts';
import { writeAnswer, writeFault } from '../protocol/supervisor/write-answer.ts';
import { streamLog } from './log-tail.ts';
import { refusal } from './rpc-guard.ts';
import { listenAtPath } from './unix-socket.ts';

/** A call carries names, numbers, or a few lines for a child's stdin. */
const largestCall = 4 * 1024 ** 2;
/** What is under way at the end is given so long to be answered. */
const lastAnswersMs = 200;

export interface RpcServerOptions {
  readonly spec: ControlServerSpec;
  readonly methods: Methods;
  readonly api: RuntimeApi;
}

export class RpcServer {
  readonly #options: RpcServerOptions;
  readonly #server: Server;
  readonly #over = new AbortController();
  #removeFile: (() => Promise<void>) | undefined;

  private constructor(options: RpcServerOptions) {
    this.#options = options;
    this.#server = createServer({
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      // Supervisor's own client sends an empty one over a socket file.
      requireHostHeader: false,
    });
    this.#server.on('request', (request, response) => void this.#serve(request, response));
  }

  /** Rejects when it cannot listen. */
  static async open(options: RpcServerOptions): Promise<RpcServer> {
    const opened = new RpcServer(options);
    const { at } = options.spec;
    if (at.kind === 'unix') opened.#removeFile = await listenAtPath(opened.#server, at);
    else await opened.#listen(at.port, isHostAllowed(at.host, '127.0.0.1') ? at.host : '127.0.0.1');
    return opened;
  }

  /** Answers what is under way, and listens no more. Rejects when its socket file cannot be cleared away. */
  async close(): Promise<void> {
    this.#over.abort();
    try {
      await this.#removeFile?.();
    } finally {
      await this.#closed();
    }
  }

  #closed(): Promise<void> {
    return new Promise((resolve) => {
      const cut = setTimeout(() => this.#server.closeAllConnections(), lastAnswersMs);
      this.#server.close(() => {
        clearTimeout(cut);
        resolve();
      });
      this.#server.closeIdleConnections();
    });
  }

  #listen(port: number, host: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const refused = refusal(this.#options.spec, request.headers);
      if (refused !== undefined) return refuse(response, refused);
      const path = (request.url ?? '').split('?')[0] ?? '';
      if (path.startsWith('/RPC2')) await this.#answer(request, response);
      else if (path.startsWith('/logtail/')) await this.#tail(request, response, path);
      else if (path.startsWith('/mainlogtail')) await this.#stream(request, response, mainLog);
      else refuse(response, 404);
    } catch {
      // The client has left in the middle of its request, or of our answer.
      if (response.headersSent) response.destroy();
      else refuse(response, 500);
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return refuse(response, 400);
    const text = await bodyOf(request);
    if (text === undefined) return refuse(response, 413);
    let answer: string;
    try {
      answer = writeAnswer(await this.#options.methods.call(readCall(text)));
    } catch (error) {
      if (error instanceof UnreadableCall) return refuse(response, 400);
      answer = writeFault(error instanceof RpcFault ? error : faultOf(error));
    }
    const bytes = Buffer.from(answer);
    response.writeHead(200, { 'Content-Type': 'text/xml', 'Content-Length': bytes.length });
    response.end(bytes);
  }

  async #tail(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    await this.#options.methods.begun();
    const [name = '', channel = 'stdout'] = decodeURIComponent(path.slice('/logtail/'.length)).split('/');
    const log = this.#options.methods.logOf(name, channel);
    if (log === undefined) refuse(response, 404);
    else await this.#stream(request, response, log);
  }

  async #stream(request: IncomingMessage, response: ServerResponse, log: FollowedLog): Promise<void> {
    if (request.method !== 'GET') return refuse(response, 400);
    if (!(await streamLog(this.#options.api, log, response, this.#over.signal))) refuse(response, 404);
  }
}

const mainLog: FollowedLog = { whose: {}, begun: false };

/** All of it as text, or undefined when it is too much. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > largestCall) return undefined;
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** The connection stays: a client that still sends its call would find it broken, and never read why. */
function refuse(response: ServerResponse, status: number): void {
  const headers: Record<string, string> = { 'Content-Type': 'text/plain' };
  if (status === 413) headers['Connection'] = 'close';
  if (status === 401) headers['WWW-Authenticate'] = 'Basic realm="default"';
  response.writeHead(status, headers);
  response.end(`${STATUS_CODES[status] ?? ''}\n`);
}
