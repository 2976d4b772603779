/** What becomes of heads on their way through, as tables. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Headers, RequestHead } from '../../src/core/outside.ts';
import {
  hasBody,
  towardsClient,
  towardsInstance,
  trailersOnly,
  wantsUpgrade,
} from '../../src/core/proxy/headers.ts';

const plain: RequestHead = {
  method: 'GET',
  target: '/',
  version: '1.1',
  headers: [],
  remote: '127.0.0.1',
  upgrade: false,
};
const passage = { instance: '127.0.0.1:4000' };
const there = (headers: Headers, more: Partial<RequestHead> = {}): Headers =>
  towardsInstance({ ...plain, ...more, headers }, passage);
const back = (headers: Headers, status = 200, more: Partial<RequestHead> = {}): Headers =>
  towardsClient({ status, headers }, { ...plain, ...more });

const host = ['Host', 'web.localhost:8080'] as const;
const told = [
  ['X-Forwarded-For', '127.0.0.1'],
  ['X-Forwarded-Proto', 'http'],
  ['X-Forwarded-Host', 'web.localhost:8080'],
] as const;

test('order, case and repetition of what is passed stay as sent', () => {
  const headers: Headers = [
    host,
    ['cOOkie', 'a=1'],
    ['X-b', '2'],
    ['Cookie', 'c=3'],
    ['x-B', '4'],
    ['X-b', '2'],
  ];
  assert.deepEqual(there(headers), [...headers, ...told]);
  const response: Headers = [
    ['Set-Cookie', 'a=1'],
    ['ETag', 'x'],
    ['set-cookie', 'b=2'],
    ['Set-Cookie', 'a=1'],
  ];
  assert.deepEqual(back(response), response);
});

test('headers of one hop end there, also those that Connection names, in both directions', () => {
  const hop: Headers = [
    ['Connection', 'keep-alive, X-Secret'],
    ['Keep-Alive', 'timeout=5'],
    ['x-secret', '1'],
    ['Proxy-Connection', 'keep-alive'],
    ['Proxy-Authorization', 'Basic eA=='],
    ['Proxy-Authenticate', 'Basic'],
    ['TE', 'gzip'],
    ['Upgrade', 'h2c'],
    ['connection', 'x-other'],
    ['X-Other', '2'],
  ];
  assert.deepEqual(there([host, ...hop, ['X-Kept', '3']]), [host, ['X-Kept', '3'], ...told]);
  assert.deepEqual(back([...hop, ['Transfer-Encoding', 'chunked'], ['X-Kept', '3']]), [['X-Kept', '3']]);
});

test('Connection cannot take away what gives a message its meaning, nor what we add', () => {
  const headers: Headers = [
    host,
    ['Connection', 'close, Host, Content-Length, Cookie, Authorization, X-Forwarded-For'],
    ['Content-Length', '3'],
    ['Cookie', 'a=1'],
    ['Authorization', 'Bearer x'],
  ];
  assert.deepEqual(there(headers, { method: 'POST' }), [
    host,
    ['Content-Length', '3'],
    ['Cookie', 'a=1'],
    ['Authorization', 'Bearer x'],
    ...told,
  ]);
});

test('the client is appended to X-Forwarded-For; scheme and name are only told where nobody did before', () => {
  const headers: Headers = [
    host,
    ['X-Forwarded-For', '203.0.113.9, 10.0.0.1'],
    ['x-forwarded-for', '10.0.0.2'],
    ['X-Forwarded-Proto', 'https'],
    ['X-Forwarded-Host', 'code.example.com'],
  ];
  assert.deepEqual(there(headers, { remote: '::ffff:127.0.0.1' }), [
    host,
    ['X-Forwarded-Proto', 'https'],
    ['X-Forwarded-Host', 'code.example.com'],
    ['X-Forwarded-For', '203.0.113.9, 10.0.0.1, 10.0.0.2, 127.0.0.1'],
  ]);
  assert.deepEqual(there([host], { remote: '::1' })[1], ['X-Forwarded-For', '::1']);
});

test('Forwarded is continued where a proxy before us has begun it, and not begun', () => {
  const headers: Headers = [
    host,
    ['Forwarded', 'for=203.0.113.9;proto=https'],
    ['forwarded', 'for=10.0.0.1'],
  ];
  const element = 'host="web.localhost:8080";proto=http';
  const before = 'for=203.0.113.9;proto=https, for=10.0.0.1';
  assert.deepEqual(there(headers)[1], ['Forwarded', `${before}, for=127.0.0.1;${element}`]);
  assert.deepEqual(there(headers, { remote: '::1' })[1], ['Forwarded', `${before}, for="[::1]";${element}`]);
  assert.ok(!there([host]).some(([name]) => name === 'Forwarded'));
});

test('a name that breaks out of its place in Forwarded stays in it', () => {
  const headers: Headers = [
    ['Host', 'a";for=evil'],
    ['Forwarded', 'for=10.0.0.1'],
  ];
  assert.deepEqual(there(headers)[1], [
    'Forwarded',
    'for=10.0.0.1, for=127.0.0.1;host="a\\";for=evil";proto=http',
  ]);
});

test('Connection can take away neither the framing of a body nor that trailers are liked', () => {
  assert.deepEqual(
    there([
      host,
      ['Connection', 'Transfer-Encoding, TE'],
      ['Transfer-Encoding', 'chunked'],
      ['TE', 'trailers'],
    ]),
    [host, ['Transfer-Encoding', 'chunked'], ['TE', 'trailers'], ['Connection', 'keep-alive, TE'], ...told],
  );
});

test('a client without Host gets that of the instance', () => {
  assert.deepEqual(there([], { version: '1.0' }), [
    ['Host', '127.0.0.1:4000'],
    ['X-Forwarded-For', '127.0.0.1'],
    ['X-Forwarded-Proto', 'http'],
  ]);
});

test('a body in chunks goes on in chunks, and only then are trailers announced', () => {
  assert.deepEqual(
    there([host, ['Transfer-Encoding', 'Chunked'], ['Trailer', 'X-Sum']], { method: 'POST' }),
    [host, ['Trailer', 'X-Sum'], ['Transfer-Encoding', 'chunked'], ...told],
  );
  assert.deepEqual(there([host, ['Content-Length', '0'], ['Trailer', 'X-Sum']]), [
    host,
    ['Content-Length', '0'],
    ...told,
  ]);
});

test('a client that takes trailers is passed on as one', () => {
  assert.deepEqual(there([host, ['TE', 'deflate, trailers;q=0.5'], ['Connection', 'TE']]), [
    host,
    ['TE', 'trailers'],
    ['Connection', 'keep-alive, TE'],
    ...told,
  ]);
});

test('a response announces trailers only where chunks will carry them', () => {
  const headers: Headers = [['Trailer', 'X-Sum']];
  assert.deepEqual(
    [
      back(headers),
      back(headers, 200, { version: '1.0' }),
      back(headers, 200, { method: 'HEAD' }),
      back(headers, 304),
      back([...headers, ['Content-Length', '1']]),
    ],
    [headers, [], [], [], [['Content-Length', '1']]],
  );
});

test('an upgrade keeps the two headers that make it, and its keys even where Connection names them', () => {
  const headers: Headers = [
    host,
    ['Connection', 'keep-alive, Upgrade, Sec-WebSocket-Key'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Key', 'x'],
    ['Keep-Alive', '5'],
  ];
  assert.deepEqual(there(headers, { upgrade: true }), [
    host,
    ['Sec-WebSocket-Key', 'x'],
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ...told,
  ]);
  const response: Headers = [
    ['Upgrade', 'websocket'],
    ['Connection', 'upgrade'],
    ['Sec-WebSocket-Accept', 'y'],
  ];
  assert.deepEqual(back(response, 101), [
    ['Sec-WebSocket-Accept', 'y'],
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
  ]);
});

const ask = (upgrade: string): Headers => [
  ['connection', 'Upgrade'],
  ['upgrade', upgrade],
];

test('an upgrade is granted to a GET without body, and never to h2c', () => {
  const cases: [string, Headers][] = [
    ['GET', ask('websocket')],
    ['GET', ask('anything/1')],
    ['GET', [...ask('websocket'), ['Content-Length', '0']]],
    ['GET', ask('h2c')],
    ['GET', ask('websocket, H2C')],
    ['GET', [['Upgrade', 'websocket']]],
    ['GET', [['Connection', 'upgrade']]],
    ['POST', ask('websocket')],
    ['GET', [...ask('websocket'), ['Content-Length', '4']]],
    ['GET', [...ask('websocket'), ['Transfer-Encoding', 'chunked']]],
  ];
  assert.deepEqual(
    cases.map(([method, headers]) => wantsUpgrade(method, headers)),
    [true, true, true, false, false, false, false, false, false, false],
  );
});

test('a body is announced by a length above zero or by chunks', () => {
  const cases: Headers[] = [
    [],
    [['content-length', '0']],
    [['Content-Length', '7']],
    [['transfer-encoding', 'chunked']],
  ];
  assert.deepEqual(cases.map(hasBody), [false, false, true, true]);
});

test('a response that never has a body announces none', () => {
  const headers: Headers = [
    ['Content-Length', '42'],
    ['X-Kept', '1'],
  ];
  assert.deepEqual([back(headers, 204), back(headers, 103)], [[['X-Kept', '1']], [['X-Kept', '1']]]);
  assert.deepEqual([back(headers, 304), back(headers, 200, { method: 'HEAD' })], [headers, headers]);
});

test('what frames, routes or proves a message cannot come after its body', () => {
  const trailers: Headers = [
    ['X-Sum', '7'],
    ['Content-Length', '9'],
    ['TRANSFER-ENCODING', 'chunked'],
    ['Host', 'evil.example'],
    ['Authorization', 'Basic eA=='],
    ['X-Forwarded-For', '10.0.0.1'],
    ['X-Local-Runtimes', 'up'],
  ];
  assert.deepEqual(trailersOnly(trailers), [['X-Sum', '7']]);
});
