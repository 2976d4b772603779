/** Ports and who is behind them, with real listeners. */

import assert from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { once } from 'node:events';
import test, { type TestContext } from 'node:test';
import { createPortFinder } from '../../src/node/free-port.ts';
import { createProcessTable } from '../../src/node/processes.ts';
import { createSockets } from '../../src/node/sockets.ts';
import { pidFrom, run, until } from './support.ts';

const sockets = createSockets(createProcessTable());

async function listen(
  t: TestContext,
  host: string,
  port = 0,
  server: Server = createServer(),
): Promise<number> {
  t.after(() => server.close());
  server.listen({ port, host, ipv6Only: host === '::1' });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test('a free port is free on every address, and is not given twice', async (t) => {
  const ports = await Promise.all(Array.from({ length: 50 }, () => sockets.freePort()));
  assert.equal(new Set(ports).size, 50);
  for (const port of ports.slice(0, 5)) {
    for (const host of ['127.0.0.1', '::1', '0.0.0.0']) {
      const server = createServer();
      await listen(t, host, port, server);
      server.close();
      await once(server, 'close');
    }
  }
});

test('a port that the system offers again within a minute is not given again, and later it is', async () => {
  let now = 0;
  const [first, second] = [await sockets.freePort(), await sockets.freePort()];
  const offers = [first, first, second, first];
  const find = createPortFinder(
    async () => offers.shift() ?? 0,
    () => now,
  );
  assert.deepEqual([await find(), await find()], [first, second]);
  now += 60_001;
  assert.equal(await find(), first);
});

for (const host of ['127.0.0.1', '::1', '0.0.0.0', '::']) {
  test(`a preferred port that is taken on ${host} is not given`, async (t) => {
    const taken = await listen(t, host);
    assert.notEqual(await sockets.freePort(taken), taken);
  });
}

test('a preferred port that is free is given, and given again to who had it', async () => {
  const port = await sockets.freePort();
  assert.equal(await sockets.freePort(port), port);
});

test('a connection is possible where somebody listens, on either family', async (t) => {
  const four = await listen(t, '127.0.0.1');
  const six = await listen(t, '::1');
  const nobody = await sockets.freePort();
  assert.deepEqual(
    {
      four: await sockets.canConnect('127.0.0.1', four),
      six: await sockets.canConnect('::1', six),
      localhostFour: await sockets.canConnect('localhost', four),
      localhostSix: await sockets.canConnect('localhost', six),
      wrongFamily: await sockets.canConnect('127.0.0.1', six),
      nobody: await sockets.canConnect('localhost', nobody),
      noName: await sockets.canConnect('no-such-host.invalid', four),
    },
    {
      four: true,
      six: true,
      localhostFour: true,
      localhostSix: true,
      wrongFamily: false,
      nobody: false,
      noName: false,
    },
  );
});

test('the connection is closed at once', async (t) => {
  const server = createServer();
  const port = await listen(t, '127.0.0.1', 0, server);
  const closed = once(server, 'connection').then(async ([socket]) => once(socket.resume(), 'close'));
  await sockets.canConnect('127.0.0.1', port);
  await closed;
});

test('an answer gives its status; silence and refusal give none', async (t) => {
  const web = createHttpServer((request, response) => {
    if (request.url === '/silent') return;
    response.statusCode = request.url === '/health?deep=1' ? 204 : 503;
    response.end('x');
  });
  t.after(() => web.closeAllConnections());
  const port = await listen(t, '127.0.0.1', 0, web);
  const garbage = await listen(
    t,
    '127.0.0.1',
    0,
    createServer((socket) => socket.end('no HTTP\n')),
  );
  assert.deepEqual(
    await Promise.all([
      sockets.httpStatus('127.0.0.1', port, '/health?deep=1', 5_000),
      sockets.httpStatus('localhost', port, '/', 5_000),
      sockets.httpStatus('127.0.0.1', port, '/silent', 100),
      sockets.httpStatus('127.0.0.1', garbage, '/', 5_000),
      sockets.httpStatus('127.0.0.1', await sockets.freePort(), '/', 5_000),
    ]),
    [204, 503, undefined, undefined, undefined],
  );
});

test("a child's own listener is found and is its own, also where only IPv6 is listened on", async (t) => {
  for (const host of ['127.0.0.1', '::1', '0.0.0.0']) {
    const child = await run(t, 'listens.mjs', host);
    const port = await pidFrom(child);
    assert.deepEqual(await sockets.listenersOf(child.pid), [{ host, port, pid: child.pid }]);
    assert.equal(await sockets.ownerOf(port, child.pid), 'ours');
  }
});

test("a grandchild's listener is the child's", async (t) => {
  const child = await run(t, 'lets-a-grandchild-listen.mjs');
  const port = await pidFrom(child);
  const [listener, ...others] = (await sockets.listenersOf(child.pid)) ?? [];
  assert.deepEqual([listener?.host, listener?.port, others], ['127.0.0.1', port, []]);
  assert.notEqual(listener?.pid, child.pid);
  assert.equal(await sockets.ownerOf(port, child.pid), 'ours');
});

test('a stranger on a port is named with pid and command', async (t) => {
  const child = await run(t, 'stays.mjs');
  const stranger = await run(t, 'listens.mjs', '127.0.0.1');
  const port = await pidFrom(stranger);
  const owner = await sockets.ownerOf(port, child.pid);
  assert.ok(typeof owner === 'object');
  assert.equal(owner.pid, stranger.pid);
  assert.match(owner.command, /listens\.mjs|…$/u);
  assert.ok(owner.command.length <= 80);
  assert.deepEqual(await sockets.strangerOn(port), owner);
  assert.deepEqual(await sockets.listenersOf(child.pid), []);
});

test('of a port that nobody listens on nothing is told, nor of a child that has gone', async (t) => {
  const child = await run(t, 'exits-with.mjs', '0');
  await child.exited;
  const port = await sockets.freePort();
  assert.deepEqual(
    [
      await sockets.ownerOf(port, child.pid),
      await sockets.strangerOn(port),
      await sockets.listenersOf(child.pid),
    ],
    [undefined, undefined, []],
  );
});

test('the stamp of a child changes when it opens a port', async (t) => {
  const child = await run(t, 'listens-on-sigusr2.mjs');
  await child.output.firstLine();
  // It changes now and then without a reason, too, so what is compared is the list of descriptors.
  const list = async (): Promise<string | undefined> =>
    (await sockets.descriptorStamp(child.pid))?.replace(/ \S+$/u, '');
  const before = await until('its descriptors come to rest', async () => {
    const [one, two] = [await list(), await list()];
    return one === two ? one : undefined;
  });
  child.signal('USR2');
  await until('it listens', () => child.output.tail().length > 0);
  assert.notEqual(await list(), before);
});
