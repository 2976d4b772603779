/** A connection that is just closing is no idle one, however late its socket says so. */

import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { gullible, openDoor, RawClient } from './http-support.ts';

const options = { timeout: 60_000 };
const post = 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx';

test(
  'a request that may not be sent twice is not given to a connection that its instance has just closed',
  options,
  async (t) => {
    const connections: Socket[] = [];
    const port = await gullible(t, (socket) => {
      connections.push(socket);
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
    });
    const { door, failures } = await openDoor(t, port);
    for (let round = 0; round < 20; round += 1) {
      const client = new RawClient(t, door.port).send(post);
      await client.until('ok');
      client.received = '';
      // Both wait for the door when it looks next: first the end of the idle connection, then the request.
      connections.at(-1)?.destroy();
      client.send(post);
      assert.match(await client.until('\r\n\r\n'), /200 OK/u, `round ${round}`);
      client.socket.destroy();
    }
    assert.deepEqual(failures, []);
  },
);

test('nor to one that has been idle for too long', options, async (t) => {
  const port = await gullible(t, (socket) => {
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  });
  const { door, failures } = await openDoor(t, port, { limits: { instanceIdleMs: 1 } });
  const client = new RawClient(t, door.port);
  for (let round = 0; round < 200; round += 1) {
    client.received = '';
    client.send(post);
    assert.match(await client.until('ok'), /200 OK/u, `round ${round}`);
    // The door's timer and the next request meet in every order.
    await new Promise((resolve) => setTimeout(resolve, round % 15));
  }
  assert.deepEqual(failures, []);
});

test('nor to one whose instance may still send a body that its answer must not have', options, async (t) => {
  const cases: readonly (readonly [method: string, head: string, isKept: boolean])[] = [
    ['GET', '204 No Content\r\nContent-Length: 60', false],
    ['GET', '204 No Content\r\nTransfer-Encoding: chunked', false],
    ['GET', '304 Not Modified\r\nContent-Length: 60', false],
    ['HEAD', '200 OK\r\nContent-Length: 60', false],
    ['HEAD', '200 OK\r\nTransfer-Encoding: chunked', false],
    ['GET', '204 No Content', true],
    ['GET', '204 No Content\r\nContent-Length: 0', true],
    ['GET', '304 Not Modified', true],
    ['HEAD', '200 OK\r\nContent-Length: 0', true],
  ];
  const got: [string, string, boolean][] = [];
  for (const [method, head] of cases) {
    const connections: Socket[] = [];
    const port = await gullible(t, (socket) => {
      connections.push(socket);
      socket.on('data', (bytes) => {
        socket.write(
          bytes.includes('/second')
            ? 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
            : `HTTP/1.1 ${head}\r\n\r\n`,
        );
      });
    });
    const { door } = await openDoor(t, port);
    const client = new RawClient(t, door.port);
    client.send(`${method} /first HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await client.until('\r\n\r\n');
    client.send('GET /second HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await client.until('ok');
    got.push([method, head, connections.length === 1]);
  }
  assert.deepEqual(got, cases);
});
