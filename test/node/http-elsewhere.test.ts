/** A request whose connection is refused is seen by nobody, so another instance may have it: once, and whole. */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { Forward } from '../../src/core/outside.ts';
import { echo, instance, openDoor, type Opened, RawClient } from './http-support.ts';

const options = { timeout: 60_000 };

/** A port that somebody has just stopped to listen on. */
async function deserted(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return address.port;
}

/** A door to a port that refuses, with another one to go to. */
async function door(t: TestContext, other: number | undefined): Promise<Opened & { released: string[] }> {
  const released: string[] = [];
  const opened = await openDoor(t, await deserted(), {
    decide: (_head, forward) => {
      const first = forward();
      if (first.kind !== 'forward') return first;
      const second: Forward | undefined =
        other === undefined
          ? undefined
          : { ...first, instance: 'api.1', port: other, done: () => released.push('api.1') };
      return { ...first, done: () => released.push('api.0'), elsewhere: () => second };
    },
  });
  return { ...opened, released };
}

test('a refused request goes to the other instance, with all of its body', options, async (t) => {
  const { url, requests, failures, released } = await door(t, await instance(t, echo));
  const body = 'x'.repeat(1_000_000);
  for (const method of ['GET', 'POST']) {
    const response = await fetch(url, method === 'GET' ? {} : { method, body });
    const seen = (await response.json()) as { method: string; body: string };
    assert.deepEqual([seen.method, seen.body.length], [method, method === 'GET' ? 0 : body.length]);
  }
  assert.deepEqual(
    (await requests.length(2)).map((each) => [each.instance, each.status]),
    [
      ['api.1', 200],
      ['api.1', 200],
    ],
  );
  assert.deepEqual(failures, []);
  assert.deepEqual(released, ['api.0', 'api.1', 'api.0', 'api.1']);
});

test('one that is refused by both, or has no other, is told of once', options, async (t) => {
  for (const other of [undefined, await deserted()]) {
    const { url, failures, released, requests } = await door(t, other);
    assert.equal((await fetch(url, { method: 'POST', body: 'x' })).status, 503);
    await requests.length(1);
    assert.deepEqual(failures, [
      { kind: 'unreachable', reason: 'the connection was refused', refused: true },
    ]);
    assert.deepEqual(released, other === undefined ? ['api.0'] : ['api.0', 'api.1']);
  }
});

/** Takes each connection and drops it; what is sent again goes to one that answers. */
async function dropped(t: TestContext, method: string) {
  let taken = 0;
  const dropping = createTcpServer((socket) => {
    taken += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => dropping.listen(0, '127.0.0.1', resolve));
  t.after(() => dropping.close());
  const address = dropping.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  const other = await instance(t, echo);
  let asked = 0;
  const { url } = await openDoor(t, address.port, {
    decide: (_head, forward) => {
      const first = forward();
      if (first.kind !== 'forward') return first;
      const elsewhere = (): Forward => {
        asked += 1;
        return { ...first, port: other };
      };
      return { ...first, elsewhere };
    },
  });
  const { status } = await fetch(url, { method });
  return { status, taken, asked };
}

test(
  'one that was taken and dropped is not sent again: somebody may have acted on it',
  options,
  async (t) => {
    assert.deepEqual(await dropped(t, 'POST'), { status: 503, taken: 1, asked: 0 });
  },
);

test(
  'one that may be sent twice goes to the other instance when the first drops it without a word',
  options,
  async (t) => {
    for (const method of ['GET', 'DELETE'])
      assert.deepEqual(await dropped(t, method), { status: 200, taken: 1, asked: 1 });
  },
);

/** Answers all but `/die`, of which it dies: its connections end, and no new one is taken. */
async function mortal(t: TestContext, died: string[], name: string): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      if (!chunk.toString().includes(' /die ')) {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        return;
      }
      died.push(name);
      server.close();
      for (const each of sockets) each.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const each of sockets) each.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address.port;
}

test(
  'one that kills whoever has it kills two at most, over connections that were open and new ones',
  options,
  async (t) => {
    for (const [path, isWarm, expected] of [
      ['/die', true, 2],
      ['/die', false, 2],
    ] as const) {
      const died: string[] = [];
      const ports = await Promise.all(['a', 'b', 'c', 'd'].map((name) => mortal(t, died, name)));
      const { url } = await openDoor(t, ports[0] ?? 0, {
        decide: (head, forward) => {
          const first = forward();
          if (first.kind !== 'forward') return first;
          const at = (position: number): Forward => ({
            ...first,
            port: ports[position] ?? 0,
            elsewhere: () => (position + 1 < ports.length ? at(position + 1) : undefined),
          });
          return at(head.target === path ? 0 : Number(head.target.slice(1)));
        },
      });
      if (isWarm)
        for (const position of ports.keys()) assert.equal((await fetch(`${url}/${position}`)).status, 200);
      assert.equal((await fetch(`${url}${path}`)).status, 503);
      assert.equal(died.length, expected, died.join(' '));
    }
  },
);

test('one with a body, or that must not be sent twice, kills one alone', options, async (t) => {
  for (const init of [
    { method: 'POST' },
    { method: 'PATCH' },
    { method: 'PUT', body: 'x' },
    { method: 'DELETE', body: 'x' },
  ])
    for (const isWarm of [true, false]) {
      const died: string[] = [];
      const [port, other] = [await mortal(t, died, 'a'), await mortal(t, died, 'b')];
      const { url } = await openDoor(t, port, {
        decide: (_head, forward) => {
          const first = forward();
          return first.kind === 'forward'
            ? { ...first, elsewhere: () => ({ ...first, port: other }) }
            : first;
        },
      });
      if (isWarm) assert.equal((await fetch(url)).status, 200);
      assert.equal((await fetch(`${url}/die`, init)).status, 503);
      assert.deepEqual(died, ['a']);
    }
});

test('an upgrade that is refused goes to the other instance as well', options, async (t) => {
  const server = createServer();
  server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.pipe(socket);
    t.after(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  const { door: opened, released } = await door(t, address.port);
  const client = new RawClient(t, opened.port);
  client.send('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
  await client.until('\r\n\r\n');
  client.send('hello');
  await client.until('hello');
  assert.deepEqual(released, ['api.0']);
});
