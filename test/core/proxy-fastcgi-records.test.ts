/** FastCGI's records and CGI's header: bytes out, bytes in, whatever bytes. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { byteTextOf, bytesOf } from '../../src/core/proxy/byte-text.ts';
import { CgiHeadReader, type CgiHeadRead } from '../../src/core/proxy/cgi-answer.ts';
import { type FromProgram, opening, RecordReader, stdin } from '../../src/core/proxy/fastcgi-records.ts';

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function record(type: number, content: string, { id = 1, padding = 0, version = 1 } = {}): Buffer {
  const length = content.length;
  const header = [version, type, id >> 8, id & 0xff, length >> 8, length & 0xff, padding, 0];
  return Buffer.concat([Buffer.from(header), Buffer.from(content, 'latin1'), Buffer.alloc(padding)]);
}

/** Reads bytes cut into pieces; joins what came of a stream. */
function heard(bytes: Buffer, size = bytes.length): readonly unknown[] {
  const reader = new RecordReader();
  const all: FromProgram[] = [];
  for (let at = 0; at < bytes.length; at += size) all.push(...reader.read(bytes.subarray(at, at + size)));
  const told: unknown[] = [];
  let before = '';
  for (const each of all) {
    if (each.kind === 'stdout' || each.kind === 'stderr') {
      const text = byteTextOf(each.bytes);
      if (before === each.kind) told[told.length - 1] = `${String(told.at(-1))}${text}`;
      else told.push(`${each.kind}: ${text}`);
    } else told.push(each.kind === 'broken' ? `broken: ${each.reason}` : [each.ending, each.status]);
    before = each.kind;
  }
  return told;
}

const end = record(3, '\0\0\0\x07\0\0\0\0');

describe('what is sent to a program', () => {
  it('opens with its role, then the variables and their end; long ones tell their length in four bytes', () => {
    assert.equal(
      hex(
        opening([
          ['A', 'bc'],
          ['D', ''],
        ]),
      ),
      '0101000100080000' +
        '0001000000000000' +
        '0104000100080000' +
        '0102416263' +
        '010044' +
        '0104000100000000',
    );
    const long = hex(opening([['N', 'x'.repeat(128)]]));
    assert.ok(long.includes(`0180000080${hex(bytesOf('N'))}78`));
  });

  it('is cut into records that hold 65528 bytes at most, also the variables', () => {
    assert.deepEqual(
      stdin(new Uint8Array(70_000)).map(({ length }) => length),
      [8, 65_528, 8, 4472],
    );
    const params = opening([['N', 'x'.repeat(70_000)]]);
    assert.equal(params.length, 16 + 8 + 65_528 + 8 + (70_006 - 65_528) + 8);
  });
});

describe('what a program says', () => {
  const said = Buffer.concat([
    record(6, 'Status: 200\n\nhe', { padding: 3 }),
    record(7, 'oops', { padding: 4 }),
    record(6, ''),
    record(10, 'abc', { id: 0 }),
    record(6, 'llo'),
    end,
  ]);

  it('is the same however its bytes are cut', () => {
    for (let size = 1; size <= said.length; size += 1) {
      assert.deepEqual(heard(said, size), [
        'stdout: Status: 200\n\nhe',
        'stderr: oops',
        'stdout: llo',
        ['complete', 7],
      ]);
    }
  });

  it('ends with how it dealt with the request', () => {
    assert.deepEqual(heard(record(3, '\xff\xff\xff\xff\x02\0\0\0')), [['overloaded', 0xffff_ffff]]);
    assert.deepEqual(heard(record(3, '\0\0\0\0\x01\0\0\0')), [['cannot-multiplex', 0]]);
    assert.deepEqual(heard(record(3, '\0\0\0\0\x03\0\0\0')), [['unknown-role', 0]]);
  });

  it('is over with its end: what follows is not read', () => {
    assert.deepEqual(heard(Buffer.concat([end, record(6, 'more'), end])), [['complete', 7]]);
  });

  it('is told apart from what is no FastCGI', () => {
    const table: readonly (readonly [Buffer, RegExp])[] = [
      [Buffer.from('H'), /does not speak FastCGI/],
      [record(6, 'x', { version: 2 }), /does not speak FastCGI/],
      [record(6, 'x', { id: 2 }), /answers request 2/],
      [record(6, 'x', { id: 0 }), /answers request 0/],
      [record(5, 'x'), /records of type 5/],
      [record(99, 'x'), /records of type 99/],
      [record(3, 'short'), /5 bytes long, and not 8/],
      [record(3, '\0\0\0\0\x04\0\0\0'), /status that does not exist \(4\)/],
    ];
    for (const [bytes, reason] of table) {
      const told = heard(Buffer.concat([bytes, end]));
      assert.equal(told.length, 1);
      assert.match(String(told[0]), reason);
    }
  });

  it('may be any bytes: none is thrown over, none is kept, and cutting changes nothing', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc
        .record({
          type: fc.constantFrom(3, 6, 6, 6, 7, 10, 11, 5),
          id: fc.constantFrom(1, 1, 1, 0, 2),
          content: fc.oneof(fc.constant('\0\0\0\0\0\0\0\0'), fc.string({ maxLength: 40 })),
          padding: fc.integer({ min: 0, max: 9 }),
        })
        .map(({ type, content, ...rest }) => record(type, content.replaceAll(/[^\0-\u00FF]/gu, '?'), rest)),
    );
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 8 }), fc.integer({ min: 1, max: 64 }), (parts, size) => {
        const bytes = Buffer.concat(parts);
        assert.deepEqual(heard(bytes, size), heard(bytes));
        const reader = new RecordReader();
        let out = 0;
        for (const each of reader.read(bytes)) {
          if (each.kind === 'stdout' || each.kind === 'stderr') {
            out += each.bytes.length;
            assert.equal(each.bytes.buffer, bytes.buffer, 'a piece is a view, and no copy');
          }
        }
        assert.ok(out <= bytes.length);
        if (reader.over) assert.deepEqual(reader.read(bytes), []);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the header of an answer', () => {
  const read = (text: string, size = text.length, limit = 1000): CgiHeadRead | undefined => {
    const reader = new CgiHeadReader(limit);
    const bytes = bytesOf(text);
    for (let at = 0; at < bytes.length; at += size) {
      const found = reader.read(bytes.subarray(at, at + size));
      if (found?.kind !== 'head') {
        if (found !== undefined) return found;
        continue;
      }
      return { ...found, rest: bytes.subarray(Math.min(bytes.length, at + size) - found.rest.length) };
    }
    return undefined;
  };
  const head = (text: string) => {
    const found = read(text);
    return found?.kind === 'head' ? found.head : found?.reason;
  };

  it('ends with an empty line of either kind, however it is cut', () => {
    for (const text of ['A: 1\r\nB:2\r\n\r\n\nbody', 'A: 1\nB: 2 \n\n\nbody', 'A: 1\nB: 2\n\r\n\nbody']) {
      for (let size = 1; size <= text.length; size += 1) {
        const found = read(text, size);
        if (found?.kind !== 'head') throw new Error(`${size}: ${found?.reason}`);
        assert.deepEqual(found.head, {
          status: 200,
          headers: [
            ['A', '1'],
            ['B', '2'],
          ],
        });
        assert.equal(byteTextOf(found.rest), '\nbody', `cut into pieces of ${size}`);
      }
    }
  });

  it('says a status, or is one by its Location, and keeps repeated headers in order', () => {
    assert.deepEqual(head('Status: 404 Not Found\r\nX: y\r\n\r\n'), {
      status: 404,
      reason: 'Not Found',
      headers: [['X', 'y']],
    });
    assert.deepEqual(head('status: 201\n\n'), { status: 201, headers: [] });
    assert.deepEqual(head('Location: /there\n\n'), { status: 302, headers: [['Location', '/there']] });
    assert.deepEqual(head('Status: 303 See\nLocation: http://x/\n\n'), {
      status: 303,
      reason: 'See',
      headers: [['Location', 'http://x/']],
    });
    assert.deepEqual(head('Set-Cookie: a=1\nContent-Length: 5\nSet-Cookie: b=2\n\n'), {
      status: 200,
      headers: [
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ],
      length: 5,
    });
  });

  it('is none where it is malformed', () => {
    const table: readonly (readonly [string, RegExp])[] = [
      ['\n\nbody', /has no header/],
      ['\r\nbody', /has no header/],
      ['<html>\n\n', /a line of its header is none: "<html>"/],
      ['HTTP/1.1 200 OK\nA: b\n\n', /a line of its header is none: "HTTP\/1.1 200 OK"/],
      ['A: b\n folded\n\n', /a line/],
      ['A : b\n\n', /a line/],
      ['A: b\0c\n\n', /a line/],
      ['A: b\rInjected: c\n\n', /a line/],
      ['Status: 99\n\n', /its status is none: "99"/],
      ['Status: 100 Continue\n\n', /its status/],
      ['Status: 600\n\n', /its status/],
      ['Status: OK\n\n', /its status/],
      ['Content-Length: -1\n\n', /its Content-Length/],
      ['Content-Length: 1\nContent-Length: 2\n\n', /its Content-Length/],
      [`A: ${'b'.repeat(1000)}\n\n`, /longer than 1000 bytes/],
    ];
    for (const [text, reason] of table) {
      for (const size of [text.length, 3]) {
        const found = read(text, size);
        assert.match(
          found?.kind === 'bad' ? found.reason : JSON.stringify(found),
          reason,
          JSON.stringify(text),
        );
      }
    }
    assert.equal(read('A: b\n'), undefined);
  });

  it('may be any bytes, and no more than its limit is kept of them', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }), (parts) => {
        const reader = new CgiHeadReader(500);
        let taken = 0;
        for (const part of parts) {
          const found = reader.read(part);
          taken += part.length;
          if (found === undefined) assert.ok(taken <= 500);
          else break;
        }
      }),
    );
  });
});
