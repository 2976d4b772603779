/**
 * What we say ourselves, when parts of it come from somewhere: a name, a cookie, a path that was decoded on its way into
 * a `Location`.
 *
 * The attack (header injection, response splitting): a text with a line end in it, or with a character whose low byte is
 * one, ends the header it stands in and begins another, or a whole answer. The passes of the core make no such texts;
 * the plane, which writes them, does not rely on that.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer, Decision } from '../../src/core/outside.ts';
import { gullible, openDoor, RawClient } from './http-support.ts';
import { readAnswers } from './hygiene-readers.ts';
import { target } from './hygiene-support.ts';

const options = { timeout: 60_000 };
const get = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

/** Each ends a line for somebody. */
const lineEnds = ['\r\n', '\n', '\r', '\0', '\u560d\u560a', '\u010a', '\u2028', '\x7f'];

test('an answer with a line end in it is not written', options, async (t) => {
  for (const end of lineEnds) {
    const text = `/a${end}Set-Cookie: evil=1`;
    const answers: Answer[] = [
      { status: 302, headers: [['Location', text]], body: '' },
      { status: 200, headers: [[text, 'x']], body: '' },
      { status: 200, reason: text, headers: [], body: '' },
    ];
    for (const answer of answers) {
      const { door } = await openDoor(t, 1, { decide: () => ({ kind: 'answer', answer }) });
      const read = readAnswers(await new RawClient(t, door.port).send(get).rest(), ['GET']);
      assert.ok(!('odd' in read), JSON.stringify([end, read]));
      const names = read.flatMap(({ headers }) => headers.map(([name]) => name));
      assert.deepEqual([read.length, names.includes('set-cookie')], [1, false]);
    }
  }
});

test('a header that is added to an instance’s answer is not written with one', options, async (t) => {
  for (const end of lineEnds) {
    const { door } = await target(t, {
      decide: (_head, forward): Decision => ({
        ...forward(),
        ...{ addHeaders: [['Set-Cookie', `instance=api${end}X-Evil: 1`]] },
      }),
    });
    const read = readAnswers(await new RawClient(t, door.port).send(get).rest(), ['GET']);
    assert.ok(!('odd' in read), JSON.stringify([end, read]));
    assert.equal(
      read[0]?.headers.some(([name]) => name === 'x-evil'),
      false,
    );
  }
});

test('the words of an instance’s failure stay inside the body', options, async (t) => {
  const port = await gullible(t, (socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nX: a\r\nSet-Cookie evil\r\n\r\n'));
  });
  const { door } = await openDoor(t, port, {
    failed: ({ reason }) => ({ status: 502, reason, headers: [['X-Reason', reason]], body: reason }),
  });
  const read = readAnswers(await new RawClient(t, door.port).send(get).rest(), ['GET']);
  assert.ok(!('odd' in read) && read.length === 1, JSON.stringify(read));
});

test('an answer of ours that says odd things of its length is framed by what it is', options, async (t) => {
  const framings: Answer['headers'][] = [
    [['Content-Length', '0']],
    [['Content-Length', '100']],
    [
      ['content-length', '1'],
      ['Content-Length', '2'],
    ],
    [['Transfer-Encoding', 'chunked']],
    [
      ['Transfer-Encoding', 'chunked'],
      ['Content-Length', '3'],
    ],
    [['Connection', 'Content-Length']],
    [['Keep-Alive', 'timeout=1']],
  ];
  for (const headers of framings) {
    const { door } = await openDoor(t, 1, {
      decide: () => ({ kind: 'answer', answer: { status: 200, headers, body: 'hello' } }),
    });
    const read = readAnswers(await new RawClient(t, door.port).send(get).rest(), ['GET']);
    assert.ok(!('odd' in read), JSON.stringify(read));
    assert.deepEqual([read.length, read[0]?.body], [1, 'hello']);
  }
});

test(
  'a body that breaks while an answer is being made up is refused, and nobody falls over it',
  options,
  async (t) => {
    // The attack: the moment in which a failed instance is looked after is used to send what is no body.
    const port = await gullible(t, (socket) => {
      socket.once('data', () => socket.destroy());
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    const { door, failures } = await openDoor(t, port, {
      failed: async () => {
        await promise;
        return { status: 503, headers: [], body: 'failed' };
      },
    });
    const client = new RawClient(t, door.port);
    client.send('POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n');
    while (failures.length === 0) await new Promise((next) => setImmediate(next));
    client.send('zz\r\n');
    assert.match(await client.rest(), /^HTTP\/1\.1 400 /u);
    resolve();
    // The door goes on serving.
    const { door: other } = await target(t);
    assert.match(await new RawClient(t, other.port).send(get).rest(), /^HTTP\/1\.1 200 /u);
    assert.match(await new RawClient(t, door.port).send(get).rest(), /^HTTP\/1\.1 503 /u);
  },
);
