/**
 * Requests and answers that nobody has thought of: proper ones and known attacks, put together by chance and then
 * damaged. However they look, what passes on is what was decided on, and all readers agree about it.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type Arrangement, RawClient } from './http-support.ts';
import { readAnswers, readTogether } from './hygiene-readers.ts';
import { collected, restOf, scoped, seen, target } from './hygiene-support.ts';

const options = { timeout: 240_000 };

// ------------------------------------------------------------------------------------------- what is thrown

/** Weighted towards what is fine, so that most messages get somewhere. */
function mostly(fine: readonly string[], odd: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: fc.constantFrom(...fine), weight: 6 },
    { arbitrary: fc.constantFrom(...odd), weight: 1 },
  );
}

const lineEnd = mostly(['\r\n'], ['\n', '\r', '\r\r\n', '\n\r\n', ' \r\n']);

const requestLine = fc
  .tuple(
    mostly(['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'], ['HEAD', 'get', 'CONNECT', 'G T', '']),
    mostly(['/', '/a?b', '//x', '/a%20b'], ['*', 'http://localhost/x', '/a b', '/\x01', '', '@x', '/a#b']),
    mostly(['HTTP/1.1'], ['HTTP/1.0', 'HTTP/2.0', 'HTTP/1.1 x', 'http/1.1', '']),
  )
  .map((parts) => parts.join(' '));

const header = mostly(
  [
    'Content-Length: 0',
    'Content-Length: 5',
    'Content-Length: 11',
    'Transfer-Encoding: chunked',
    'Connection: keep-alive',
    'X: y',
    'Expect: 100-continue',
    'Cookie: a=1; b=2',
  ],
  [
    'Content-Length: +5',
    'Content-Length: 5, 5',
    'Content-Length : 5',
    'Content_Length: 5',
    ' Content-Length: 5',
    'Transfer-Encoding: x, chunked',
    'Transfer-Encoding: \vchunked',
    'Transfer-Encoding : chunked',
    'Host: other',
    'Connection: close',
    'Connection: Content-Length, Transfer-Encoding, Host',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Upgrade: h2c',
    'TE: trailers',
    'Trailer: X',
    'X',
    ': x',
    'X: a\0b',
  ],
);

const body = mostly(
  [
    '',
    'hello',
    'hello world',
    '5\r\nhello\r\n0\r\n\r\n',
    '5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nX: y\r\n\r\n',
  ],
  [
    '0\r\n\r\n',
    '5\nhello\n0\n\n',
    '0x5\r\nhello\r\n0\r\n\r\n',
    '5\r\nhello!\r\n0\r\n\r\n',
    '0\r\nContent-Length: 5\r\n\r\n',
    'fffffffffffffffff\r\nhello\r\n0\r\n\r\n',
    '5;\n\r\nhello\r\n0\r\n\r\n',
  ],
);

const request = fc
  .tuple(
    requestLine,
    lineEnd,
    mostly(['Host: localhost'], ['', 'Host:']),
    fc.array(fc.tuple(header, lineEnd), { maxLength: 3 }),
    lineEnd,
    lineEnd,
    body,
  )
  .map(
    ([line, first, host, headers, afterHost, last, content]) =>
      line + first + host + afterHost + headers.map((each) => each.join('')).join('') + last + content,
  );

/** Bytes that readers are known to disagree on. */
const troublemaker = fc.constantFrom(
  ...[
    '\r',
    '\n',
    '\r\n',
    '\0',
    ' ',
    '\t',
    '\v',
    '\f',
    ':',
    ';',
    ',',
    '0',
    '5',
    'x',
    '\x7f',
    '\x80',
    '\xa0',
    '\xff',
  ],
  ...[
    '\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'Content-Length: 5\r\n',
    'Transfer-Encoding: chunked\r\n',
  ],
);

interface Damage {
  readonly at: number;
  readonly cut: number;
  readonly put: string;
}

const damage: fc.Arbitrary<Damage> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.integer({ min: 0, max: 3 }),
  put: fc.oneof(fc.constant(''), troublemaker),
});

function damaged(text: string, all: readonly Damage[]): string {
  return all.reduce((before, { at, cut, put }) => {
    const index = Math.floor(at * before.length);
    return before.slice(0, index) + put + before.slice(index + cut);
  }, text);
}

/** A text in pieces, as it may come out of a network. */
function pieces(text: string, cuts: readonly number[]): readonly string[] {
  const at = [...cuts.map((cut) => Math.floor(cut * text.length)), 0, text.length].toSorted((a, b) => a - b);
  return at.slice(1).map((end, index) => text.slice(at[index], end));
}

const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 });

const stream = fc
  .tuple(fc.array(request, { minLength: 1, maxLength: 4 }), fc.array(damage, { maxLength: 2 }), cuts)
  .map(([requests, damages, where]) => pieces(damaged(requests.join(''), damages), where));

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What becomes of what is let through. */
const manners: readonly (readonly [manner: string, arrangement: Arrangement])[] = [
  ['carried', {}],
  ['collected', collected],
  [
    'held back for a moment',
    {
      decide: (_head, forward) => {
        const plain = forward();
        if (plain.kind !== 'forward') return plain;
        return { ...plain, keepBody: 100, again: () => tick().then(() => undefined) };
      },
    },
  ],
];

// ------------------------------------------------------------------------------------------------- requests

for (const [manner, arrangement] of manners)
  test(
    `what is ${manner} reaches the instance as it was decided on, and nobody reads anything else in it`,
    options,
    async () => {
      await fc.assert(
        fc.asyncProperty(stream, (parts) =>
          scoped(async (t) => {
            const { door, heads, upstream } = await target(t, arrangement);
            const client = new RawClient(t, door.port);
            for (const part of parts) {
              client.send(part);
              await tick();
            }
            const { connections } = upstream;
            await restOf(() => client.received.length + sizeOf(connections.items) + heads.length);
            const forwarded = heads.map(({ method, target: path }) => `${method} ${path}`);
            const read = await Promise.all(connections.items.map(({ bytes }) => readTogether(bytes)));
            const reached = read.flatMap((each) => {
              assert.ok(!('odd' in each), JSON.stringify(each));
              const whole = each.requests.map((line) => line.split(' ', 2).join(' '));
              return each.open === undefined ? whole : [...whole, each.open];
            });
            // The last one may have had a body that was none, and have been called back before it was sent.
            const expected = reached.length < forwarded.length ? forwarded.slice(0, -1) : forwarded;
            assert.deepEqual(reached.toSorted(), expected.toSorted());
            // One answer to each, then perhaps a refusal.
            const answers = readAnswers(client.received, [...heads.map(({ method }) => method), 'GET']);
            assert.ok(!('odd' in answers), JSON.stringify(answers));
          }),
        ),
        { numRuns: 200 },
      );
    },
  );

function sizeOf(connections: readonly { readonly bytes: string }[]): number {
  return connections.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

// -------------------------------------------------------------------------------------------------- answers

const answer = fc
  .tuple(
    mostly(
      ['HTTP/1.1 200 OK', 'HTTP/1.1 404 Not Found', 'HTTP/1.1 200 '],
      [
        'HTTP/1.0 200 OK',
        'HTTP/1.1 204 No Content',
        'HTTP/1.1 304 Not Modified',
        'HTTP/1.1 100 Continue',
        'HTTP/1.1 103 x',
        'HTTP/1.1 101 x',
        'HTTP/1.1 2000 x',
        'ICY 200 OK',
        '',
      ],
    ),
    lineEnd,
    fc.array(fc.tuple(header, lineEnd), { maxLength: 3 }),
    lineEnd,
    body,
  )
  .map(
    ([line, first, headers, last, content]) =>
      line + first + headers.map((each) => each.join('')).join('') + last + content,
  );

const answering = fc.record({
  parts: fc
    .tuple(fc.array(answer, { minLength: 1, maxLength: 2 }), fc.array(damage, { maxLength: 2 }), cuts)
    .map(([answers, damages, where]) => pieces(damaged(answers.join(''), damages), where)),
  ends: fc.boolean(),
});

for (const [manner, arrangement] of manners)
  test(
    `whatever an instance says that is ${manner}, each client gets one proper answer at most, and nobody another’s`,
    options,
    async () => {
      await fc.assert(
        fc.asyncProperty(answering, ({ parts, ends }) =>
          scoped(async (t) => {
            const { door, upstream } = await target(t, arrangement, (line) =>
              line.includes('/evil') ? { bytes: '' } : seen(line),
            );
            const first = new RawClient(t, door.port).send('GET /evil HTTP/1.1\r\nHost: localhost\r\n\r\n');
            const [connection] = await upstream.connections.length(1);
            while (connection?.bytes.endsWith('\r\n\r\n') !== true) await tick();
            for (const part of parts) {
              if (connection.socket.writable) connection.socket.write(part, 'latin1');
              await tick();
            }
            if (ends) connection.socket.end();
            await restOf(() => first.received.length);
            const second = new RawClient(t, door.port);
            second.send('GET /next HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
            assert.ok((await second.rest()).endsWith('\r\n\r\nseen GET /next 0'), second.received);
            const answers = readAnswers(first.received, ['GET']);
            assert.ok(!('odd' in answers), JSON.stringify(answers));
            assert.ok(answers.filter(({ status }) => status >= 200).length <= 1);
          }),
        ),
        { numRuns: 200 },
      );
    },
  );
