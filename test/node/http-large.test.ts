/** Large bodies pass in both directions, and the door's memory does not grow with them. */

import assert from 'node:assert/strict';
import { request as send, type IncomingMessage } from 'node:http';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test, type TestContext } from 'node:test';
import { gate, instance, Log, openDoor } from './http-support.ts';

const options = { timeout: 120_000 };
const piece = Buffer.alloc(64 * 1024, 'x');
const pieces = 3_200;
const total = piece.length * pieces;
/** Everything together: client, door and instance are in one process here. The bodies are 200 MB each. */
const allowance = 60 * 1024 * 1024;

function body(): Readable {
  return Readable.from(
    (function* all() {
      for (let index = 0; index < pieces; index += 1) yield piece;
    })(),
    { objectMode: false, highWaterMark: piece.length },
  );
}

/** Counts bytes and watches the memory meanwhile. */
class Counter extends Writable {
  bytes = 0;
  peak = 0;

  override _write(chunk: Buffer, _encoding: BufferEncoding, written: () => void): void {
    this.bytes += chunk.length;
    const { rss } = process.memoryUsage();
    this.peak = Math.max(this.peak, rss);
    written();
  }
}

async function transfer(t: TestContext, direction: 'up' | 'down'): Promise<Counter> {
  const counter = new Counter();
  const port = await instance(t, (request, response) => {
    void (async () => {
      if (direction === 'up') await pipeline(request, counter);
      else await pipeline(body(), response);
      if (direction === 'up') response.end();
    })();
  });
  const { door } = await openDoor(t, port);
  const sent = send({ host: '127.0.0.1', port: door.port, method: direction === 'up' ? 'PUT' : 'GET' });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve);
    sent.on('error', reject);
  });
  if (direction === 'up') await pipeline(body(), sent);
  else sent.end();
  const response = await answered;
  if (direction === 'down') await pipeline(response, counter);
  else response.resume();
  return counter;
}

for (const direction of ['up', 'down'] as const) {
  test(`200 MB go ${direction} and the memory stays flat`, options, async (t) => {
    await transfer(t, direction);
    const before = process.memoryUsage().rss;
    const { bytes, peak } = await transfer(t, direction);
    assert.equal(bytes, total);
    assert.ok(peak - before < allowance, `grew by ${Math.round((peak - before) / 1024 / 1024)} MB`);
  });
}

test(
  'a client that does not read holds the instance back, and what it missed comes when it reads again',
  options,
  async (t) => {
    const written = new Log<number>();
    const stalled = gate();
    const port = await instance(t, (_request, response) => {
      let count = 0;
      const fill = (): void => {
        while (count < pieces) {
          count += 1;
          if (!response.write(piece)) {
            written.push(count);
            response.once('drain', fill);
            return;
          }
        }
        response.end();
      };
      fill();
      // The sockets' own buffers hold some megabytes; the instance is held back once nothing has moved for a while.
      let last = -1;
      const look = setInterval(() => {
        if (written.items.length === last) stalled.open();
        last = written.items.length;
      }, 200);
      response.on('close', () => clearInterval(look));
    });
    const { door } = await openDoor(t, port);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      send({ host: '127.0.0.1', port: door.port }, resolve).on('error', reject).end();
    });
    response.pause();
    await stalled.opened;
    const held = (written.items.at(-1) ?? 0) * piece.length;
    assert.ok(
      held < total / 2,
      `the instance could write ${held} of ${total} bytes to a client that does not read`,
    );
    const counter = new Counter();
    await pipeline(response, counter);
    assert.equal(counter.bytes, total);
  },
);
