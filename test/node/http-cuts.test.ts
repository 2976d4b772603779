/** Whatever sequence of requests comes over a connection, in whatever pieces, each gets its own answer, in order. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { type BodyReader, bodyReader } from '../../src/node/http/body-reader.ts';
import { hasBodyByKind, headEnd, readResponse } from '../../src/node/http/head-reader.ts';
import { usual } from '../../src/node/http/limits.ts';
import { instance, openDoor } from './http-support.ts';

const options = { timeout: 120_000 };

interface Asked {
  readonly method: string;
  readonly bytes: string;
  /** Of the body that is sent. */
  readonly digest: string;
}

const body = fc
  .tuple(fc.constantFrom(0, 1, 7, 700, 70_000), fc.nat(255))
  .map(([length, seed]) => String.fromCharCode(seed).repeat(length));

const request: fc.Arbitrary<Asked> = fc
  .tuple(
    fc.constantFrom('GET', 'POST', 'PUT', 'HEAD', 'DELETE'),
    fc.constantFrom('none', 'length', 'chunked'),
    body,
    fc.constantFrom('length', 'chunked', 'flushed', '204', 'early'),
    fc.nat(3),
  )
  .map(([method, framing, content, reply, breaks]) => {
    const head = `${method} /${reply} HTTP/1.1\r\nHost: localhost\r\n`;
    if (framing === 'none') return { method, bytes: `${head}\r\n`, digest: digestOf('') };
    const digest = digestOf(content);
    if (framing === 'length') {
      return { method, bytes: `${head}Content-Length: ${content.length}\r\n\r\n${content}`, digest };
    }
    const size = Math.ceil(content.length / (breaks + 1));
    let chunks = '';
    for (let at = 0; at < content.length; at += size) {
      const piece = content.slice(at, at + size);
      chunks += `${piece.length.toString(16)};n=${breaks}\r\n${piece}\r\n`;
    }
    return {
      method,
      bytes: `${head}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\nX-Trailer: 1\r\n\r\n`,
      digest,
    };
  });

function digestOf(text: string): string {
  return createHash('sha1').update(Buffer.from(text, 'latin1')).digest('hex');
}

/** Reads as many responses as there were requests. */
class Answers {
  readonly texts: string[] = [];
  readonly #asked: readonly Asked[];
  #rest = Buffer.alloc(0);
  #body: BodyReader | undefined;
  #text = '';

  constructor(asked: readonly Asked[]) {
    this.#asked = asked;
  }

  /** True: all have come. */
  take(bytes: Buffer): boolean {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.texts.length < this.#asked.length) {
      if (this.#body === undefined) {
        const end = headEnd(this.#rest, 0, 0, usual);
        assert.ok(typeof end === 'number');
        if (end === -1) return false;
        const head = readResponse(this.#rest.toString('latin1', 0, end), usual);
        assert.ok(head.kind === 'response', 'a response is read');
        this.#rest = this.#rest.subarray(end);
        const { method = '' } = this.#asked[this.texts.length] ?? {};
        this.#body = bodyReader(hasBodyByKind(method, head.status) ? head.body : 0, usual);
        this.#text = head.status === 204 ? '204' : '';
      }
      const end = this.#body.read(this.#rest, 0, {
        bodyPiece: (piece) => (this.#text += piece.toString('latin1')),
      });
      assert.ok(typeof end === 'number');
      this.#rest = this.#rest.subarray(end);
      if (!this.#body.isOver) return false;
      this.texts.push(this.#text);
      this.#body = undefined;
    }
    return true;
  }
}

async function send(socket: Socket, bytes: Buffer, cuts: readonly number[]): Promise<void> {
  const places = [...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  let from = 0;
  for (const place of places) {
    socket.write(bytes.subarray(from, place));
    from = place;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test(
  'each request gets its own answer, wherever bytes are cut and however they are framed',
  options,
  async (t) => {
    const port = await instance(t, (incoming, response) => {
      const hash = createHash('sha1');
      const kind = (incoming.url ?? '').slice(1);
      const answer = (digest: string): void => {
        const text = `${incoming.method} ${digest}`;
        if (kind === '204') response.writeHead(204).end();
        else if (kind === 'length') response.end(text);
        else {
          if (incoming.method !== 'HEAD') response.setHeader('Trailer', 'X-T');
          if (kind === 'flushed') response.flushHeaders();
          for (const letter of text) response.write(letter);
          if (incoming.method !== 'HEAD') response.addTrailers({ 'X-T': '1' });
          response.end();
        }
      };
      incoming.on('data', (chunk: Buffer) => hash.update(chunk));
      // Before the body has come, as who refuses it does; the others know all of it.
      if (kind === 'early') answer('early');
      else incoming.on('end', () => answer(hash.digest('hex')));
    });
    const { door, requests, done } = await openDoor(t, port);
    let sent = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 10 }),
        async (asked, cuts) => {
          const socket = connect({ port: door.port, host: '127.0.0.1', noDelay: true });
          try {
            const answers = new Answers(asked);
            const all = new Promise<void>((resolve, reject) => {
              socket.on('data', (bytes) => {
                if (answers.take(bytes)) resolve();
              });
              socket.on('error', reject);
              socket.on('close', () => reject(new Error('closed')));
            });
            const bytes = Buffer.from(asked.map((each) => each.bytes).join(''), 'latin1');
            await Promise.all([send(socket, bytes, cuts), all]);
            sent += asked.length;
            assert.deepEqual(
              answers.texts,
              asked.map(({ method, bytes: text, digest }) => {
                const path = text.split(' ')[1];
                if (path === '/204') return '204';
                if (path === '/early' && method !== 'HEAD') return `${method} early`;
                return method === 'HEAD' ? '' : `${method} ${digest}`;
              }),
            );
          } finally {
            socket.destroy();
          }
        },
      ),
      { numRuns: 150, endOnFailure: true },
    );
    await requests.length(sent);
    assert.equal(done.items.length, sent);
  },
);
