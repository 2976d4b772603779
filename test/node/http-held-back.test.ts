/** Clients whose bytes nobody takes, and clients that take none of ours: both are noticed, and neither costs much. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Decision } from '../../src/core/outside.ts';
import { gate, gullible, instance, openDoor, RawClient } from './http-support.ts';
import { descriptors, settled, until } from './support.ts';

const options = { timeout: 15_000 };
const host = 'Host: localhost\r\n';
const get = `GET / HTTP/1.1\r\n${host}\r\n`;
const post = (length: number): string => `POST / HTTP/1.1\r\n${host}Content-Length: ${length}\r\n\r\n`;

function ours(bytes: Buffer): () => Decision {
  return () => ({ kind: 'answer', answer: { status: 200, headers: [], body: '', bytes } });
}

/** Sends until nothing more is taken. */
async function stuff(client: RawClient, length: number): Promise<void> {
  const chunk = Buffer.alloc(65_536);
  for (let sent = 0; sent < length; sent += chunk.length) client.socket.write(chunk);
  await settled(() => client.socket.bytesWritten - client.socket.writableLength);
}

test('a client that leaves while its instance takes nothing of its upload is noticed', options, async (t) => {
  for (const way of ['reset', 'end'] as const) {
    const port = await gullible(t, (socket) => socket.pause());
    const { door, done, requests } = await openDoor(t, port, { limits: { halfClosedMs: 50 } });
    const client = new RawClient(t, door.port).send(post(50_000_000));
    await stuff(client, 26_000_000);
    assert.deepEqual(done.items, []);
    if (way === 'reset') client.socket.resetAndDestroy();
    else client.socket.destroy();
    await done.length(1);
    assert.equal((await requests.length(1))[0]?.status, 499);
  }
});

test('one of whom more waits than is read ahead is not kept for ever', options, async (t) => {
  const port = await gullible(t, (socket) => socket.pause());
  const limits = { stallMs: 20, giveUpMs: 500 };
  const never = (): Promise<Decision> => new Promise(() => undefined);
  for (const decide of [undefined, never]) {
    const { door, requests } = await openDoor(t, port, { limits, ...(decide && { decide }) });
    const client = new RawClient(t, door.port).send(post(100_000_000));
    await stuff(client, 80_000_000);
    client.socket.resetAndDestroy();
    assert.equal((await requests.length(1))[0]?.status, 499);
  }
});

test('one that stays has its upload taken on, whole', options, async (t) => {
  const go = gate();
  const port = await instance(t, (request, response) => {
    void go.opened.then(async () => {
      let length = 0;
      for await (const chunk of request) length += (chunk as Buffer).length;
      response.end(`took ${length};`);
    });
  });
  const { door } = await openDoor(t, port, { limits: { stallMs: 20 } });
  const client = new RawClient(t, door.port).send(post(40_000_000 + 17));
  const chunk = Buffer.alloc(1_000_000);
  for (let count = 0; count < 40; count += 1) client.socket.write(chunk);
  client.socket.write(chunk.subarray(0, 17));
  await settled(() => client.socket.bytesWritten - client.socket.writableLength);
  go.open();
  assert.match(await client.until(';'), /took 40000017;$/u);
  client.send(post(1)).send('x');
  await client.until('took 1;');
});

test(
  'a client that leaves with a large body while it is decided where that goes is sent nowhere',
  options,
  async (t) => {
    let connections = 0;
    const port = await gullible(t, () => (connections += 1));
    const decided = gate();
    const { door, done, heads, requests } = await openDoor(t, port, {
      limits: { halfClosedMs: 50 },
      decide: (_head, forward) => decided.opened.then(forward),
    });
    const client = new RawClient(t, door.port).send(post(1_000_000)).send('x'.repeat(1_000_000));
    await until('it is asked about', () => heads.length > 0);
    await until('all is sent', () => client.socket.writableLength === 0);
    client.socket.destroy();
    await requests.length(1);
    decided.open();
    await done.length(1);
    assert.equal(connections, 0);
  },
);

test('answers of ours that nobody reads hold back the requests behind them', options, async (t) => {
  const { door, heads } = await openDoor(t, 1, { decide: ours(Buffer.alloc(2_000, 'z')) });
  const client = new RawClient(t, door.port);
  client.socket.pause();
  const many = 50_000;
  client.send(get.repeat(many));
  await until('the first is decided on', () => heads.length > 0);
  const count = await settled(() => heads.length);
  // What the system keeps of answers, on both ends, and not more.
  assert.ok(count < 12_000, `${count} were answered`);
  // They are answered when it does read.
  client.socket.on('data', () => (client.received = ''));
  client.socket.resume();
  await until('all are answered', () => heads.length === many);
});

test('a slow reader of an answer that ends the connection gets all of it', options, async (t) => {
  // At each rest it has taken more than the system keeps on both ends, so that something has moved for the door, too.
  const portion = 12_000_000;
  const bytes = Buffer.alloc(8 * portion, 'a');
  const limits = { clientIdleMs: 600, lingerMs: 50 };
  const { door } = await openDoor(t, 1, { limits, decide: ours(bytes) });
  for (const ask of [`GET / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, 'GET / HTTP/1.0\r\n\r\n']) {
    const client = new RawClient(t, door.port).send(ask);
    let length = 0;
    let rests = 0;
    const begun = performance.now();
    client.socket.on('data', (chunk) => {
      length += chunk.length;
      client.received = '';
      if (length < (rests + 1) * portion) return;
      rests += 1;
      client.socket.pause();
      setTimeout(() => client.socket.resume(), limits.clientIdleMs / 3);
    });
    assert.equal(await client.ended, 'end');
    assert.ok(length > bytes.length);
    // Else it proves nothing.
    assert.ok(performance.now() - begun > limits.clientIdleMs * 2);
  }
});

test('a client that takes nothing of a whole answer is not kept for ever', options, async (t) => {
  const { door } = await openDoor(t, 1, {
    limits: { clientIdleMs: 60, lingerMs: 60 },
    decide: ours(Buffer.alloc(30_000_000)),
  });
  for (const ask of [get, `GET / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`]) {
    const client = new RawClient(t, door.port).send(ask);
    await once(client.socket, 'data');
    client.socket.pause();
    // A socket that is not read does not tell that its other end is closed; how many there are does.
    const open = descriptors();
    await until('the door has closed its end', () => descriptors() < open, 5_000);
  }
});

test(
  'a client that waits to be told to send its body is told by the door, if its instance does not',
  options,
  async (t) => {
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
    const port = await gullible(t, (socket) => {
      let text = '';
      socket.on('data', (bytes) => {
        text += bytes.toString('latin1');
        if (text.endsWith('BODY')) socket.write(answer);
      });
    });
    const ask = `POST / HTTP/1.1\r\n${host}Expect: 100-continue\r\nContent-Length: 4\r\n\r\n`;
    const { door } = await openDoor(t, port, { limits: { goOnMs: 40 } });
    const client = new RawClient(t, door.port).send(ask);
    assert.equal(await client.until('\r\n\r\n'), 'HTTP/1.1 100 Continue\r\n\r\n');
    assert.match(await client.send('BODY').until('ok'), /^HTTP\/1\.1 200 OK\r\n[^]*keep-alive/u);
    // Who sends its body without being told is not told afterwards.
    const bold = new RawClient(t, door.port).send(`${ask}BO`);
    const other = new RawClient(t, door.port).send(ask);
    await other.until('\r\n\r\n');
    assert.match(await bold.send('DY').until('ok'), /^HTTP\/1\.1 200 OK\r\n/u);
  },
);
