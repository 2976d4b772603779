/** Two readers of the same bytes: ours, driven as a connection drives it, and Node's own, strict as it comes. */

import { createServer, type IncomingMessage } from 'node:http';
import { duplexPair } from 'node:stream';
import { type BodyReader, bodyReader } from '../../src/node/http/body-reader.ts';
import { headEnd, readRequest } from '../../src/node/http/head-reader.ts';
import { usual } from '../../src/node/http/limits.ts';

export interface Message {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly headers: readonly (readonly string[])[];
  readonly body: string;
  readonly trailers: readonly (readonly string[])[];
}

export interface Reading {
  /** Those that are whole. */
  readonly messages: readonly Message[];
  /** Why the rest is none; absent: more is awaited, or nothing is. */
  readonly problem?: string;
}

/** What our readers make of bytes that come in these pieces. */
export function read(pieces: readonly Buffer[]): Reading {
  const reader = new Ours();
  for (const piece of pieces) {
    const problem = reader.take(piece);
    if (problem !== undefined) return { messages: reader.messages, problem };
  }
  return { messages: reader.messages };
}

class Ours {
  readonly messages: Message[] = [];
  #rest = Buffer.alloc(0);
  #known = 0;
  #body: BodyReader | undefined;
  #message: Omit<Message, 'body' | 'trailers'> | undefined;
  #text = '';
  #isLast = false;

  take(piece: Buffer): string | undefined {
    this.#rest = Buffer.concat([this.#rest, piece]);
    for (;;) {
      if (this.#body === undefined) {
        if (this.#rest.length === 0 || this.#isLast) return undefined;
        const end = headEnd(this.#rest, 0, this.#known, usual);
        if (typeof end === 'object') return end.reason;
        this.#known = end === -1 ? this.#rest.length : 0;
        if (end === -1) return undefined;
        const found = readRequest(this.#rest.toString('latin1', 0, end), '', usual);
        if (found.kind === 'problem') return found.reason;
        this.#rest = this.#rest.subarray(end);
        this.#message = found.head;
        this.#text = '';
        this.#body = bodyReader(found.body, usual);
        this.#isLast = !found.isLasting;
      }
      const end = this.#body.read(this.#rest, 0, {
        bodyPiece: (bytes) => (this.#text += bytes.toString('latin1')),
      });
      if (typeof end === 'object') return end.reason;
      this.#rest = this.#rest.subarray(end);
      if (!this.#body.isOver) return undefined;
      if (this.#message !== undefined) {
        const { method, target, version, headers } = this.#message;
        this.messages.push({
          method,
          target,
          version,
          headers,
          body: this.#text,
          trailers: this.#body.trailers,
        });
      }
      this.#body = undefined;
    }
  }
}

/** What Node's own server makes of the same bytes. Nothing is answered, so that an answer changes nothing. */
export async function readByNode(bytes: Buffer): Promise<Reading> {
  const messages: (Message | undefined)[] = [];
  let problem: string | undefined;
  const server = createServer({ maxHeaderSize: usual.head, noDelay: false });
  const take = (request: IncomingMessage): void => {
    const index = messages.push(undefined) - 1;
    let text = '';
    request.setEncoding('latin1');
    request.on('data', (chunk: string) => (text += chunk));
    request.on('error', () => request.destroy());
    request.on('end', () => {
      messages[index] = {
        method: request.method ?? '',
        target: request.url ?? '',
        version: request.httpVersion,
        headers: paired(request.rawHeaders),
        body: text,
        trailers: paired(request.rawTrailers),
      };
    });
  };
  for (const event of ['request', 'checkContinue', 'checkExpectation']) server.on(event, take);
  // The socket is left as it is, for what was read before the error is still being handed on.
  server.on('clientError', (error) => {
    problem ??= 'code' in error ? String(error.code) : error.message;
  });
  const [ours, theirs] = duplexPair();
  theirs.on('error', () => theirs.destroy());
  server.emit('connection', theirs);
  const over = new Promise<void>((resolve) => theirs.once('close', resolve));
  ours.on('error', () => ours.destroy());
  ours.resume();
  await new Promise<void>((resolve) => ours.write(bytes, () => resolve()));
  // The streams hand on within the turn; what is still awaited then never comes.
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  theirs.destroy();
  await over;
  const whole = messages.filter((message) => message !== undefined);
  return { messages: whole, ...(problem === undefined ? {} : { problem }) };
}

function paired(raw: readonly string[]): string[][] {
  return Array.from({ length: raw.length / 2 }, (_, index) => raw.slice(index * 2, index * 2 + 2));
}
