/**
 * Request smuggling, as a table of what clients have been known to send.
 *
 * The attack is always the same: two programs read one stream of bytes and disagree on where a request ends, so that
 * the end of one request is the beginning of another, which no route, no guard and no log of the first program has
 * seen, and whose answer may go to somebody else. What is here is how they are brought to disagree.
 *
 * Each row is followed by `GET /smuggled`. A row that is `refused` is answered with an error and the end of the
 * connection, and the instance gets nothing. One that is `cut off` was fine up to its body: the instance got the
 * request without its end, and is left by us before it could take anything else for it. Any other row says which
 * requests the instance sees, and all readers of `hygiene-readers.ts` see exactly those.
 */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Arrangement } from './http-support.ts';
import { attack, collected, type Outcome } from './hygiene-support.ts';

const post = 'POST / HTTP/1.1\r\nHost: localhost\r\n';
const get = 'GET / HTTP/1.1\r\nHost: localhost\r\n';
const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n';
const last = 'GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
const chunked = `${post}Transfer-Encoding: chunked\r\n\r\n`;

const options = { timeout: 120_000 };

type Expected = 'refused' | 'cut off' | readonly string[];

type Row = readonly [attack: string, bytes: string, expected: Expected];

/** What came of it in the words of the table; everything that came of it where these do not fit. */
function inWords(outcome: Outcome, expected: Expected): Expected | Outcome {
  const { statuses, ended, forwarded, seen, open, bytes } = outcome;
  const [status = 0] = statuses;
  const error = status >= 400 && status <= 505;
  if (expected === 'refused') {
    return ended && statuses.length === 1 && error && forwarded.length === 0 && bytes === ''
      ? 'refused'
      : outcome;
  }
  if (expected === 'cut off') {
    const atMostOne = forwarded.length === 1 && Array.isArray(seen) && seen.length === 0 && open.length <= 1;
    return ended && atMostOne && (statuses.length === 0 || (statuses.length === 1 && error))
      ? 'cut off'
      : outcome;
  }
  const answered = statuses.length === expected.length + 1 && statuses.every((each) => each === 200);
  if (!ended || !answered || !Array.isArray(seen) || open.length > 0) return outcome;
  return seen.includes('GET /last 0') ? seen.filter((each) => each !== 'GET /last 0') : outcome;
}

/** How the bytes come, and how the door behaves. */
const manners: readonly (readonly [manner: string, slowly: boolean, door: Arrangement])[] = [
  ['at once', false, {}],
  ['byte by byte', true, {}],
  ['collected', false, collected],
];

function corpus(title: string, rows: readonly Row[]): void {
  it(title, options, async (t) => {
    const wrong: unknown[] = [];
    for (const [name, bytes, expected] of rows) {
      const stream = typeof expected === 'string' ? bytes + smuggled : bytes + last;
      for (const [manner, slowly, arrangement] of manners) {
        if (slowly && stream.length > 2_000) continue;
        const words = inWords(await attack(t, stream, slowly, arrangement), expected);
        const sorted = typeof expected === 'string' ? expected : expected.toSorted();
        try {
          assert.deepEqual(words, sorted);
        } catch {
          wrong.push({ attack: `${name} (${manner})`, expected, was: words });
        }
      }
    }
    assert.deepEqual(wrong, []);
  });
}

describe('where a body ends', () => {
  corpus('is told by one header and not by two', [
    [
      'CL.TE: we go by the length, it by the chunks',
      `${post}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG`,
      'refused',
    ],
    [
      'TE.CL: we go by the chunks, it by the length',
      `${post}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n`,
      'refused',
    ],
    [
      'the same with a length of 0',
      `${post}Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      'refused',
    ],
    [
      'CL.CL: one takes the first, one the last',
      `${post}Content-Length: 0\r\nContent-Length: 44\r\n\r\n`,
      'refused',
    ],
    ['the same the other way round', `${post}Content-Length: 44\r\nContent-Length: 0\r\n\r\n`, 'refused'],
    ['two lengths in one header', `${post}Content-Length: 0, 44\r\n\r\n`, 'refused'],
    [
      'the same number twice in one header, which some read as the first and some refuse',
      `${post}Content-Length: 4, 4\r\n\r\nbody`,
      'refused',
    ],
    [
      'the same number in two headers',
      `${post}Content-Length: 4\r\nContent-Length: 4\r\n\r\nbody`,
      'refused',
    ],
    [
      'a length that CGI takes for the other one',
      `${post}Content-Length: 4\r\nContent_Length: 0\r\n\r\nbody`,
      'refused',
    ],
    [
      'chunks that CGI alone knows of',
      `${post}Content-Length: 5\r\nTransfer_Encoding: chunked\r\n\r\n0\r\n\r\n`,
      'refused',
    ],
    [
      'a length that Connection takes away',
      `${post}Connection: Content-Length\r\nContent-Length: 4\r\n\r\nbody`,
      ['POST / 4'],
    ],
    [
      'chunks that Connection takes away',
      `${post}Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n`,
      ['POST / 4'],
    ],
  ]);

  corpus('is told by a length of digits alone', [
    ['a sign, which number parsers take', `${post}Content-Length: +4\r\n\r\nbody`, 'refused'],
    ['a negative one', `${post}Content-Length: -1\r\n\r\n`, 'refused'],
    ['minus nothing', `${post}Content-Length: -0\r\n\r\n`, 'refused'],
    ['a hexadecimal one: 0 for some, 16 for others', `${post}Content-Length: 0x10\r\n\r\n`, 'refused'],
    ["digits grouped as in a program's source", `${post}Content-Length: 1_0\r\n\r\n0123456789`, 'refused'],
    ['digits grouped as on paper', `${post}Content-Length: 1 0\r\n\r\n0123456789`, 'refused'],
    ['a fraction', `${post}Content-Length: 4.0\r\n\r\nbody`, 'refused'],
    ['an exponent', `${post}Content-Length: 4e0\r\n\r\nbody`, 'refused'],
    ['something after the digits', `${post}Content-Length: 4;\r\n\r\nbody`, 'refused'],
    ['a vertical tab before them', `${post}Content-Length: \v4\r\n\r\nbody`, 'refused'],
    ['a form feed after them', `${post}Content-Length: 4\f\r\n\r\nbody`, 'refused'],
    ['a no-break space, which text functions trim', `${post}Content-Length: 4\xa0\r\n\r\nbody`, 'refused'],
    ['nothing at all', `${post}Content-Length: \r\n\r\n`, 'refused'],
    ['quotes', `${post}Content-Length: "4"\r\n\r\nbody`, 'refused'],
    [
      'more than a number holds: 2^64, which wraps to 0',
      `${post}Content-Length: 18446744073709551616\r\n\r\n`,
      'refused',
    ],
    ['more than is exact in a float', `${post}Content-Length: 9007199254740993\r\n\r\n`, 'refused'],
    ['an endless row of digits', `${post}Content-Length: ${'9'.repeat(400)}\r\n\r\n`, 'refused'],
    ['a tab before the digits is a plain space', `${post}Content-Length:\t4\t \r\n\r\nbody`, ['POST / 4']],
    [
      'leading zeros: 8 for who reads them as octal',
      `${post}Content-Length: 010\r\n\r\n0123456789`,
      'refused',
    ],
  ]);

  corpus('is told by chunks that everybody takes for such (TE.TE)', [
    [
      'an unknown coding that contains the word',
      `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
      'refused',
    ],
    [
      'the word with something after it',
      `${post}Transfer-Encoding: chunked-false\r\n\r\n0\r\n\r\n`,
      'refused',
    ],
    ['the word with a parameter', `${post}Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n`, 'refused'],
    ['in quotes', `${post}Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n`, 'refused'],
    ['twice in one header', `${post}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`, 'refused'],
    [
      'twice in two headers',
      `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      'refused',
    ],
    [
      'first something else, in two headers',
      `${post}Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      'refused',
    ],
    [
      'then something else, in two headers',
      `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n`,
      'refused',
    ],
    ['identity after it', `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`, 'refused'],
    ['identity before it', `${post}Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n`, 'refused'],
    [
      'identity alone, beside a length',
      `${post}Transfer-Encoding: identity\r\nContent-Length: 4\r\n\r\nbody`,
      'refused',
    ],
    [
      'compressed, then in chunks: we pass on no coding of a hop',
      `${post}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
      'refused',
    ],
    ['an empty one', `${post}Transfer-Encoding: \r\n\r\n0\r\n\r\n`, 'refused'],
    ['a comma alone', `${post}Transfer-Encoding: ,\r\n\r\n0\r\n\r\n`, 'refused'],
    ['an empty entry beside it', `${post}Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n`, 'refused'],
    ['a vertical tab before the word', `${post}Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n`, 'refused'],
    ['a form feed after the word', `${post}Transfer-Encoding: chunked\f\r\n\r\n0\r\n\r\n`, 'refused'],
    ['a no-break space after the word', `${post}Transfer-Encoding: chunked\xa0\r\n\r\n0\r\n\r\n`, 'refused'],
    ['a null after the word', `${post}Transfer-Encoding: chunked\0\r\n\r\n0\r\n\r\n`, 'refused'],
    ['folded onto the next line', `${post}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n`, 'refused'],
    ['a bare CR before it', `${post}X: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 'refused'],
    ['a bare LF before it', `${post}X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 'refused'],
    [
      'with HTTP/1.0, which has no chunks',
      'POST / HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'refused',
    ],
    ['in another case', `${post}tRANSFER-eNCODING: CHUNKED\r\n\r\n4\r\nbody\r\n0\r\n\r\n`, ['POST / 4']],
  ]);
});

describe('a header', () => {
  corpus('has a name that ends at its colon, and a line that ends at CR LF', [
    [
      'a space before the colon: ignored by some, another name for others',
      `${post}Content-Length : 4\r\n\r\nbody`,
      'refused',
    ],
    ['a tab before the colon', `${post}Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n`, 'refused'],
    [
      'a space before the name of the first header',
      'POST / HTTP/1.1\r\n Host: localhost\r\nContent-Length: 0\r\n\r\n',
      'refused',
    ],
    ['a line that goes on (obs-fold)', `${post}X: a\r\n Content-Length: 44\r\n\r\n`, 'refused'],
    ['the same by a tab', `${post}X: a\r\n\tTransfer-Encoding: chunked\r\n\r\n`, 'refused'],
    ['a line of spaces', `${post}X: a\r\n \r\nContent-Length: 44\r\n\r\n`, 'refused'],
    ['no colon', `${post}Content-Length\r\n\r\n`, 'refused'],
    ['no name', `${post}: 4\r\n\r\n`, 'refused'],
    ['a control byte in the name', `${post}\x01Content-Length: 4\r\n\r\nbody`, 'refused'],
    ['a null in the name', `${post}Content-Length\0: 4\r\n\r\nbody`, 'refused'],
    ['a byte above ASCII in the name', `${post}Cont\xe9nt: 4\r\n\r\n`, 'refused'],
    ['a bracket in the name', `${post}Content-Length(): 4\r\n\r\nbody`, 'refused'],
    ['a null in the value: the end of it in C', `${post}X: a\0b\r\n\r\n`, 'refused'],
    ['a control byte in the value', `${post}X: a\x08b\r\n\r\n`, 'refused'],
    ['a DEL in the value', `${post}X: a\x7fb\r\n\r\n`, 'refused'],
    ['a bare CR in the value', `${post}X: a\rb\r\n\r\n`, 'refused'],
    ['a bare LF ends the value for some', `${post}X: a\nContent-Length: 44\r\n\r\n`, 'refused'],
    ['two CR before the LF', `${post}X: a\r\r\nContent-Length: 44\r\n\r\n`, 'refused'],
    ['a head that ends at LF LF', 'POST / HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n', 'refused'],
    ['a head that ends at LF LF, after lines that end as they should', `${post}X: a\n\n`, 'refused'],
    ['a head that ends at LF CR LF', `${post}X: a\n\r\n`, 'refused'],
    ['a head that ends at CR LF LF', `${post}X: a\r\n\n`, 'refused'],
    ['a head that ends at CR CR LF', `${post}X: a\r\n\r\r\n`, 'refused'],
    ['tabs, and bytes above ASCII, in a value', `${get}X: \ta\tb\xe9\t\r\n\r\n`, ['GET / 0']],
    ['an empty value', `${get}X:\r\n\r\n`, ['GET / 0']],
    ['all the signs that a name may have', `${get}!#$%&'*+-.^_\`|~aZ9: 1\r\n\r\n`, ['GET / 0']],
  ]);
});

describe('a request line', () => {
  corpus('has three parts, and a target that all take for the same', [
    ['two spaces', 'GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n', 'refused'],
    ['a tab for a space', 'GET\t/ HTTP/1.1\r\nHost: localhost\r\n\r\n', 'refused'],
    [
      'a space in the target, which ends it for some',
      'GET /a HTTP/1.1 /b HTTP/1.1\r\nHost: localhost\r\n\r\n',
      'refused',
    ],
    ['a control byte in the target', 'GET /a\x01 HTTP/1.1\r\nHost: localhost\r\n\r\n', 'refused'],
    ['a null in the target', 'GET /a\0b HTTP/1.1\r\nHost: localhost\r\n\r\n', 'refused'],
    ['a DEL in the target', 'GET /a\x7fb HTTP/1.1\r\nHost: localhost\r\n\r\n', 'refused'],
    ['a bare CR in the target', 'GET /a\rb HTTP/1.1\r\nHost: localhost\r\n\r\n', 'refused'],
    ['a bare LF in the target', 'GET /a\nX: b HTTP/1.1\r\nHost: localhost\r\n\r\n', 'refused'],
    [
      'a fragment: we look for the route before it, the instance goes by all of it',
      'GET /a#/../admin HTTP/1.1\r\nHost: localhost\r\n\r\n',
      'refused',
    ],
    [
      'no slash: glued to an address it names another host',
      'GET @evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n',
      'refused',
    ],
    ['a relative one', 'GET a HTTP/1.1\r\nHost: localhost\r\n\r\n', 'refused'],
    ['another scheme', 'GET ftp://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n', 'refused'],
    ['a star that is no OPTIONS', 'GET * HTTP/1.1\r\nHost: localhost\r\n\r\n', 'refused'],
    [
      'CONNECT: a tunnel to wherever it says',
      'CONNECT localhost:22 HTTP/1.1\r\nHost: localhost:22\r\n\r\n',
      'refused',
    ],
    ['no version (HTTP/0.9), after which no head follows', 'GET /\r\n\r\n', 'refused'],
    ['a version of its own', 'GET / HTTP/1.2\r\nHost: localhost\r\n\r\n', 'refused'],
    ['two digits of version', 'GET / HTTP/1.10\r\nHost: localhost\r\n\r\n', 'refused'],
    ['HTTP/2 in the letters of HTTP/1', 'GET / HTTP/2.0\r\nHost: localhost\r\n\r\n', 'refused'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'refused'],
    ['another protocol', 'GET / RTSP/1.0\r\nHost: localhost\r\n\r\n', 'refused'],
    ['letters of the protocol in lower case', 'GET / http/1.1\r\nHost: localhost\r\n\r\n', 'refused'],
    ['something after the version', 'GET / HTTP/1.1 x\r\nHost: localhost\r\n\r\n', 'refused'],
    ['a space after the version', 'GET / HTTP/1.1 \r\nHost: localhost\r\n\r\n', 'refused'],
    ['a space before the method', ' GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', 'refused'],
    ['a method that is no word', 'G(T / HTTP/1.1\r\nHost: localhost\r\n\r\n', 'refused'],
    ['a method with a null', 'GET\0 / HTTP/1.1\r\nHost: localhost\r\n\r\n', 'refused'],
    ['TLS at a door without', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'refused'],
    ['an empty line before it, which clients once sent after a body', `\r\n${get}\r\n`, ['GET / 0']],
    ['a star for OPTIONS', 'OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n', ['OPTIONS * 0']],
    [
      'bytes above ASCII: some readers take two of them for white space',
      'GET /\xc2\xa0a HTTP/1.1\r\nHost: localhost\r\n\r\n',
      'refused',
    ],
    [
      "dots and double slashes, which are the instance's to read",
      'GET //a/../b/./%2e%2e/ HTTP/1.1\r\nHost: localhost\r\n\r\n',
      ['GET //a/../b/./%2e%2e/ 0'],
    ],
  ]);

  corpus('and the host it is for are told once', [
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', 'refused'],
    [
      'two of them: we would guard the one, the instance serve the other',
      `${get}Host: evil.example\r\n\r\n`,
      'refused',
    ],
    ['the same one twice', `${get}Host: localhost\r\n\r\n`, 'refused'],
    ['two in one', 'GET / HTTP/1.1\r\nHost: localhost, evil.example\r\n\r\n', 'refused'],
    ['a path after it', 'GET / HTTP/1.1\r\nHost: evil.example/.localhost\r\n\r\n', 'refused'],
    ['a user before it', 'GET / HTTP/1.1\r\nHost: evil.example@localhost\r\n\r\n', 'refused'],
    ['a fragment after it', 'GET / HTTP/1.1\r\nHost: evil.example#.localhost\r\n\r\n', 'refused'],
    ['a space in it', 'GET / HTTP/1.1\r\nHost: localhost evil.example\r\n\r\n', 'refused'],
    ['a folded one', 'GET / HTTP/1.1\r\nHost: localhost\r\n evil.example\r\n\r\n', 'refused'],
    [
      'an absolute target for another host: the guard may go by the one, the instance by the other',
      'GET http://evil.example/a HTTP/1.1\r\nHost: localhost\r\n\r\n',
      'refused',
    ],
    [
      'an absolute target with a user, which is not a host',
      'GET http://localhost@evil.example/a HTTP/1.1\r\nHost: localhost\r\n\r\n',
      'refused',
    ],
    [
      'an absolute target for the same host',
      'GET HTTP://localhost/a?b HTTP/1.1\r\nHost: localhost\r\n\r\n',
      ['GET /a?b 0'],
    ],
  ]);
});

describe('chunks', () => {
  corpus('are what they say, or the exchange is cut off', [
    ['a size with a sign', `${chunked}+4\r\nbody\r\n0\r\n\r\n`, 'cut off'],
    ['a size with a prefix', `${chunked}0x4\r\nbody\r\n0\r\n\r\n`, 'cut off'],
    ['a negative size', `${chunked}-4\r\nbody\r\n0\r\n\r\n`, 'cut off'],
    ['a space before the size', `${chunked} 4\r\nbody\r\n0\r\n\r\n`, 'cut off'],
    ['a space after the size', `${chunked}4 \r\nbody\r\n0\r\n\r\n`, 'cut off'],
    ['grouped digits', `${chunked}0_4\r\nbody\r\n0\r\n\r\n`, 'cut off'],
    ['no size', `${chunked}\r\nbody\r\n0\r\n\r\n`, 'cut off'],
    ['no number', `${chunked}four\r\nbody\r\n0\r\n\r\n`, 'cut off'],
    ['2^64 + 4, which wraps to 4', `${chunked}10000000000000004\r\nbody\r\n0\r\n\r\n`, 'cut off'],
    ['more than is exact in a float', `${chunked}20000000000001\r\nbody\r\n0\r\n\r\n`, 'cut off'],
    ['a size line that ends at LF', `${chunked}4\nbody\r\n0\r\n\r\n`, 'cut off'],
    ['a size line that ends at CR', `${chunked}4\rbody\r\n0\r\n\r\n`, 'cut off'],
    ['a chunk that is longer than told', `${chunked}4\r\nbodyx\r\n0\r\n\r\n`, 'cut off'],
    ['a chunk that ends at LF', `${chunked}4\r\nbody\n0\r\n\r\n`, 'cut off'],
    ['a chunk that ends at anything two bytes long', `${chunked}4\r\nbodyXX0\r\n\r\n`, 'cut off'],
    ['an end that ends at LF', `${chunked}4\r\nbody\r\n0\n\n`, 'cut off'],
    ['an end that ends at CR LF LF', `${chunked}4\r\nbody\r\n0\r\n\n`, 'cut off'],
    [
      'an extension with a bare LF, after which some see another chunk',
      `${chunked}4;a\nb\r\nbody\r\n0\r\n\r\n`,
      'cut off',
    ],
    ['an extension with a bare CR', `${chunked}4;a\rb\r\nbody\r\n0\r\n\r\n`, 'cut off'],
    ['an extension with a null', `${chunked}4;a\0b\r\nbody\r\n0\r\n\r\n`, 'cut off'],
    ['an endless extension', `${chunked}4;${'a'.repeat(70_000)}\r\nbody\r\n0\r\n\r\n`, 'cut off'],
    ['a trailer with a space before its colon', `${chunked}4\r\nbody\r\n0\r\nX : 1\r\n\r\n`, 'cut off'],
    ['a trailer that ends at LF', `${chunked}4\r\nbody\r\n0\r\nX: 1\n\n`, 'cut off'],
    ['a folded trailer', `${chunked}4\r\nbody\r\n0\r\nX: 1\r\n Host: evil\r\n\r\n`, 'cut off'],
    ['a trailer without a colon', `${chunked}4\r\nbody\r\n0\r\nX\r\n\r\n`, 'cut off'],
    ['endless trailers', `${chunked}4\r\nbody\r\n0\r\n${'X: 1\r\n'.repeat(20_000)}\r\n`, 'cut off'],
    ['an extension is left out', `${chunked}4;a=b;c="d"\r\nbody\r\n0;e\r\n\r\n`, ['POST / 4']],
    ['leading zeros', `${chunked}0004\r\nbody\r\n000\r\n\r\n`, ['POST / 4']],
    ['digits in either case', `${chunked}A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n`, ['POST / 20']],
    [
      'what looks like a request inside a chunk',
      `${chunked}${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`,
      [`POST / ${smuggled.length}`],
    ],
    ['what looks like an end inside a chunk', `${chunked}5\r\n0\r\n\r\n\r\n0\r\n\r\n`, ['POST / 5']],
    [
      'trailers that would be believed as headers are left out',
      `${chunked}4\r\nbody\r\n0\r\nContent-Length: 44\r\nHost: evil.example\r\nAuthorization: x\r\nTransfer-Encoding: chunked\r\nCookie: a\r\nConnection: close\r\nX-Forwarded-For: 10.0.0.1\r\nContent-Type: text/html\r\nX-Sum: 1\r\n\r\n`,
      ['POST / 4'],
    ],
  ]);
});

describe('requests one after the other', () => {
  corpus('stay the same number', [
    [
      'sent at once',
      `${get}\r\n${get}\r\n${post}Content-Length: 4\r\n\r\nbody`,
      ['GET / 0', 'GET / 0', 'POST / 4'],
    ],
    [
      'a body after GET is a body',
      `${get}Content-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
      [`GET / ${smuggled.length}`],
    ],
    [
      'a body in chunks after DELETE',
      'DELETE / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n',
      ['DELETE / 4'],
    ],
    [
      'a body after HEAD',
      'HEAD / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody',
      ['HEAD / 4'],
    ],
    [
      'line ends after a body that are no part of it',
      `${post}Content-Length: 4\r\n\r\nbody\r\n\r\n`,
      ['POST / 4'],
    ],
    [
      'what looks like a request in a body',
      `${post}Content-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
      [`POST / ${smuggled.length}`],
    ],
    [
      'an expectation with a body that is sent at once',
      `${post}Expect: 100-continue\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
      [`POST / ${smuggled.length}`],
    ],
    ['an expectation without a body', `${get}Expect: 100-continue\r\n\r\n`, ['GET / 0']],
    [
      'a method that few know, with a body',
      'PROPFIND / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody',
      ['PROPFIND / 4'],
    ],
    [
      'a method in small letters: a HEAD without a body for some, and not for others',
      'head / HTTP/1.1\r\nHost: localhost\r\n\r\n',
      'refused',
    ],
  ]);

  it('end where one is odd, such as the rest of a body that was longer than told', options, async (t) => {
    for (const slowly of [false, true]) {
      const bytes = `${post}Content-Length: 2\r\n\r\nbo\0dy${smuggled}`;
      const { statuses, ended, seen } = await attack(t, bytes, slowly);
      assert.deepEqual([ended, seen], [true, ['POST / 2']]);
      assert.deepEqual(
        statuses.filter((status) => status !== 200 && status !== 400),
        [],
      );
    }
  });
});
