/** Requests that leave HTTP: WebSocket as its library speaks it, and any other protocol by hand. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { gate, gullible, instance, Log, openDoor, RawClient } from './http-support.ts';

const options = { timeout: 60_000 };
const ask = 'GET /live HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: custom/1\r\n\r\n';
const agree =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: custom/1\r\nConnection: Upgrade\r\nX-Kept: 1\r\n\r\n';

test(
  'a WebSocket echoes text and binary of any size, and closes with its code on both sides',
  options,
  async (t) => {
    const sockets = new WebSocketServer({ noServer: true });
    const closed = gate<unknown>();
    sockets.on('connection', (socket) => {
      socket.on('message', (data, binary) => socket.send(data, { binary }));
      socket.on('close', (code, reason) => closed.open([code, reason.toString()]));
    });
    const port = await instance(
      t,
      () => undefined,
      (server) => {
        server.on('upgrade', (request, socket, head) => {
          sockets.handleUpgrade(request, socket, head, (each) => sockets.emit('connection', each));
        });
      },
    );
    const { door, requests, done } = await openDoor(t, port);
    const client = new WebSocket(`ws://127.0.0.1:${door.port}/live?x=1`, 'chat');
    t.after(() => client.terminate());
    await once(client, 'open');
    assert.equal(client.protocol, 'chat');
    // The exchange is told of as soon as the protocol has changed, but the instance is busy until it ends.
    assert.deepEqual(await requests.length(1), [
      { service: 'api', instance: 'api.0', method: 'GET', path: '/live', status: 101 },
    ]);
    assert.deepEqual(done.items, []);
    for (const message of ['hello', 'x'.repeat(3_000_000), Buffer.alloc(70_000, 7), ''].map((each) =>
      Buffer.from(each),
    )) {
      client.send(message, { binary: message.length === 70_000 });
      const [data]: unknown[] = await once(client, 'message');
      assert.ok(data instanceof Buffer && data.equals(message));
    }
    client.close(4001, 'enough');
    assert.deepEqual(await closed.opened, [4001, 'enough']);
    await done.length(1);
    assert.equal(requests.items.length, 1);
  },
);

test('bytes that come along with either head are not lost', options, async (t) => {
  const heard = new Log<string>();
  const port = await gullible(t, (socket) => {
    socket.once('data', () => {
      socket.on('data', (chunk) => heard.push(chunk.toString()));
      socket.write(`${agree}early from instance`);
    });
  });
  const { door } = await openDoor(t, port);
  const client = new RawClient(t, door.port).send(`${ask}early from client`);
  const head = await client.until('early from instance');
  assert.equal(
    head,
    'HTTP/1.1 101 Switching Protocols\r\nX-Kept: 1\r\nConnection: Upgrade\r\nUpgrade: custom/1\r\n\r\nearly from instance',
  );
  await heard.length(1);
  client.send('!');
  await heard.length(2);
  assert.equal(heard.items.join(''), 'early from client!');
});

test('an instance that answers an upgrade in plain HTTP has its answer passed on', options, async (t) => {
  const port = await instance(t, (request, response) => {
    response.writeHead(401, { 'WWW-Authenticate': 'Basic', 'X-Upgrade': String(request.headers.upgrade) });
    response.end('who are you?');
  });
  const { door, requests, done } = await openDoor(t, port);
  const answer = await new RawClient(t, door.port).send(ask).rest();
  assert.match(
    answer,
    /^HTTP\/1\.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nX-Upgrade: custom\/1\r\n/u,
  );
  assert.match(answer, /\r\nConnection: close\r\n\r\nc\r\nwho are you\?\r\n0\r\n\r\n$/u);
  assert.equal((await requests.length(1))[0]?.status, 401);
  assert.deepEqual(await done.length(1), ['api.0']);
});

test(
  'an answer to an upgrade that is cut off resets the connection: its end would pass for a whole',
  options,
  async (t) => {
    const cut = gate();
    const port = await gullible(t, (socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n');
        void cut.opened.then(() => socket.destroy());
      });
    });
    const { door, done } = await openDoor(t, port);
    const client = new RawClient(t, door.port).send(ask);
    await client.until('half');
    cut.open();
    assert.equal(await client.ended, 'ECONNRESET');
    await done.length(1);
  },
);

test('an upgrade to an instance that is not there gets the answer that is due', options, async (t) => {
  const port = await gullible(t, (socket) => socket.destroy());
  const { door, failures, requests } = await openDoor(t, port);
  assert.match(
    await new RawClient(t, door.port).send(ask).rest(),
    /^HTTP\/1\.1 503 [^]*\r\n\r\nunreachable$/u,
  );
  assert.equal(failures[0]?.kind, 'unreachable');
  assert.equal((await requests.length(1))[0]?.status, 503);
});

test('an upgrade that the door itself answers gets that answer', options, async (t) => {
  const { door } = await openDoor(t, 1, {
    decide: () => ({ kind: 'answer', answer: { status: 403, headers: [['X-A', '1']], body: 'no' } }),
  });
  assert.match(
    await new RawClient(t, door.port).send(ask).rest(),
    /^HTTP\/1\.1 403 Forbidden\r\nX-A: 1\r\n[^]*no$/u,
  );
});

test('either side that leaves takes the other with it', options, async (t) => {
  for (const leaver of ['client', 'instance'] as const) {
    const joined = gate<Socket>();
    const port = await gullible(t, (socket) => {
      socket.once('data', () => {
        socket.write(agree);
        joined.open(socket);
      });
    });
    const { door, done } = await openDoor(t, port);
    const client = new RawClient(t, door.port).send(ask);
    await client.until('\r\n\r\n');
    const there = await joined.opened;
    const left = once(there, 'close');
    there.resume();
    (leaver === 'client' ? client.socket : there).destroy();
    await (leaver === 'client' ? left : client.ended);
    await done.length(1);
  }
});

test('what was sent before an orderly end arrives, whoever ends first', options, async (t) => {
  const port = await gullible(t, (socket) => {
    socket.once('data', () => {
      socket.write(agree);
      socket.once('data', (chunk) => {
        if (chunk.toString() === 'you first') socket.end('x'.repeat(500_000));
      });
      socket.once('end', () => socket.end('goodbye'));
    });
  });
  const { door } = await openDoor(t, port);
  const instanceFirst = new RawClient(t, door.port).send(ask);
  await instanceFirst.until('\r\n\r\n');
  assert.equal((await instanceFirst.send('you first').rest()).length, 500_000);
  const clientFirst = new RawClient(t, door.port).send(ask);
  await clientFirst.until('\r\n\r\n');
  clientFirst.socket.end('me first');
  assert.equal(await clientFirst.rest(), 'goodbye');
});

test('a client that leaves while the upgrade is being negotiated is noticed', options, async (t) => {
  const asked = gate();
  const left = gate();
  const port = await gullible(t, (socket) => {
    socket.once('data', () => asked.open());
    socket.on('close', () => left.open());
  });
  const { door, requests, done } = await openDoor(t, port);
  const client = new RawClient(t, door.port).send(ask);
  await asked.opened;
  client.socket.end();
  await left.opened;
  assert.equal((await requests.length(1))[0]?.status, 499);
  assert.deepEqual(done.items, ['api.0']);
});

test('h2c is not upgraded to: the request goes on as the plain one it also is', options, async (t) => {
  const port = await instance(t, (request, response) => response.end(`upgrade: ${request.headers.upgrade};`));
  const { door, heads } = await openDoor(t, port);
  const client = new RawClient(t, door.port);
  client.send(
    'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n',
  );
  await client.until('upgrade: undefined;');
  assert.equal(heads[0]?.upgrade, false);
});

test('a POST that asks for an upgrade keeps its body and goes on without it', options, async (t) => {
  const port = await instance(t, (request, response) => void request.pipe(response));
  const { door } = await openDoor(t, port);
  const client = new RawClient(t, door.port);
  client.send(
    'POST / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 4\r\n\r\nbody',
  );
  assert.match(await client.until('body'), /^HTTP\/1\.1 200 OK\r\n/u);
});
