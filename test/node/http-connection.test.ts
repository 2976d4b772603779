/** What a client's connection lives through: how long it lasts, how it ends, and what it is told on the way. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { echo, gate, gullible, instance, openDoor, RawClient } from './http-support.ts';

const options = { timeout: 60_000 };
const host = 'Host: localhost\r\n';
const get = `GET / HTTP/1.1\r\n${host}\r\n`;

test(
  'an HTTP/1.0 client keeps its connection only if it asks to, and never gets chunks',
  options,
  async (t) => {
    const port = await instance(t, (request, response) => {
      if (request.url === '/length') response.end('whole');
      else {
        response.write('in ');
        response.end('chunks');
      }
    });
    const { door } = await openDoor(t, port);
    const keeping = new RawClient(t, door.port);
    for (let turn = 0; turn < 2; turn += 1) {
      keeping.send('GET /length HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
      assert.match(await keeping.until('whole'), /\r\nConnection: keep-alive\r\n/u);
    }
    // Without a length only the end of the connection tells where the body ends.
    const answer = await keeping.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n').rest();
    assert.match(answer, /\r\nConnection: close\r\n\r\nin chunks$/u);
    const plain = await new RawClient(t, door.port).send('GET /length HTTP/1.0\r\n\r\n').rest();
    assert.match(plain, /\r\nConnection: close\r\n\r\nwhole$/u);
  },
);

test('half an answer without a frame is told from a whole one by a reset', options, async (t) => {
  const cut = gate();
  const port = await gullible(t, (socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n');
      void cut.opened.then(() => socket.destroy());
    });
  });
  const { door } = await openDoor(t, port);
  const client = new RawClient(t, door.port).send('GET / HTTP/1.0\r\n\r\n');
  await client.until('half');
  cut.open();
  assert.equal(await client.ended, 'ECONNRESET');
});

test(
  'a client that says Connection: close gets its answer, the same word, and the end',
  options,
  async (t) => {
    const { door } = await openDoor(t, await instance(t, echo));
    const client = new RawClient(t, door.port);
    const answer = await client.send(`GET / HTTP/1.1\r\n${host}Connection: Close\r\n\r\n`).rest();
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[^]*\r\nConnection: close\r\n\r\n[^]*"body":""\}/u);
  },
);

test(
  'an instance that closes after its answer does not close the connection of the client',
  options,
  async (t) => {
    let connections = 0;
    const port = await gullible(t, (socket) => {
      connections += 1;
      socket.once('data', () =>
        socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'),
      );
    });
    const { door } = await openDoor(t, port);
    const client = new RawClient(t, door.port);
    for (let turn = 0; turn < 2; turn += 1) {
      assert.match(await client.send(get).until('ok'), /\r\nConnection: keep-alive\r\n/u);
    }
    assert.equal(connections, 2);
  },
);

test('an HTTP/1.0 instance in chunks is read, and its connection not used again', options, async (t) => {
  let connections = 0;
  const port = await gullible(t, (socket) => {
    connections += 1;
    socket.on('data', () =>
      socket.write(
        'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
      ),
    );
  });
  const { door } = await openDoor(t, port);
  const client = new RawClient(t, door.port);
  for (let turn = 0; turn < 2; turn += 1) await client.send(get).until('ok\r\n0\r\n\r\n');
  assert.equal(connections, 2);
});

test('an HTTP/1.0 instance that keeps its connection is asked over it again', options, async (t) => {
  let connections = 0;
  const port = await gullible(t, (socket) => {
    connections += 1;
    socket.on('data', () =>
      socket.write('HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok'),
    );
  });
  const { door } = await openDoor(t, port);
  const client = new RawClient(t, door.port);
  for (let turn = 0; turn < 3; turn += 1) await client.send(get).until('ok');
  assert.equal(connections, 1);
});

test(
  'news ahead of an answer go to who understands them; 100 only to who waits for it',
  options,
  async (t) => {
    const port = await gullible(t, (socket) => {
      socket.on('data', () =>
        socket.write(
          'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nX-Step: 1\r\n\r\n' +
            'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
        ),
      );
    });
    const { door } = await openDoor(t, port);
    const client = new RawClient(t, door.port).send(get);
    assert.match(
      await client.until('ok'),
      /^HTTP\/1\.1 102 Processing\r\nX-Step: 1\r\n\r\nHTTP\/1\.1 200 OK\r\n/u,
    );
    const old = await new RawClient(t, door.port).send('GET / HTTP/1.0\r\n\r\n').rest();
    assert.match(old, /^HTTP\/1\.1 200 OK\r\n/u);
    const waiting = new RawClient(t, door.port);
    waiting.send(`POST / HTTP/1.1\r\n${host}Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n`);
    assert.match(await waiting.until('ok'), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 102 /u);
  },
);

test(
  'empty lines before a request are passed over, as leftovers of some clients’ last body',
  options,
  async (t) => {
    const { door } = await openDoor(t, await instance(t, echo));
    const client = new RawClient(t, door.port);
    client.send(`\r\n\r\n${get}`);
    await client.until('"body":""}');
  },
);

test('what is no request is answered at once, though its head has no end', options, async (t) => {
  const { door, heads } = await openDoor(t, 1);
  const attempts: [string, string, number][] = [
    ['the hello of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['lines that end with a line feed', 'GET / HTTP/1.1\nHost: localhost\n', 400],
    ['a target without an end', `GET /${'a'.repeat(70_000)}`, 414],
    ['a header without an end', `GET / HTTP/1.1\r\n${host}X: ${'a'.repeat(70_000)}`, 431],
    ['more headers than anybody needs', `GET / HTTP/1.1\r\n${host}${'X: 1\r\n'.repeat(600)}\r\n`, 431],
  ];
  const got: [string, string, number][] = [];
  for (const [what, bytes] of attempts) {
    const answer = await new RawClient(t, door.port).send(bytes).rest();
    got.push([what, bytes, Number(answer.split(' ')[1])]);
  }
  assert.deepEqual(got, attempts);
  assert.deepEqual(heads, []);
});

test('a connection over which nothing ever comes is closed without a word', options, async (t) => {
  const { door } = await openDoor(t, 1, { limits: { headMs: 60 } });
  assert.equal(await new RawClient(t, door.port).rest(), '');
});

test('an idle connection is closed in its time, and says ahead how long that is', options, async (t) => {
  const { door } = await openDoor(t, await instance(t, echo), { limits: { clientIdleMs: 80 } });
  const client = new RawClient(t, door.port).send(get);
  assert.match(await client.until('"body":""}'), /\r\nKeep-Alive: timeout=1\r\n/u);
  assert.equal(await client.rest(), '');
});

test('an answer that takes longer than a connection may be idle comes whole', options, async (t) => {
  const later = gate();
  const port = await instance(t, (_request, response) => {
    response.write('first ');
    void later.opened.then(() => response.end('second'));
  });
  const { door } = await openDoor(t, port, { limits: { clientIdleMs: 40, headMs: 40, instanceIdleMs: 40 } });
  const client = new RawClient(t, door.port).send(get);
  await client.until('first');
  // Another connection is idle for its whole time meanwhile.
  await new RawClient(t, door.port).rest();
  later.open();
  await client.until('second');
});

test(
  'a mistake in what is asked about a request does not leave its client without an answer',
  options,
  async (t) => {
    const port = await instance(t, echo);
    const { door } = await openDoor(t, port, {
      decide: (_head, forward) => {
        const decision = forward();
        if (decision.kind !== 'forward') return decision;
        // A port that there is none of: the connection cannot even be begun.
        return { ...decision, port: 99_999 };
      },
    });
    assert.match(await new RawClient(t, door.port).send(get).until('\n\r\n'), /^HTTP\/1\.1 5\d\d /u);
  },
);
