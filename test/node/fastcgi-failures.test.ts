/** FastCGI programs that answer badly, or not at all: what the client gets, and what the core is told. */

import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { ended, fastCgiDoor, type FastCgiDoor, program, record } from './fastcgi-support.ts';
import { gullible, instance, RawClient } from './http-support.ts';
import { folderFor, settled, until } from './support.ts';

const options = { timeout: 60_000 };

/** A door to a program that answers each request with these bytes and then closes, as they all do. */
async function answering(t: TestContext, ...parts: readonly Buffer[]): Promise<FastCgiDoor> {
  const { at } = await program(t, (socket) => socket.end(Buffer.concat(parts)));
  return fastCgiDoor(t, at, await folderFor(t));
}

/** A port on which nobody listens any more. */
function vacated(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

const ok = 'Content-Type: text/plain\r\n\r\n';

describe('a program that speaks FastCGI badly', () => {
  const table: readonly (readonly [what: string, parts: readonly Buffer[], reason: RegExp])[] = [
    ['nothing but an end', [ended()], /^it ended without an answer$/],
    [
      'an end with a status',
      [record('stderr', 'oops\n'), ended(3)],
      /^it ended without an answer \(status 3\)$/,
    ],
    ['half a header', [record('stdout', 'A: b\r\n'), ended()], /^its answer ended before its header did$/],
    ['half a header, and leaves', [record('stdout', 'A: b\r\n')], /^the answer ended before its head did$/],
    ['no header', [record('stdout', '<html>\n\n'), ended()], /^a line of its header is none/],
    [
      'an HTTP answer in records',
      [record('stdout', `HTTP/1.1 200 OK\r\n${ok}`), ended()],
      /^a line of its header/,
    ],
    ['plain HTTP', [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')], /^it does not speak FastCGI$/],
    ['that it is no responder', [ended(0, 3)], /^it does not answer requests/],
    [
      'an endless header',
      [record('stdout', `A: ${'x'.repeat(65_000)}`), record('stdout', 'x'.repeat(1000))],
      /^its header is longer than 65536 bytes$/,
    ],
  ];
  for (const [what, parts, reason] of table) {
    it(`and says ${what} is a bad response`, options, async (t) => {
      const { url, failures, words, done } = await answering(t, ...parts);
      assert.equal(await (await fetch(url)).text(), 'bad-response');
      assert.equal(failures.length, 1);
      assert.equal(failures[0]?.kind, 'bad-response');
      assert.match(failures[0].reason, reason);
      assert.deepEqual(words.items, what.startsWith('an end with') ? ['oops'] : []);
      await done.length(1);
    });
  }

  it('and closes without a word has not answered', options, async (t) => {
    const { url, failures } = await answering(t);
    assert.equal((await fetch(url)).status, 503);
    assert.deepEqual(failures, [
      { kind: 'unreachable', reason: 'the connection was closed before an answer came', refused: false },
    ]);
  });

  it('and says that it has too much to do has not seen the request', options, async (t) => {
    for (const ending of [1, 2]) {
      const { url, failures } = await answering(t, ended(0, ending));
      assert.equal((await fetch(url)).status, 503);
      assert.deepEqual(failures, [
        { kind: 'unreachable', reason: 'it says that it has too much to do', refused: true },
      ]);
    }
  });

  it(
    'and does not listen is passed over for another instance, which gets the request with its body',
    options,
    async (t) => {
      const { at: there, received } = await program(t, (socket) =>
        socket.end(Buffer.concat([record('stdout', `${ok}from the other`), ended()])),
      );
      assert.ok(there.kind === 'tcp');
      const gone = { kind: 'tcp', host: '127.0.0.1', port: await vacated() } as const;
      const over: string[] = [];
      const { url, failures, done } = await fastCgiDoor(t, gone, await folderFor(t), {
        more: {
          elsewhere: () => ({
            kind: 'forward',
            service: 'api',
            instance: 'api.1',
            host: there.host,
            port: there.port,
            fastcgi: { at: there, params: [['CONTENT_LENGTH', '5']], isAlone: true, said: () => undefined },
            done: () => over.push('api.1'),
            failed: () => Promise.reject(new Error('it did not fail')),
          }),
        },
      });
      const response = await fetch(url, { method: 'POST', body: 'hello' });
      assert.equal(await response.text(), 'from the other');
      const [seen] = await received.length(1);
      assert.ok(seen?.bytes.includes('hello'));
      assert.deepEqual(failures, []);
      await done.length(1);
      await until('the other to be counted out', () => over.length === 1);
    },
  );

  it('and is a web server, or nobody at all, is told apart', options, async (t) => {
    const port = await instance(t, (_request, response) => response.end('hello'));
    const root = await folderFor(t);
    const web = await fastCgiDoor(t, { kind: 'tcp', host: '127.0.0.1', port }, root);
    assert.equal(await (await fetch(web.url)).text(), 'bad-response');
    const nobody = await fastCgiDoor(t, { kind: 'unix', path: join(root, 'none.sock') }, root);
    assert.equal(await (await fetch(nobody.url)).text(), 'unreachable');
    assert.deepEqual(nobody.failures, [
      { kind: 'unreachable', reason: 'its socket is not there', refused: true },
    ]);
  });
});

describe('an answer that has begun', () => {
  it('may come byte by byte, with padding, and with words in between', options, async (t) => {
    const bytes = Buffer.concat([
      record('stdout', 'Status: 201 Made\r\nX-A', 3),
      record('stderr', 'first\nsec'),
      record('stdout', ': b\r\n\r\nhel', 5),
      record('stderr', 'ond'),
      record('stdout', 'lo'),
      record('stdout', ''),
      ended(),
    ]);
    const { at } = await program(t, (socket) => {
      let sent = 0;
      const next = (): void => {
        if (sent === bytes.length) socket.end();
        else socket.write(bytes.subarray(sent, (sent += 1)), () => setImmediate(next));
      };
      next();
    });
    const { url, words } = await fastCgiDoor(t, at, await folderFor(t));
    const response = await fetch(url);
    assert.deepEqual(
      [response.status, response.statusText, response.headers.get('x-a'), await response.text()],
      [201, 'Made', 'b', 'hello'],
    );
    assert.deepEqual(await words.length(2), ['first', 'second']);
  });

  it('goes out with its head alone before there is a body', options, async (t) => {
    let program_: Socket | undefined;
    const { at } = await program(t, (socket) => {
      program_ = socket;
      socket.write(record('stdout', 'Content-Type: text/event-stream\r\n\r\n'));
    });
    const { door } = await fastCgiDoor(t, at, await folderFor(t));
    const client = new RawClient(t, door.port);
    client.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await client.until('\r\n\r\n');
    program_?.write(record('stdout', 'data: 1\n\n'));
    await client.until('data: 1\n\n');
    program_?.end(ended());
    await client.until('0\r\n\r\n');
  });

  it('is no longer than it says: what is beyond would be taken for another response', options, async (t) => {
    const { door } = await answering(
      t,
      record('stdout', `Content-Length: 5\r\n\r\nhelloHTTP/1.1 200 Sly\r\n`),
      ended(),
    );
    const client = new RawClient(t, door.port);
    for (let turn = 0; turn < 2; turn += 1) {
      client.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
      const text = await client.until('hello');
      assert.equal(text.match(/HTTP\/1\.1/g)?.length, 1);
      assert.doesNotMatch(text, /Sly/);
    }
  });

  it('and is cut short, or ends in something else, ends with the connection', options, async (t) => {
    const table = [
      [record('stdout', `${ok}half`)],
      [record('stdout', 'Content-Length: 9\r\n\r\nhalf'), ended()],
      [record('stdout', `${ok}half`), Buffer.from('garbage that is no record')],
      [record('stdout', `${ok}half`), ended(0, 2)],
    ];
    for (const parts of table) {
      const { url } = await answering(t, ...parts);
      await assert.rejects(async () => (await fetch(url)).text());
    }
  });

  it('without a body is none for 204 and 304, whatever the program sends with it', options, async (t) => {
    for (const status of [204, 304]) {
      const { door } = await answering(
        t,
        record('stdout', `Status: ${status}\r\nContent-Length: 3\r\n\r\nabc`),
        ended(),
      );
      const client = new RawClient(t, door.port);
      client.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
      const head = await client.until('\r\n\r\n');
      assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} `, 'u'));
      assert.doesNotMatch(head, /content-length|transfer-encoding/i);
      client.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
      assert.match(await client.until('\r\n\r\n'), /^HTTP\/1\.1 /);
    }
  });

  it('has no headers of one hop, and no mark of ours', options, async (t) => {
    const { url } = await answering(
      t,
      record(
        'stdout',
        'Connection: X-Hop\nX-Hop: 1\nTransfer-Encoding: gzip\nX-Local-Runtimes: up\nX-A: 1\n\nhello',
      ),
      ended(),
    );
    const response = await fetch(url);
    assert.equal(await response.text(), 'hello');
    const names = ['x-hop', 'x-local-runtimes', 'x-a'].map((name) => response.headers.get(name));
    assert.deepEqual(names, [null, null, '1']);
  });

  it('may be told a great deal about, of which 64 KiB are kept', options, async (t) => {
    const line = `${'e'.repeat(1023)}\n`;
    const lines = Array.from({ length: 200 }, () => record('stderr', line));
    const { url, words } = await answering(t, ...lines, record('stdout', `${ok}hello`), ended());
    assert.equal(await (await fetch(url)).text(), 'hello');
    assert.deepEqual([words.items.length, words.items.at(-1)], [65, '(and more, which is left out)']);
  });
});

describe('what is sent to a program', () => {
  it('is one request on a connection of its own, which is not to be kept', options, async (t) => {
    const { at, received } = await program(t, (socket) =>
      socket.end(Buffer.concat([record('stdout', ok), ended()])),
    );
    const { url } = await fastCgiDoor(t, at, await folderFor(t));
    for (let turn = 0; turn < 2; turn += 1) await (await fetch(url)).text();
    const all = await received.length(2);
    for (const { bytes } of all)
      assert.equal(bytes.subarray(0, 16).toString('hex'), '01010001000800000001000000000000');
  });

  it('is no more than it takes: a client that sends faster is held back', options, async (t) => {
    const taken = Promise.withResolvers<Socket>();
    let bytes = 0;
    const port = await gullible(t, (socket) => {
      socket.pause();
      taken.resolve(socket);
      socket.on('data', (chunk) => {
        bytes += chunk.length;
      });
    });
    const { door } = await fastCgiDoor(t, { kind: 'tcp', host: '127.0.0.1', port }, await folderFor(t));
    const piece = Buffer.alloc(64 * 1024);
    const pieces = 1600;
    const length = piece.length * pieces;
    const client = new RawClient(t, door.port);
    client.send(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n`);
    let sent = 0;
    const fill = (): void => {
      while (sent < pieces) {
        sent += 1;
        if (!client.socket.write(piece)) return;
      }
    };
    client.socket.on('drain', fill);
    fill();
    const program_ = await taken.promise;
    program_.pause();
    const stalled = await settled(() => sent);
    assert.ok(stalled < pieces / 2, `${stalled} of ${pieces} pieces went`);
    program_.resume();
    await until('everything has come', () => bytes > length);
    program_.end(Buffer.concat([record('stdout', `${ok}taken`), ended()]));
    await client.until('taken');
  });

  it('ends with an abort when the client leaves before the answer', options, async (t) => {
    let asked: (() => void) | undefined;
    const whole = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { at, received } = await program(t, () => asked?.());
    const { door, requests, done } = await fastCgiDoor(t, at, await folderFor(t));
    const client = new RawClient(t, door.port);
    client.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await whole;
    client.socket.destroy();
    const [connection] = await received.length(1);
    if (connection === undefined) throw new Error('nobody came');
    await new Promise<void>((resolve) => void connection.socket.once('end', resolve));
    assert.equal(connection.bytes.subarray(-8).toString('hex'), '0102000100000000');
    assert.equal((await requests.length(1))[0]?.status, 499);
    await done.length(1);
  });
});
