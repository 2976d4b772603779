/**
 * Nobody gets another's bytes.
 *
 * The attack: connections, buffers and pools are shared between people who must not see each other's answers. A piece of
 * memory that is read into again while it is still being written somewhere, or an answer given to whoever was next, shows
 * one person's page to another. So hundreds of exchanges run at once, of all sizes and framings, with clients that read
 * slowly and leave in the middle, and every byte of every message says whose it is.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import type { Decision } from '../../src/core/outside.ts';
import { instance, openDoor } from './http-support.ts';
import { settled } from './support.ts';

const options = { timeout: 240_000 };

/** So many bytes that nobody else has. */
function bytesOf(owner: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at + 8 <= length; at += 8) {
    bytes.writeUInt32LE(owner, at);
    bytes.writeUInt32LE(at, at + 4);
  }
  return bytes;
}

/** Repeatable chance. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * sides);
  };
}

/** Compares what was sent with what should have been, and answers with bytes of the same owner. */
async function serve(request: IncomingMessage, response: ServerResponse, wrong: string[]): Promise<void> {
  const [owner = 0, upload = 0, download = 0, chunked = 0] = (request.url ?? '')
    .split('/')
    .slice(1)
    .map(Number);
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  await once(request, 'end');
  if (!Buffer.concat(pieces).equals(bytesOf(owner, upload))) wrong.push(`the upload of ${owner}`);
  const body = bytesOf(owner, download);
  if (chunked === 0) response.setHeader('Content-Length', download);
  const step = chunked === 0 ? 1_000_000 : chunked;
  for (let at = 0; at < body.length && !response.destroyed; at += step) {
    if (!response.write(body.subarray(at, at + step)) && !response.destroyed)
      await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end();
}

interface Plan {
  readonly owner: number;
  readonly upload: number;
  readonly download: number;
  /** The size of its chunks; 0: it has a length. */
  readonly chunked: number;
  /** After each piece that it reads it waits so many turns of everything else. */
  readonly turns: number;
  /** It leaves after so many bytes. */
  readonly leaves: number | undefined;
}

/** Asks and reads as planned; gives what is wrong with the answer. */
async function exchange(port: number, plan: Plan): Promise<string | undefined> {
  const { owner, upload, download, chunked, turns, leaves } = plan;
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  const head = `POST /${owner}/${upload}/${download}/${chunked} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n`;
  const body = bytesOf(owner, upload);
  if (owner % 2 === 0) {
    socket.write(`${head}Content-Length: ${upload}\r\n\r\n`);
    socket.write(body);
  } else {
    socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
    for (let at = 0; at < upload; at += 10_000) {
      const piece = body.subarray(at, at + 10_000);
      socket.write(`${piece.length.toString(16)}\r\n`);
      socket.write(piece);
      socket.write('\r\n');
    }
    socket.write('0\r\n\r\n');
  }
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const chunk of socket) {
    const piece = chunk as Buffer;
    pieces.push(piece);
    length += piece.length;
    if (leaves !== undefined && length >= leaves) return undefined;
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
  if (leaves !== undefined) return undefined;
  const answer = Buffer.concat(pieces);
  const start = answer.indexOf('\r\n\r\n') + 4;
  const isChunked = answer.subarray(0, start).includes('Transfer-Encoding: chunked');
  const content = isChunked ? unchunked(answer.subarray(start)) : answer.subarray(start);
  if (!answer.subarray(0, 15).equals(Buffer.from('HTTP/1.1 200 OK')))
    return `${owner}: ${String(answer.subarray(0, 80))}`;
  return content.equals(bytesOf(owner, download))
    ? undefined
    : `the download of ${owner} (${content.length} of ${download})`;
}

function unchunked(bytes: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; ;) {
    const end = bytes.indexOf('\r\n', at);
    const size = Number.parseInt(bytes.toString('latin1', at, end), 16);
    if (size === 0 || Number.isNaN(size)) return Buffer.concat(pieces);
    pieces.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}

const made: readonly (readonly [title: string, more: (plain: Decision) => Decision])[] = [
  ['carried', (plain) => plain],
  [
    'collected first',
    (plain) =>
      plain.kind !== 'forward'
        ? plain
        : {
            ...plain,
            collect: {
              limit: 10_000_000,
              finish: ({ status, headers, body }) => ({
                status,
                headers: headers.filter(
                  ([name]) => !/^(?:transfer-encoding|connection|keep-alive)$/iu.test(name),
                ),
                body: '',
                bytes: body,
              }),
            },
          },
  ],
  [
    'held back while it is decided',
    (plain) =>
      plain.kind !== 'forward'
        ? plain
        : {
            ...plain,
            keepBody: 10_000_000,
            again: () => new Promise((resolve) => setImmediate(() => resolve(undefined))),
          },
  ],
];

for (const [title, more] of made) {
  test(`each of hundreds of exchanges at once has its own bytes, ${title}`, options, async (t) => {
    const wrong: string[] = [];
    const port = await instance(
      t,
      (request, response) => void serve(request, response, wrong).catch(() => undefined),
    );
    const { door } = await openDoor(t, port, { decide: (_head, forward) => more(forward()) });
    const roll = dice(20_261);
    const sizes = [0, 1, 8, 1_000, 16_383, 16_384, 16_385, 65_536, 65_537, 200_000, 1_000_000];
    const size = (): number => sizes[roll(sizes.length)] ?? 0;
    let owner = 0;
    const next = async (): Promise<void> => {
      while (owner < 600) {
        owner += 1;
        const download = size();
        const result = await exchange(door.port, {
          owner,
          upload: size(),
          download,
          chunked: roll(2) === 0 ? 0 : ([7, 1_000, 16_384, 100_000][roll(4)] ?? 0),
          turns: [0, 1, 20][roll(3)] ?? 0,
          leaves: roll(8) === 0 ? roll(download) : undefined,
        });
        if (result !== undefined) wrong.push(result);
      }
    };
    await Promise.all(Array.from({ length: 24 }, next));
    assert.deepEqual(wrong, []);
  });
}

test(
  'what a client has not taken yet stays as it was, while others use the same connection',
  options,
  async (t) => {
    const port = await instance(t, (request, response) => {
      const [owner = 0, length = 0] = (request.url ?? '').split('/').slice(1).map(Number);
      response.setHeader('Content-Length', length);
      response.end(bytesOf(owner, length));
    });
    const { door, requests } = await openDoor(t, port);
    const ask = (owner: number, length: number): Socket => {
      const socket = connect({ port: door.port, host: '127.0.0.1' });
      t.after(() => socket.destroy());
      socket.write(`GET /${owner}/${length} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      return socket;
    };
    /** Whether all of an answer that nobody reads is out of the instance's hands. */
    const isGone = async (): Promise<boolean> => {
      const before = requests.items.length;
      return (await settled(() => requests.items.length)) > before;
    };
    // How much may be on its way to a client that reads nothing is up to the kernel, and is found out by trying: the
    // answers that matter are those that end just beyond it, so that their last piece waits in the door.
    let most = 1_000_000;
    for (; most < 60_000_000; most += 500_000) {
      const probe = ask(1, most);
      const gone = await isGone();
      probe.destroy();
      if (!gone) break;
    }
    const reading: Promise<string | undefined>[] = [];
    for (let size = most - 600_000, owner = 3; size < most + 100_000; size += 15_000, owner += 2) {
      const slow = ask(owner, size);
      await isGone();
      // Another one on the connection that has just become free, if it has.
      const other = await contentOf(ask(owner + 1, 100_000));
      if (!other.equals(bytesOf(owner + 1, 100_000))) reading.push(Promise.resolve(`${owner + 1} at once`));
      reading.push(
        contentOf(slow).then((content) =>
          content.equals(bytesOf(owner, size)) ? undefined : `${owner} at ${size}`,
        ),
      );
    }
    assert.deepEqual(
      (await Promise.all(reading)).filter((each) => each !== undefined),
      [],
    );
  },
);

async function contentOf(socket: Socket): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const chunk of socket) pieces.push(chunk as Buffer);
  const answer = Buffer.concat(pieces);
  return answer.subarray(answer.indexOf('\r\n\r\n') + 4);
}
