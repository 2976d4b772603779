/** What becomes of connections when their door is closed and what is under way is let finish. */

import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { gate, gullible, instance, openDoor, RawClient } from './http-support.ts';

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

describe('a door that is closed with grace', () => {
  it('lets what is under way finish, has nothing new, and is closed when that is over', async (t) => {
    const asked = gate();
    const answer = gate();
    const port = await instance(t, (request, response) => {
      if (request.url === '/quick') {
        response.end('quick');
        return;
      }
      asked.open();
      void answer.opened.then(() => response.end('slow'));
    });
    const { door } = await openDoor(t, port);
    const idle = new RawClient(t, door.port).send(get('/quick'));
    await idle.until('quick');
    const busy = new RawClient(t, door.port).send(get('/slow'));
    await asked.opened;
    const closed = door.close({ graceMs: 60_000 });
    assert.equal(await idle.ended, 'end');
    // Somebody else can listen there already.
    const other = createServer();
    t.after(() => void other.close());
    await new Promise<void>((resolve, reject) => {
      other.once('error', reject);
      other.listen(door.port, '127.0.0.1', resolve);
    });
    busy.send(get('/quick'));
    answer.open();
    assert.match(await busy.until('slow'), /^HTTP\/1\.1 200 OK\r\n[^]*Connection: close\r\n/);
    assert.equal(await busy.ended, 'end');
    assert.equal(busy.received, '');
    busy.socket.end();
    idle.socket.end();
    await closed;
  });

  it('lets a WebSocket go on, and cuts it off when the grace is over', async (t) => {
    const port = await gullible(t, (socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
        socket.on('data', (bytes) => socket.write(bytes));
      });
    });
    const { door } = await openDoor(t, port);
    const client = new RawClient(t, door.port);
    client.send('GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    await client.until('\r\n\r\n');
    const closed = door.close({ graceMs: 300 });
    client.send('still there');
    await client.until('still there');
    await closed;
    await client.ended;
  });

  it(
    'is closed when the rest of a body has come whose request was answered before',
    { timeout: 10_000 },
    async (t) => {
      const { door } = await openDoor(t, 1, {
        decide: () => ({ kind: 'answer', answer: { status: 200, headers: [], body: 'early' } }),
      });
      const client = new RawClient(t, door.port);
      client.send('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc');
      await client.until('early');
      const closed = door.close({ graceMs: 60_000 });
      client.send('defghij');
      assert.equal(await client.ended, 'end');
      client.socket.end();
      await closed;
    },
  );

  it('ends what is left when that is over, or when it is closed once more without grace', async (t) => {
    for (const graceMs of [30, 60_000]) {
      const asked = gate();
      const port = await instance(t, () => asked.open());
      const { door } = await openDoor(t, port);
      const client = new RawClient(t, door.port).send(get('/never'));
      await asked.opened;
      const closed = door.close({ graceMs });
      if (graceMs > 30) void door.close();
      await closed;
      assert.equal(await client.rest(), '');
    }
  });
});
