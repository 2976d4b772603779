/**
 * Clients and instances that send too much, too slowly, or do not read.
 *
 * The attack is always on what there is little of: memory, sockets, places at an instance. What is decided: a head has a
 * bound in bytes and in time, whatever trickles in meanwhile; a body has none, for an upload may take as long as it
 * takes, and it goes on to the instance as it comes, so that only the instance's place is held, and only until the
 * client leaves. Whoever does not read is not read from either.
 */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { gate, gullible, openDoor, RawClient } from './http-support.ts';
import { target } from './hygiene-support.ts';
import { settled, until } from './support.ts';

const options = { timeout: 60_000 };
const get = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
const megabyte = 1024 * 1024;
/** What the kernel keeps of a connection that nobody reads, twice: towards us and from us. */
const kernelKeeps = 48 * megabyte;

describe('a head that is too long', () => {
  const line = 'GET / HTTP/1.1\r\nHost: localhost\r\n';
  const cases: readonly (readonly [attack: string, bytes: string, statuses: readonly number[]])[] = [
    ['one endless header', `${line}Cookie: ${'x'.repeat(500_000)}`, [431]],
    ['headers without end', line + 'X: 1\r\n'.repeat(100_000), [431]],
    ['more headers than anybody sends, in few bytes', `${line}${'a:\r\n'.repeat(15_000)}\r\n`, [431]],
    ['an endless name', line + 'x'.repeat(500_000), [431]],
    ['an endless target', `GET /${'x'.repeat(500_000)}`, [414, 431]],
    ['an endless method', 'G'.repeat(500_000), [400, 414, 431, 501]],
    ['an endless version', `GET / HTTP/1.1${'1'.repeat(500_000)}`, [400, 414, 431, 505]],
    ['empty lines without end', '\r\n'.repeat(500_000), [400, 408, 414, 431]],
  ];
  for (const [attack, bytes, statuses] of cases) {
    it(`is refused and the connection ended: ${attack}`, options, async (t) => {
      const { door, heads, upstream } = await target(t, { limits: { headMs: 2_000 } });
      const answer = await new RawClient(t, door.port).send(bytes).rest();
      const [, status] = /^HTTP\/1\.1 (\d{3}) /u.exec(answer) ?? [];
      // Whoever sends on without reading may find the connection reset before the answer.
      if (answer !== '') assert.ok(statuses.includes(Number(status)), `${status}`);
      assert.deepEqual([heads.length, upstream.connections.items.length], [0, 0]);
    });
  }
});

describe('a client that takes its time (slowloris)', () => {
  it('with its head is sent away when its time is up, however busily it sends', options, async (t) => {
    const { door, heads } = await target(t, { limits: { headMs: 300 } });
    const begun = performance.now();
    const client = new RawClient(t, door.port).send('GET / HTTP/1.1\r\nHost: localhost\r\n');
    while (!client.socket.closed && !client.socket.readableEnded) {
      client.send('X: 1\r\n');
      await Promise.race([pause(20), client.ended]);
    }
    assert.match(client.received, /^HTTP\/1\.1 408 Request Timeout\r\n/u);
    assert.ok(performance.now() - begun < 5_000, 'it was kept for long');
    assert.equal(heads.length, 0);
  });

  it('with the head of its second request is sent away as well', options, async (t) => {
    const { door, heads } = await target(t, { limits: { headMs: 200 } });
    const client = new RawClient(t, door.port).send(get);
    await client.until('seen GET / 0');
    client.send('GET /second HTTP/1.1\r\nHost: loc');
    assert.match(await client.rest(), /^HTTP\/1\.1 408 Request Timeout\r\n/u);
    assert.equal(heads.length, 1);
  });

  it('does not get the complaint about it inside the answer before', options, async (t) => {
    const port = await gullible(t, (socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegun'));
    });
    const { door } = await openDoor(t, port, { limits: { headMs: 100 } });
    const client = new RawClient(t, door.port).send(get);
    await client.until('begun');
    client.send('GET /second HTTP/1.1\r\nHost: loc');
    // As many head times as it takes to be sure: another client has come and been sent away twice meanwhile.
    for (let turn = 0; turn < 2; turn += 1) {
      assert.match(await new RawClient(t, door.port).send('GET / H').rest(), / 408 /u);
    }
    assert.doesNotMatch(client.received, /HTTP/u);
  });

  it('does not keep others waiting, be there hundreds of them', options, async (t) => {
    const { door } = await target(t);
    const slow = Array.from({ length: 500 }, () => new RawClient(t, door.port).send('GET / HTTP/1.1\r\nHos'));
    const honest = new RawClient(t, door.port).send(get);
    assert.match(await honest.until('seen GET / 0'), /200 OK/u);
    assert.ok(slow.every(({ socket }) => !socket.closed));
    await door.close();
    await Promise.all(slow.map(({ ended }) => ended));
  });

  it(
    'with its body may take as long as it takes, and holds one place until it leaves',
    options,
    async (t) => {
      const { door, done, upstream } = await target(t, { limits: { headMs: 50, clientIdleMs: 50 } });
      const client = new RawClient(t, door.port);
      client.send('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n');
      for (let count = 0; count < 20; count += 1) {
        await pause(15);
        client.send('x');
      }
      assert.match(await client.until('seen POST / 20'), /200 OK/u);
      const leaving = new RawClient(t, door.port);
      leaving.send('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\nx');
      await done.length(1);
      const used = await until('the second one is there', () =>
        upstream.connections.items.findLast(({ bytes }) => bytes.endsWith('\r\n\r\nx')),
      );
      const gone = new Promise((resolve) => used.socket.once('close', resolve));
      assert.equal(done.items.length, 1);
      leaving.socket.destroy();
      await Promise.all([gone, done.length(2)]);
    },
  );

  it('says nothing at all, and is let go without a word', options, async (t) => {
    const { door, heads } = await target(t, { limits: { headMs: 100, clientIdleMs: 100 } });
    const silent = new RawClient(t, door.port);
    assert.match(await silent.rest(), /^(?:HTTP\/1\.1 408 [\s\S]*)?$/u);
    const idle = new RawClient(t, door.port).send(get);
    await idle.until('seen GET / 0');
    assert.equal(await idle.rest(), '');
    assert.equal(heads.length, 1);
  });
});

/** A door before an instance that answers with this head and then with all it can get rid of; `written` tells how much that was. */
async function flooding(t: TestContext, head: string) {
  const written = gate<() => number>();
  const chunk = Buffer.alloc(megabyte);
  const port = await gullible(t, (socket) => {
    socket.once('data', () => {
      socket.write(head);
      const fill = (): void => {
        while (socket.writable && socket.write(chunk));
      };
      socket.on('drain', fill);
      fill();
      written.open(() => socket.bytesWritten);
    });
  });
  return { ...(await openDoor(t, port)), written };
}

describe('who does not read is not read from', () => {
  it('a client that takes no answer stops the instance', options, async (t) => {
    const { door, written } = await flooding(t, 'HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n');
    const client = new RawClient(t, door.port);
    client.socket.pause();
    client.send(get);
    const before = process.memoryUsage();
    const count = await settled(await written.opened);
    const after = process.memoryUsage();
    assert.ok(count < kernelKeeps, `${count} bytes were taken from it`);
    // Both ends and the door are in this process.
    assert.ok(after.arrayBuffers - before.arrayBuffers < 24 * megabyte, 'what nobody reads was kept');
  });

  it('an instance that takes no body stops the client', options, async (t) => {
    const port = await gullible(t, (socket) => socket.pause());
    const { door } = await openDoor(t, port);
    const client = new RawClient(t, door.port);
    client.send('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n');
    const chunk = Buffer.alloc(megabyte);
    const fill = (): void => {
      while (client.socket.writable && client.socket.write(chunk));
    };
    client.socket.on('drain', fill);
    fill();
    const count = await settled(() => client.socket.bytesWritten);
    assert.ok(count < kernelKeeps, `${count} bytes were taken from it`);
  });

  it('requests that nobody has answered yet hold back the ones behind them', options, async (t) => {
    const port = await gullible(t, (socket) => socket.resume());
    const { door, heads } = await openDoor(t, port);
    new RawClient(t, door.port).send(get.repeat(50_000));
    await until('the first is decided on', () => heads.length > 0);
    assert.ok((await settled(() => heads.length)) <= 2, `${heads.length} were read`);
  });

  it('a client that sends requests and takes no answers is not served on', options, async (t) => {
    const { door, heads } = await target(t, {}, () => ({
      bytes: `HTTP/1.1 200 OK\r\nContent-Length: ${megabyte}\r\n\r\n${'x'.repeat(megabyte)}`,
    }));
    const client = new RawClient(t, door.port);
    client.socket.pause();
    client.send(get.repeat(1_000));
    await until('the first is decided on', () => heads.length > 0);
    const count = await settled(() => heads.length);
    assert.ok(count < 60, `${count} were served`);
  });

  it('an upgrade whose client does not read stops the instance as well', options, async (t) => {
    const { door, written } = await flooding(
      t,
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    const client = new RawClient(t, door.port);
    client.socket.pause();
    client.send('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const count = await settled(await written.opened);
    assert.ok(count < kernelKeeps, `${count} bytes were taken from it`);
  });
});

describe('connections that are only there', () => {
  it('cost others nothing, and are gone with the door', options, async (t) => {
    const { door } = await target(t);
    const idle = Array.from({ length: 1_000 }, () => new RawClient(t, door.port));
    await until('they are connected', () => idle.every(({ socket }) => !socket.connecting));
    const honest = new RawClient(t, door.port).send(get);
    await honest.until('seen GET / 0');
    await door.close();
    await Promise.all(idle.map(({ ended }) => ended));
  });
});
