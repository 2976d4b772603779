import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isCleanHeader } from '../../../src/core/appengine/response-headers.ts';
import { responseLimit, rewritten } from '../../../src/core/appengine/response.ts';
import type { Answer, Headers } from '../../../src/core/outside.ts';
import { bodyOf, Front, receivedOf, value, values } from './support.ts';

/** 14 November 2023, 22:13:20. */
const now = 1_700_000_000_000;
const nowText = 'Tue, 14 Nov 2023 22:13:20 GMT';
const longAgo = 'Fri, 01 Jan 1990 00:00:00 GMT';

function answerTo(
  headers: Headers,
  { status = 200, method = 'GET', body = 'Hello' }: { status?: number; method?: string; body?: string } = {},
): Answer {
  return rewritten(receivedOf({ status, headers, body }), method, now);
}

describe('the answer of a child', () => {
  it('is without what is not its to say, and with an Accept-Encoding, odd as that is (HP-24)', () => {
    const gone = [
      ...['Connection', 'Content-Encoding', 'Date', 'Keep-Alive', 'Proxy-Authenticate', 'Server'],
      ...['Trailer', 'TRANSFER-ENCODING', 'Upgrade', 'X-AppEngine-BlobKey'],
    ];
    const { headers } = answerTo(
      [...gone, 'Accept-Encoding', 'X-Foo'].map((name) => [name, 'said'] as const),
    );
    for (const name of gone) assert.deepEqual(values(headers, name), [], name);
    for (const name of ['Accept-Encoding', 'X-Foo']) assert.deepEqual(values(headers, name), ['said'], name);
  });

  it('is without headers whose name or value is none, and keeps spaces and colons in values (HP-25)', () => {
    const rows: readonly (readonly [string, string, boolean])[] = [
      ['X-Good', 'a: b c', true],
      ['X Bad', 'a', false],
      ['X:Bad', 'a', false],
      ['X-\u0007', 'a', false],
      ['X-\u00E4', 'a', false],
      ['X-Bell', 'a\u0007', false],
      ['X-Umlaut', '\u00E4', false],
      ['X-Break', 'a\r\nSet-Cookie: b=c', false],
      ['X-Delete', '\u007F', false],
      ['', 'a', false],
      ['X-Empty', '', true],
    ];
    const { headers } = answerTo(rows.map(([name, text]) => [name, text]));
    for (const [name, text, kept] of rows) assert.deepEqual(values(headers, name), kept ? [text] : [], name);
    assert.equal(value(headers, 'Set-Cookie'), undefined);
  });

  it('has the length that its body has, whatever it says (HP-26)', () => {
    for (const said of ['1', '1000', 'many']) {
      assert.deepEqual(values(answerTo([['Content-Length', said]]).headers, 'content-length'), ['5']);
    }
    const twice = answerTo([
      ['Content-Length', '1'],
      ['content-length', '2'],
    ]);
    assert.deepEqual(values(twice.headers, 'content-length'), ['5']);
    assert.deepEqual(values(answerTo([]).headers, 'content-length'), ['5']);
    assert.deepEqual(values(answerTo([], { body: '' }).headers, 'content-length'), ['0']);
  });

  it('with a body of a byte too many is a page of 63 bytes that says so (HP-27)', () => {
    assert.equal(responseLimit, 33_554_432);
    const rest = { status: 200, headers: [['X-Foo', 'a']] as const, body: new Uint8Array() };
    const answer = rewritten({ ...rest, length: 33_554_433 }, 'GET', now);
    assert.equal(answer.status, 500);
    assert.equal(answer.reason, undefined);
    assert.equal(answer.body, 'HTTP response was too large: 33554433. The limit is: 33554432.\n');
    assert.equal(answer.body.length, 63);
    assert.deepEqual(answer.headers, [
      ['Content-Type', 'text/html'],
      ['Content-Length', '63'],
    ]);
    assert.equal(rewritten({ ...rest, length: 33_554_432 }, 'GET', now).status, 200);
  });

  it('to HEAD keeps the length that it tells, and has no body (HP-28)', () => {
    const answer = answerTo([['Content-Length', '1234']], { method: 'HEAD', body: '' });
    assert.equal(value(answer.headers, 'content-length'), '1234');
    assert.equal(bodyOf(answer), '');
    assert.equal(value(answerTo([], { method: 'HEAD', body: 'x' }).headers, 'content-length'), undefined);
    assert.equal(bodyOf(answerTo([], { method: 'HEAD', body: 'x' })), '');
  });

  it('with a status that has no body loses body and length, and says nothing about keeping it (HP-29)', () => {
    for (const status of [100, 101, 204, 304]) {
      const answer = answerTo(
        [
          ['Content-Length', '5'],
          ['Set-Cookie', 'a=b'],
        ],
        { status },
      );
      assert.equal(bodyOf(answer), '');
      for (const name of ['Content-Length', 'Cache-Control', 'Expires']) {
        assert.deepEqual(values(answer.headers, name), [], `${name} of ${status}`);
      }
      assert.equal(value(answer.headers, 'Set-Cookie'), 'a=b');
    }
    assert.equal(value(answerTo([], { status: 205 }).headers, 'cache-control'), 'no-cache');
  });

  it('is HTML where it does not say what it is (HP-30)', () => {
    assert.equal(value(answerTo([]).headers, 'content-type'), 'text/html');
    assert.equal(value(answerTo([['content-TYPE', 'a/b']]).headers, 'content-type'), 'a/b');
    assert.equal(value(answerTo([], { status: 304 }).headers, 'content-type'), 'text/html');
  });

  it('is kept by nobody where it does not say who may (HP-31)', () => {
    const said = (headers: Headers) => {
      const answer = answerTo(headers);
      return [value(answer.headers, 'cache-control'), value(answer.headers, 'expires')];
    };
    const soon = 'Wed, 15 Nov 2023 00:00:00 GMT';
    assert.deepEqual(said([]), ['no-cache', longAgo]);
    assert.deepEqual(said([['Cache-Control', 'max-age=20']]), ['max-age=20', undefined]);
    assert.deepEqual(said([['Expires', soon]]), ['no-cache', soon]);
    assert.deepEqual(
      said([
        ['Cache-Control', 'public'],
        ['Expires', soon],
      ]),
      ['public', soon],
    );
  });

  it('that gives a cookie is kept by nobody but the client, found or not (HP-32)', () => {
    const past = 'Tue, 14 Nov 2023 22:13:00 GMT';
    const future = 'Thu, 01 Jan 2099 00:00:00 GMT';
    const rows: readonly (readonly [
      cache: readonly string[],
      expires: string | undefined,
      string,
      string,
    ])[] = [
      [['max-age=20, public'], future, 'max-age=20, private', nowText],
      [['max-age=20', 'PUBLIC'], future, 'max-age=20, private', nowText],
      [['max-age=20, private'], past, 'max-age=20, private', past],
      [['no-store'], past, 'no-store', past],
      [['no-cache, public'], nowText, 'no-cache', nowText],
      [['private'], 'soon', 'private', nowText],
      [['private'], '0', 'private', nowText],
      [['private'], undefined, 'private', nowText],
      [[], undefined, 'no-cache', longAgo],
      [[], future, 'no-cache', nowText],
    ];
    for (const status of [200, 404]) {
      for (const [cache, expires, cacheAfter, expiresAfter] of rows) {
        const { headers } = answerTo(
          [
            ['Set-Cookie', 'a=b'],
            ['Set-Cookie', 'c=d'],
            ...cache.map((each) => ['Cache-Control', each] as const),
            ...(expires === undefined ? [] : [['Expires', expires] as const]),
          ],
          { status },
        );
        const after = [value(headers, 'cache-control'), value(headers, 'expires')];
        assert.deepEqual(after, [cacheAfter, expiresAfter], `${cache.join('; ')} until ${String(expires)}`);
        assert.deepEqual(values(headers, 'set-cookie'), ['a=b', 'c=d']);
      }
    }
  });

  it('that is as it should be goes on as it is (HP-34)', () => {
    const headers: Headers = [
      ['Content-Type', 'text/plain'],
      ['Foo', 'a'],
      ['Foo', 'b'],
      ['Cache-Control', 'max-age=20, private'],
      ['Content-Length', '5'],
      ['set-cookie', 'a=b'],
      ['Expires', longAgo],
    ];
    const answer = answerTo(headers, { status: 418 });
    assert.deepEqual([answer.status, answer.reason, bodyOf(answer)], [418, 'OK', 'Hello']);
    assert.deepEqual(answer.headers, headers);
  });

  it('keeps headers that it has several of apart (HP-1)', async () => {
    const { headers } = await new Front().finish({
      headers: [
        ['Foo', 'a'],
        ['Foo', 'b'],
      ],
    });
    assert.deepEqual(values(headers, 'Foo'), ['a', 'b']);
  });

  it('never breaks out of its head, has one length, and is the same when it is made again', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary-ascii', maxLength: 8 }),
      fc.constantFrom('Set-Cookie', 'Expires', 'Cache-Control', 'content-length', 'Connection'),
    );
    const header = fc.tuple(name, fc.string({ unit: 'binary-ascii', maxLength: 12 }));
    fc.assert(
      fc.property(
        fc.array(header),
        fc.constantFrom(200, 204, 404),
        fc.constantFrom('GET', 'POST'),
        (all, status, method) => {
          const once = answerTo(all, { status, method });
          for (const [each, text] of once.headers) assert.ok(isCleanHeader(each, text), `${each}: ${text}`);
          assert.equal(values(once.headers, 'content-length').length, status === 204 ? 0 : 1);
          assert.deepEqual(answerTo(once.headers, { status, method }).headers, once.headers);
        },
      ),
    );
  });
});

describe('an answer under way', () => {
  it('is made when it is whole: what goes wrong until then has an answer instead of it (HP-33)', async () => {
    const front = new Front({
      errorHandlers: [
        { file: 'error.html', source: { file: '', line: 1, column: 1, endLine: 1, endColumn: 1 } },
      ],
    });
    front.world.files.bytes = () => Promise.reject(new Error('the disk has gone'));
    const answer = await front.finish({ headers: [['X-Appengine-Error-Code', '1']] });
    assert.deepEqual([answer.status, bodyOf(answer)], [500, '']);
    assert.deepEqual(front.lines, [
      "error Request to '/' failed",
      front.lines[1] ?? '',
      'info api: "GET / HTTP/1.1" 500 0',
    ]);
    assert.match(front.lines[1] ?? '', /^debug Error: the disk has gone/);
  });

  it('that the child breaks off keeps its status and the bytes that came (HP-19)', async () => {
    const answer = await new Front().finish({
      status: 200,
      headers: [['Content-Length', '1000']],
      body: 'as far as it',
      broken: true,
    });
    assert.deepEqual([answer.status, bodyOf(answer)], [200, 'as far as it']);
    assert.equal(value(answer.headers, 'content-length'), '12');
  });
});
