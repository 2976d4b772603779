/** Clients that end their side: those that still listen (`nc -N`, `socat`), and those that have left. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { onItsHeelsMs } from '../../src/node/http/half-closed.ts';
import { echo, gate, gullible, instance, openDoor, RawClient } from './http-support.ts';

const options = { timeout: 60_000 };
const host = 'Host: localhost\r\n';

/** After so long a silence an end is not taken for a request's own: only the time that has passed tells them apart. */
const noMoreItsEndMs = onItsHeelsMs + 20;

/** An instance that has heard of a request, and hears of its end. */
async function waiting(t: Parameters<typeof gullible>[0], head = ''): Promise<[number, Promise<Socket>]> {
  const asked = gate<Socket>();
  const port = await gullible(t, (socket) => {
    socket.once('data', () => {
      if (head !== '') socket.write(head);
      asked.open(socket);
    });
  });
  return [port, asked.opened];
}

test(
  'a client that ends its side with its request gets the answer, told as the last, and the end',
  options,
  async (t) => {
    const port = await instance(t, (request, response) => void pause(60).then(() => echo(request, response)));
    const { door, requests } = await openDoor(t, port);
    const rows = [
      `GET /a HTTP/1.1\r\n${host}\r\n`,
      'GET /a HTTP/1.0\r\n\r\n',
      `POST /a HTTP/1.1\r\n${host}Content-Length: 4\r\n\r\nbody`,
      `POST /a HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n`,
    ];
    for (const bytes of rows) {
      const client = new RawClient(t, door.port);
      client.socket.end(bytes);
      assert.match(
        await client.rest(),
        /^HTTP\/1\.1 200 OK\r\n[^]*\r\nConnection: close\r\n\r\n[^]*"target":"\/a"/u,
      );
    }
    assert.deepEqual(
      (await requests.length(4)).map(({ status }) => status),
      [200, 200, 200, 200],
    );
  },
);

test('it gets it too where it takes time to decide what that is', options, async (t) => {
  const port = await instance(t, echo);
  const { door, requests } = await openDoor(t, port, {
    decide: (_head, forward) => pause(60).then(forward),
  });
  for (const bytes of [
    `GET /a HTTP/1.1\r\n${host}\r\n`,
    `POST /a HTTP/1.1\r\n${host}Content-Length: 4\r\n\r\nbody`,
  ]) {
    const client = new RawClient(t, door.port);
    client.socket.end(bytes);
    assert.match(await client.rest(), /^HTTP\/1\.1 200 OK\r\n[^]*"target":"\/a"/u);
  }
  assert.deepEqual(
    (await requests.length(2)).map(({ status }) => status),
    [200, 200],
  );
});

test('one that ends its side long after its request has left, while that is decided', options, async (t) => {
  const asked = gate();
  const { door, requests } = await openDoor(t, 1, {
    decide: () => {
      asked.open();
      return new Promise(() => undefined);
    },
  });
  const client = new RawClient(t, door.port).send(`GET / HTTP/1.1\r\n${host}\r\n`);
  await asked.opened;
  await pause(noMoreItsEndMs);
  client.socket.end();
  assert.equal(await client.rest(), '');
  assert.equal((await requests.length(1))[0]?.status, 499);
});

test('all that it has asked for one after the other is answered, in order', options, async (t) => {
  const { door } = await openDoor(t, await instance(t, echo));
  const client = new RawClient(t, door.port);
  client.socket.end(['/1', '/2', '/3'].map((path) => `GET ${path} HTTP/1.1\r\n${host}\r\n`).join(''));
  const answers = await client.rest();
  assert.deepEqual(
    [...answers.matchAll(/"target":"(\/\d)"/gu)].map(([, path]) => path),
    ['/1', '/2', '/3'],
  );
  assert.deepEqual(
    [...answers.matchAll(/\r\nConnection: ([a-z-]+)/gu)].map(([, word]) => word),
    ['keep-alive', 'keep-alive', 'close'],
  );
});

test('a long answer of ours reaches it whole, however slowly it reads', options, async (t) => {
  const bytes = Buffer.alloc(20_000_000, 'a');
  const { door } = await openDoor(t, 1, {
    decide: () => ({ kind: 'answer', answer: { status: 200, headers: [], body: '', bytes } }),
  });
  for (const version of ['1.0', '1.1']) {
    const client = new RawClient(t, door.port);
    client.socket.pause();
    client.socket.end(`GET / HTTP/${version}\r\n${host}\r\n`);
    await once(client.socket, 'finish');
    await pause(50);
    client.socket.resume();
    const answer = await client.rest();
    assert.equal(answer.length - answer.indexOf('\r\n\r\n') - 4, bytes.length);
  }
});

test('one that ends its side long after its request has left', options, async (t) => {
  const [port, asked] = await waiting(t);
  const { door, requests, done } = await openDoor(t, port);
  const client = new RawClient(t, door.port).send(`GET / HTTP/1.1\r\n${host}\r\n`);
  const left = once(await asked, 'close');
  await pause(noMoreItsEndMs);
  client.socket.destroy();
  await left;
  assert.equal((await requests.length(1))[0]?.status, 499);
  assert.deepEqual(done.items, ['api.0']);
});

test('one that gets no answer in its time has left', options, async (t) => {
  for (const head of ['', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n']) {
    const [port, asked] = await waiting(t, head);
    const { door, done } = await openDoor(t, port, { limits: { halfClosedMs: 60 } });
    const client = new RawClient(t, door.port);
    client.socket.end(`GET / HTTP/1.1\r\n${host}\r\n`);
    await once(await asked, 'close');
    await done.length(1);
    await client.ended;
  }
});

test('one that asks for events has left at its end, whenever that comes', options, async (t) => {
  for (const when of ['before', 'after'] as const) {
    const [port, asked] = await waiting(
      t,
      'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n:a\n\n\r\n',
    );
    // Nothing but the end itself can tell.
    const { door, done } = await openDoor(t, port, { limits: { halfClosedMs: 0 } });
    const client = new RawClient(t, door.port);
    const bytes = `GET / HTTP/1.1\r\n${host}\r\n`;
    if (when === 'before') client.socket.end(bytes);
    else {
      await client.send(bytes).until(':a\n\n');
      client.socket.end();
    }
    await once(await asked, 'close');
    await done.length(1);
  }
});

test('half a request with an end is no request', options, async (t) => {
  const [port] = await waiting(t);
  const { door, done, requests } = await openDoor(t, port);
  const client = new RawClient(t, door.port);
  client.socket.end(`GET / HTTP/1.1\r\n${host}`);
  assert.equal(await client.rest(), '');
  const later = await openDoor(t, port, { decide: (_head, forward) => pause(20).then(forward) });
  for (const opened of [{ door, done, requests }, later]) {
    const posting = new RawClient(t, opened.door.port);
    posting.socket.end(`POST / HTTP/1.1\r\n${host}Content-Length: 10\r\n\r\nhalf`);
    await opened.done.length(1);
    assert.equal((await opened.requests.length(1))[0]?.status, 499);
  }
});
