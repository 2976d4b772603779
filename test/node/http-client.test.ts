/** Requests of our own to children: what they get, and what they hear when it does not go well. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Received, SentHead } from '../../src/core/outside.ts';
import { createDoors } from '../../src/node/http/doors.ts';
import { httpClient } from '../../src/node/http-client.ts';
import { echo, gate, gullible, instance } from './http-support.ts';

const options = { timeout: 30_000 };
const host = '127.0.0.1';
const get: SentHead = { method: 'GET', target: '/_ah/warmup', headers: [['Host', 'localhost']] };
const rest = { host, head: get, timeoutMs: 10_000, limit: 1_000 };

function text({ body }: Received): string {
  return Buffer.from(body).toString('latin1');
}

test('a request goes out as it was made and its answer comes back whole', options, async (t) => {
  const port = await instance(t, echo);
  const head: SentHead = {
    method: 'POST',
    target: '/_ah/background?x',
    headers: [
      ['Host', 'web.localhost'],
      ['X-Two', '1'],
      ['x-two', '2\xe9'],
    ],
  };
  const received = await httpClient.send({ ...rest, port, head, body: Buffer.from('hello') });
  assert.ok('status' in received);
  assert.deepEqual([received.status, received.reason, received.broken], [200, 'OK', false]);
  assert.deepEqual(
    received.headers.find(([name]) => name === 'Content-Type'),
    ['Content-Type', 'application/json'],
  );
  assert.deepEqual(JSON.parse(Buffer.from(received.body).toString()), {
    method: 'POST',
    target: '/_ah/background?x',
    headers: [
      'Host',
      'web.localhost',
      'X-Two',
      '1',
      'x-two',
      '2\xe9',
      'Content-Length',
      '5',
      'Connection',
      'close',
    ],
    body: 'hello',
  });
});

test('the connection is closed afterwards', options, async (t) => {
  const closed = gate();
  const port = await instance(t, echo, (server) => {
    server.on('connection', (socket) => socket.on('close', () => closed.open()));
  });
  await httpClient.send({ ...rest, port });
  await closed.opened;
});

test('a body is kept up to the limit, and counted to its end', options, async (t) => {
  const port = await instance(t, (_request, response) => {
    response.write('x'.repeat(600));
    response.end('y'.repeat(100_000));
  });
  const received = await httpClient.send({ ...rest, port });
  assert.ok('status' in received);
  assert.equal(text(received), 'x'.repeat(600) + 'y'.repeat(400));
  assert.deepEqual([received.length, received.broken], [100_600, false]);
});

test(
  'a body that breaks off is told of as broken, in either framing; one up to the end is whole',
  options,
  async (t) => {
    const says = [
      ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf', true],
      ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n', true],
      ['HTTP/1.0 200 OK\r\n\r\nhalf', false],
    ] as const;
    for (const [bytes, broken] of says) {
      const port = await gullible(t, (socket) => {
        socket.once('data', () => socket.end(bytes));
      });
      const received = await httpClient.send({ ...rest, port });
      assert.ok('status' in received);
      assert.deepEqual([received.status, text(received), received.broken], [200, 'half', broken]);
    }
  },
);

test('early answers are passed over, and HEAD and 204 have no body', options, async (t) => {
  const port = await gullible(t, (socket) => {
    socket.once('data', (chunk) => {
      const answer = chunk.toString().startsWith('HEAD')
        ? 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'
        : 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n';
      socket.write(answer);
    });
  });
  for (const [method, status] of [
    ['GET', 204],
    ['HEAD', 200],
  ] as const) {
    const received = await httpClient.send({ ...rest, port, head: { ...get, method } });
    assert.ok('status' in received);
    assert.deepEqual([received.status, received.length, received.broken], [status, 0, false]);
  }
});

test('who never answers, or never ends, is given up when the time is over (MP-25)', options, async (t) => {
  for (const says of ['', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf']) {
    const left = gate();
    const port = await gullible(t, (socket) => {
      socket.write(says);
      socket.on('close', () => left.open());
      socket.resume();
    });
    const outcome = await httpClient.send({ ...rest, port, timeoutMs: 50 });
    assert.deepEqual(outcome, { kind: 'timed-out', reason: 'nothing came within 50 ms' });
    await left.opened;
  }
});

test('who is called off is left at once; after the answer that changes nothing', options, async (t) => {
  for (const says of ['', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf']) {
    const [off, left] = [gate(), gate()];
    const port = await gullible(t, (socket) => {
      socket.write(says);
      socket.once('data', () => off.open());
      socket.on('close', () => left.open());
    });
    const outcome = await httpClient.send({ ...rest, port, timeoutMs: 0, calledOff: off.opened });
    assert.deepEqual(outcome, { kind: 'unreachable', reason: 'it was called off', refused: false });
    await left.opened;
  }
  const late = gate();
  const received = await httpClient.send({ ...rest, port: await instance(t, echo), calledOff: late.opened });
  late.open();
  await late.opened;
  assert.ok('status' in received);
});

test('what is no HTTP, or nobody at all, is told apart', options, async (t) => {
  const closed = await createDoors().open({ host, port: 0, decide: () => assert.fail('nobody asks here') });
  await closed.close();
  assert.deepEqual(await httpClient.send({ ...rest, port: closed.port }), {
    kind: 'unreachable',
    reason: 'the connection was refused',
    refused: true,
  });
  const says: [string, string, RegExp][] = [
    ['', 'unreachable', /closed before an answer came/u],
    ['HTTP/1.1 200', 'bad-response', /ended before its head did/u],
    ['SMTP hello\r\n\r\n', 'bad-response', /does not begin with HTTP/u],
    ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx', 'bad-response', /more than one/u],
  ];
  for (const [bytes, kind, reason] of says) {
    const port = await gullible(t, (socket) => {
      socket.once('data', () => socket.end(bytes));
    });
    const outcome = await httpClient.send({ ...rest, port });
    assert.ok('kind' in outcome);
    assert.equal(outcome.kind, kind);
    assert.match(outcome.reason, reason);
  }
});

test('a header or a target that would become more than that is not sent', options, async (t) => {
  let asked = 0;
  const port = await gullible(t, () => (asked += 1));
  for (const head of [
    { ...get, headers: [['X', 'a\r\nY: b']] },
    { ...get, headers: [['X', '\u010D\u010A']] },
    { ...get, headers: [['X: a\r\nY', 'b']] },
    { ...get, target: '/ HTTP/1.1\r\nY: b' },
  ] as const) {
    const outcome = await httpClient.send({ ...rest, port, head });
    assert.ok('kind' in outcome);
    assert.match(outcome.reason, /cannot be sent/u);
  }
  assert.equal(asked, 0);
});
