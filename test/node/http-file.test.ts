/** Files as they are, and bodies that are read before an answer. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, open, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Answer, Headers } from '../../src/core/outside.ts';
import { openDoor, type Opened, RawClient } from './http-support.ts';
import { descriptors, folderFor, settled, until } from './support.ts';

const options = { timeout: 60_000 };
const gone: Answer = { status: 404, headers: [], body: 'gone' };

interface Served extends Opened {
  readonly folder: string;
}

/** A door that sends the file of that name. */
async function served(t: TestContext, headers: Headers = [], status = 200): Promise<Served> {
  const folder = await folderFor(t);
  const opened = await openDoor(t, 1, {
    decide: ({ target }) => ({
      kind: 'file',
      service: 'api',
      path: join(folder, target),
      status,
      headers,
      gone,
    }),
  });
  return { ...opened, folder };
}

function ask(t: TestContext, { door }: Opened, path: string, method = 'GET'): RawClient {
  return new RawClient(t, door.port).send(
    `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
  );
}

test('a file is sent with its length and the headers that were decided on', options, async (t) => {
  const site = await served(t, [
    ['Content-Type', 'text/css'],
    ['Expires', 'never'],
    ['content-length', '9'],
  ]);
  await writeFile(join(site.folder, 'a.css'), 'body {}');
  assert.match(
    await ask(t, site, '/a.css').rest(),
    /^HTTP\/1\.1 200 OK\r\nContent-Type: text\/css\r\nExpires: never\r\nContent-Length: 7\r\nDate: [^\r]+\r\nConnection: close\r\n\r\nbody \{\}$/u,
  );
  assert.match(await ask(t, site, '/a.css', 'HEAD').rest(), /\r\nContent-Length: 7\r\n(?:.*\r\n)*\r\n$/u);
  assert.deepEqual(await site.requests.length(2), [
    { service: 'api', method: 'GET', path: '/a.css', status: 200 },
    { service: 'api', method: 'HEAD', path: '/a.css', status: 200 },
  ]);
});

test('an empty file, and one under another status, are sent as well', options, async (t) => {
  const site = await served(t, [], 404);
  await writeFile(join(site.folder, 'empty'), '');
  assert.match(await ask(t, site, '/empty').rest(), /^HTTP\/1\.1 404 Not Found\r\nContent-Length: 0\r\n/u);
});

test('a large file arrives whole, and the connection goes on after it', options, async (t) => {
  const site = await served(t);
  const content = Buffer.alloc(20_000_000);
  for (let at = 0; at < content.length; at += 4) content.writeUInt32LE(at, at);
  await writeFile(join(site.folder, 'large'), content);
  const before = descriptors();
  for (let turn = 0; turn < 3; turn += 1) {
    assert.ok(content.equals(Buffer.from(await (await fetch(`${site.url}/large`)).arrayBuffer())));
  }
  await until('the file is closed', () => descriptors() <= before + 4);
});

test('a body that came along is dropped', options, async (t) => {
  const site = await served(t);
  await writeFile(join(site.folder, 'a'), 'content');
  const client = new RawClient(t, site.door.port);
  client.send(`POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`);
  await client.until('content');
  client.send('GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n');
  assert.match(await client.until('content'), /^HTTP\/1\.1 200 /u);
});

test('what is none, or no file, is answered as gone: nobody waits at a pipe', options, async (t) => {
  const site = await served(t);
  await mkdir(join(site.folder, 'folder'));
  execFileSync('mkfifo', [join(site.folder, 'pipe')]);
  await symlink('/dev/zero', join(site.folder, 'device'));
  for (const path of ['/nothing', '/folder', '/pipe', '/device', '/a%00', '/folder/x/y']) {
    assert.match(await ask(t, site, path).rest(), /^HTTP\/1\.1 404 Not Found\r\n(?:.*\r\n)+\r\ngone$/u, path);
  }
});

test('a header that cannot be sent is not: the file is gone instead', options, async (t) => {
  const site = await served(t, [['X', 'a\r\nSet-Cookie: evil']]);
  await writeFile(join(site.folder, 'a'), 'content');
  assert.doesNotMatch(await ask(t, site, '/a').rest(), /evil/u);
});

test(
  'a file that shrinks while it is sent ends the connection, and does not pass for whole',
  options,
  async (t) => {
    const site = await served(t);
    const path = join(site.folder, 'shrinking');
    await writeFile(path, Buffer.alloc(100_000_000, 'x'));
    // The connection could go on after it, so that only its end can tell.
    const client = new RawClient(t, site.door.port);
    await client.send('GET /shrinking HTTP/1.1\r\nHost: localhost\r\n\r\n').until('\r\n\r\n');
    client.socket.pause();
    await truncate(path, 50_000);
    client.socket.resume();
    const rest = await client.rest();
    assert.ok(rest.length < 100_000_000, `${rest.length} bytes came`);
    await site.requests.length(1);
  },
);

test('a file that grows while it is sent stays as long as it was', options, async (t) => {
  const site = await served(t);
  const path = join(site.folder, 'growing');
  await writeFile(path, Buffer.alloc(30_000_000, 'x'));
  const client = ask(t, site, '/growing');
  await client.until('\r\n\r\n');
  const file = await open(path, 'a');
  await file.write('more');
  await file.close();
  assert.equal((await client.rest()).length, 30_000_000);
});

test('a client that leaves or does not read leaves no open file and no memory behind', options, async (t) => {
  const site = await served(t);
  const path = join(site.folder, 'large');
  const file = await open(path, 'w');
  await file.truncate(1_000_000_000);
  await file.close();
  const files = descriptors();
  const before = process.memoryUsage().arrayBuffers;
  const clients = Array.from({ length: 20 }, () => {
    const client = new RawClient(t, site.door.port);
    client.socket.pause();
    return client.send('GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n');
  });
  await until('they are all under way', () => descriptors() >= files + 60);
  await settled(() => Math.round(process.memoryUsage().arrayBuffers / 1e6));
  assert.ok(process.memoryUsage().arrayBuffers - before < 60_000_000, 'what nobody reads is kept');
  for (const { socket } of clients) socket.destroy();
  await site.requests.length(20);
  await until('the files are closed', () => descriptors() <= files);
});

// --------------------------------------------------------------------------------------- bodies before answers

const answer: Answer = { status: 413, headers: [['X-A', '1']], body: 'too large' };

function draining(t: TestContext, drain: number): Promise<Opened> {
  return openDoor(t, 1, { decide: () => ({ kind: 'answer', answer, drain }) });
}

test(
  'a body is read before the answer to it, in either framing, and the connection ends (HP-36)',
  options,
  async (t) => {
    const { door, requests } = await draining(t, 100_000);
    const x = 'x'.repeat(50_000);
    for (const body of [`Content-Length: 50000\r\n\r\n`, `Transfer-Encoding: chunked\r\n\r\nc350\r\n`]) {
      const client = new RawClient(t, door.port);
      client.send(`POST / HTTP/1.1\r\nHost: localhost\r\n${body}${x.slice(1)}`);
      // Before its last byte there is no answer: another client comes and goes meanwhile.
      await new RawClient(t, door.port)
        .send('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
        .rest();
      assert.equal(client.received, '');
      client.send(body.includes('chunked') ? 'x\r\n0\r\n\r\n' : 'x');
      assert.match(
        await client.rest(),
        /^HTTP\/1\.1 413 Payload Too Large\r\nX-A: 1\r\nContent-Length: 9\r\n(?:.*\r\n)*Connection: close\r\n\r\ntoo large$/u,
      );
    }
    assert.deepEqual(
      (await requests.length(4)).map(({ method, status }) => `${method} ${status}`),
      ['GET 413', 'POST 413', 'GET 413', 'POST 413'],
    );
  },
);

test('a request behind such a body is not served any more', options, async (t) => {
  const { door, heads } = await draining(t, 100_000);
  const client = new RawClient(t, door.port);
  client.send('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbo');
  await until('the first is there', () => heads.length === 1);
  client.send('dyGET /behind HTTP/1.1\r\nHost: localhost\r\n\r\n');
  assert.equal((await client.rest()).split('HTTP/1.1').length, 2);
  client.send('GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n');
  // Whatever became of that is done when another client has been answered.
  await new RawClient(t, door.port).send('GET /other HTTP/1.1\r\nHost: localhost\r\n\r\n').until('too large');
  assert.deepEqual(
    heads.map((head) => head.target),
    ['/', '/other'],
  );
});

test('a longer body is not waited for, nor one that waits to be asked for', options, async (t) => {
  const { door } = await draining(t, 1_000);
  const heads = [
    'Content-Length: 1001\r\n\r\n',
    'Content-Length: 100\r\nExpect: 100-continue\r\n\r\n',
    `Transfer-Encoding: chunked\r\n\r\n3e9\r\n${'x'.repeat(1001)}`,
  ];
  for (const head of heads) {
    const client = new RawClient(t, door.port);
    client.send(`POST / HTTP/1.1\r\nHost: localhost\r\n${head}`);
    assert.match(await client.rest(), /^HTTP\/1\.1 413 (?:.*\r\n)+\r\ntoo large$/u, head.slice(0, 50));
  }
});

test('a body that breaks off is answered to nobody', options, async (t) => {
  const { door, requests } = await draining(t, 1_000);
  const client = new RawClient(t, door.port);
  client.send('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\npart');
  await until('it is there', () => client.socket.bytesWritten > 0 && client.socket.writableLength === 0);
  client.socket.destroy();
  assert.deepEqual(
    (await requests.length(1)).map(({ status }) => status),
    [499],
  );
});
