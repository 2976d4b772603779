/** How long a FastCGI program may take, and what else is told of its answer. */

import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Timeouts } from '../../src/core/outside.ts';
import {
  ended,
  fastCgiDoor,
  type FastCgiArrangement,
  type FastCgiDoor,
  program,
  record,
} from './fastcgi-support.ts';
import { gate, gullible, Log, RawClient } from './http-support.ts';
import { folderFor, settled } from './support.ts';

const options = { timeout: 60_000 };
const none: Timeouts = { connectMs: 0, responseMs: 0, silenceMs: 0 };
const get = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
const head = 'Content-Type: text/plain\r\n\r\n';

async function door(
  t: TestContext,
  answer: (socket: Socket) => void,
  more: FastCgiArrangement['more'],
): Promise<FastCgiDoor> {
  const { at } = await program(t, answer);
  return fastCgiDoor(t, at, await folderFor(t), {
    ...(more === undefined ? {} : { more }),
    failed: (failure) => ({ status: 504, headers: [], body: `${failure.kind}: ${failure.reason}` }),
  });
}

test('a program that does not answer in time is told as timed out, and left', options, async (t) => {
  const left = gate();
  const { url, failures } = await door(t, (socket) => socket.once('close', () => left.open()), {
    timeouts: { ...none, responseMs: 50 },
  });
  const response = await fetch(url);
  assert.deepEqual([response.status, await response.text()], [504, 'timed-out: no answer within 50 ms']);
  assert.equal(failures.length, 1);
  await left.opened;
});

test('one that falls silent in the middle of its answer has it cut off', options, async (t) => {
  const { door: opened, done } = await door(t, (socket) => socket.write(record('stdout', `${head}part`)), {
    timeouts: { ...none, silenceMs: 50 },
  });
  const client = new RawClient(t, opened.port).send(get);
  await client.until('part');
  assert.doesNotMatch(await client.rest(), /0\r\n\r\n$/u);
  await done.length(1);
});

test('a long upload is not counted against it, nor a client that does not read', options, async (t) => {
  const size = 40_000_000;
  const patienceMs = 300;
  const answering = gate<Socket>();
  const { door: opened } = await door(
    t,
    (socket) => {
      answering.open(socket);
      socket.write(record('stdout', head));
      const chunk = record('stdout', 'x'.repeat(50_000));
      for (let sent = 0; sent < size; sent += 50_000) socket.write(chunk);
      socket.end(ended());
    },
    { timeouts: { connectMs: 1_000, responseMs: patienceMs, silenceMs: patienceMs } },
  );
  const client = new RawClient(t, opened.port);
  client.send('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\nConnection: close\r\n\r\n');
  // Together longer than the program may take.
  for (let count = 0; count < 8; count += 1) {
    await pause(patienceMs / 5);
    client.send('x');
  }
  await client.until('\r\n\r\n');
  client.socket.pause();
  const answerer = await answering.opened;
  // All between the two is full. If that were counted, it would be cut off when its patience is over from then on.
  await settled(() => answerer.bytesWritten - answerer.writableLength);
  await pause(2 * patienceMs);
  client.socket.resume();
  assert.ok((await client.rest()).length > size);
});

test('a program that takes nothing off its socket is not connected for ever', options, async (t) => {
  const port = await gullible(t, (socket) => socket.pause());
  const at = { kind: 'tcp', host: '127.0.0.1', port } as const;
  const { url } = await fastCgiDoor(t, at, await folderFor(t), {
    more: { timeouts: { ...none, responseMs: 50 } },
    failed: (failure) => ({ status: 504, headers: [], body: failure.kind }),
  });
  assert.equal(await (await fetch(url)).text(), 'timed-out');
});

test('its status, an answer that lasts, and headers that are added are told and sent', options, async (t) => {
  const told = new Log<string>();
  const { door: opened } = await door(
    t,
    (socket) =>
      socket.write(record('stdout', 'Status: 201\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n')),
    {
      answered: (status) => told.push(`answered ${status}`),
      lasting: () => told.push('lasting'),
      addHeaders: [
        ['Set-Cookie', 'a=1'],
        ['X', 'a\r\nY: 1'],
      ],
    },
  );
  const client = new RawClient(t, opened.port).send(get);
  const answer = await client.until('data: 1\n\n');
  assert.match(answer, /\r\nSet-Cookie: a=1\r\n/u);
  assert.doesNotMatch(answer, /^Y: 1/mu);
  assert.deepEqual(told.items, ['answered 201', 'lasting']);
});
