/** The newest bytes of a stream, in bounded memory. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { assert as check, array, boolean, integer, property, tuple } from 'fast-check';
import { ChunkRing } from '../../src/base/chunk-ring.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function last(ring: ChunkRing, lines: number): string {
  return ring
    .last(lines)
    .map((chunk) => new TextDecoder().decode(chunk.bytes))
    .join('');
}

function ringOf(limit: number, ...chunks: readonly string[]): ChunkRing {
  const ring = new ChunkRing(limit);
  for (const chunk of chunks) ring.push(0, bytes(chunk));
  return ring;
}

test('the last lines are given from the start of a line, over all chunks', () => {
  const ring = ringOf(1000, 'one\ntw', 'o\n', 'three\nfo', 'ur\n');
  assert.deepEqual(
    [1, 2, 3, 9].map((lines) => last(ring, lines)),
    ['four\n', 'three\nfour\n', 'two\nthree\nfour\n', 'one\ntwo\nthree\nfour\n'],
  );
});

test('an unfinished line counts as one', () => {
  assert.equal(last(ringOf(1000, 'one\ntwo\nthr', 'ee'), 2), 'two\nthree');
});

test('empty lines count', () => {
  const ring = ringOf(1000, 'one\n\n', '\n');
  assert.deepEqual(
    [1, 2, 3].map((lines) => last(ring, lines)),
    ['\n', '\n\n', 'one\n\n\n'],
  );
});

test('what is too much goes from the front', () => {
  const ring = new ChunkRing(10_000);
  for (let index = 0; index < 10; index += 1) ring.push(index, bytes(`${index}`.repeat(2_999) + '\n'));
  assert.equal(last(ring, 99), ['7', '8', '9'].map((digit) => `${digit.repeat(2_999)}\n`).join(''));
  assert.equal(ring.dropped, true);
});

test('of a single chunk that is too much the end is kept', () => {
  assert.equal(last(ringOf(10, 'x'.repeat(5_000) + '0123456789'), 1), '0123456789');
});

test('chunks keep the order they were given with', () => {
  const ring = new ChunkRing(1000);
  ring.push(1, bytes('a'));
  ring.push(1, bytes('b'));
  ring.push(3, bytes('c'));
  assert.deepEqual(
    ring.last(9).map(({ order, bytes: some }) => [order, new TextDecoder().decode(some)]),
    [
      [1, 'ab'],
      [3, 'c'],
    ],
  );
});

test('whatever comes, the ring holds the end of it and never more than its limit', () => {
  const chunk = tuple(integer({ min: 0, max: 5_000 }), boolean());
  check(
    property(array(chunk, { maxLength: 60 }), integer({ min: 1, max: 30_000 }), (chunks, limit) => {
      const ring = new ChunkRing(limit);
      let all = '';
      for (const [index, [size, ends]] of chunks.entries()) {
        const text = String(index % 10).repeat(size) + (ends ? '\n' : '');
        all += text;
        ring.push(index, bytes(text));
      }
      const kept = last(ring, Infinity);
      assert.ok(kept.length <= limit);
      assert.ok(all.endsWith(kept));
      if (all.length <= limit) assert.equal(kept, all);
    }),
  );
});

test('what is kept is a copy, small or large, since the bytes that are given are soon others', () => {
  const ring = new ChunkRing(100_000);
  const given = bytes('a'.repeat(50_000) + '\n');
  const kept = ring.push(0, given);
  const small = ring.push(0, given.subarray(0, 3));
  given.fill(0);
  assert.equal(kept[0], 0x61);
  assert.equal(small[2], 0x61);
});
