/** How connections end that have left HTTP: no side outlives the other, nor the door. */

import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Limits } from '../../src/node/http/limits.ts';
import { gate, gullible, openDoor, type Opened, RawClient } from './http-support.ts';
import { settled, until } from './support.ts';

const options = { timeout: 60_000 };
const ask = 'GET /live HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const mebibyte = 1024 * 1024;
const agree = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';

/** Sends until nothing more is taken. */
async function stuff(client: RawClient, length: number): Promise<void> {
  const chunk = Buffer.alloc(65_536);
  for (let sent = 0; sent < length; sent += chunk.length) client.socket.write(chunk);
  await settled(() => client.socket.bytesWritten - client.socket.writableLength);
}

/** However it comes: what is still on its way to somebody who has left comes back as an error. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

interface Joined extends Opened {
  readonly client: RawClient;
  readonly server: Socket;
}

async function joined(
  t: TestContext,
  limits: Partial<Limits>,
  then: (socket: Socket) => void,
): Promise<Joined> {
  const there = gate<Socket>();
  const port = await gullible(t, (socket) => {
    // As Node's own servers have it: an end that is heard is not answered by itself.
    socket.allowHalfOpen = true;
    socket.once('data', () => {
      socket.write(agree);
      then(socket);
      there.open(socket);
    });
  });
  const opened = await openDoor(t, port, { limits });
  const client = new RawClient(t, opened.door.port).send(ask);
  await client.until('\r\n\r\n');
  return { ...opened, client, server: await there.opened };
}

test(
  'a server that does not close what its client has closed is let go, whether it says something or not',
  options,
  async (t) => {
    for (const says of ['nothing', 'on and on']) {
      const { client, server, done } = await joined(t, { halfClosedMs: 40 }, (socket) => {
        socket.on('error', () => undefined);
        if (says === 'nothing') return;
        const timer = setInterval(() => socket.writable && socket.write('ping'), 5);
        t.after(() => clearInterval(timer));
      });
      const left = closed(server);
      client.socket.destroy();
      await done.length(1);
      server.end();
      await left;
    }
  },
);

test('a client that has ended its half is told everything that still comes', options, async (t) => {
  const halfClosedMs = 500;
  const { client, done } = await joined(t, { halfClosedMs }, (socket) => {
    socket.once('end', () => void speak(socket));
  });
  let said = '';
  async function speak(socket: Socket): Promise<void> {
    // Twice as long as one is kept to whom nothing is said.
    const enough = performance.now() + 2 * halfClosedMs;
    while (performance.now() < enough) {
      await pause(halfClosedMs / 20);
      said += '.';
      socket.write('.');
    }
    socket.end();
  }
  client.socket.end();
  assert.equal(await client.rest(), said);
  await done.length(1);
});

test('a client that leaves a server that does not read is noticed', options, async (t) => {
  for (const way of ['end', 'reset'] as const) {
    const { client, done } = await joined(t, { halfClosedMs: 40, stallMs: 20 }, (socket) => socket.pause());
    const chunk = Buffer.alloc(65_536);
    for (let count = 0; count < 200; count += 1) client.socket.write(chunk);
    await settled(() => client.socket.bytesWritten - client.socket.writableLength);
    if (way === 'reset') client.socket.resetAndDestroy();
    else client.socket.destroy();
    await done.length(1);
  }
});

test('one of whom more waits than is read ahead is not kept for ever', options, async (t) => {
  const limits = { halfClosedMs: 40, stallMs: 20, giveUpMs: 300 };
  const { client, done } = await joined(t, limits, (socket) => socket.pause());
  await stuff(client, 80_000_000);
  client.socket.destroy();
  await done.length(1);
});

test('one whose bytes are taken now and then is kept', options, async (t) => {
  const limits = { stallMs: 20, giveUpMs: 2_000 };
  const { client, server, done } = await joined(t, limits, (socket) => socket.pause());
  let length = 0;
  server.on('data', (bytes) => (length += bytes.length));
  // Nothing is taken for most of twice the time that it would be kept, but never for so long at once.
  const enough = performance.now() + 2 * limits.giveUpMs;
  for (let round = 1; performance.now() < enough; round += 1) {
    server.pause();
    await stuff(client, 40 * mebibyte);
    server.resume();
    await until('all has come', () => length === round * 40 * mebibyte);
  }
  assert.deepEqual(done.items, []);
});

test('a few of whom much waits do not keep the end of others from being noticed', options, async (t) => {
  const port = await gullible(t, (socket) => {
    socket.once('data', () => {
      socket.write(agree);
      socket.pause();
    });
  });
  const { door, done } = await openDoor(t, port, { limits: { halfClosedMs: 40, stallMs: 20 } });
  const open = async (): Promise<RawClient> => {
    const client = new RawClient(t, door.port).send(ask);
    await client.until('\r\n\r\n');
    return client;
  };
  const many = await Promise.all(Array.from({ length: 9 }, open));
  await Promise.all(many.map((client) => stuff(client, 40_000_000)));
  const client = await open();
  await stuff(client, 8_000_000);
  client.socket.destroy();
  await done.length(1);
});

test('nothing that a server does not take outlives the door', options, async (t) => {
  const { client, server, door } = await joined(t, {}, (socket) => socket.pause());
  const chunk = Buffer.alloc(65_536);
  for (let count = 0; count < 200; count += 1) client.socket.write(chunk);
  await settled(() => client.socket.bytesWritten - client.socket.writableLength);
  await door.close();
  const left = closed(server);
  server.on('error', () => undefined);
  server.resume();
  server.end();
  await left;
  // Not all that was sent can have come: it was cut off.
  assert.ok(server.bytesRead < 200 * chunk.length);
});
