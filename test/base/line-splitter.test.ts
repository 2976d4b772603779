/** Cutting bytes into lines, whatever the chunks. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { assert as check, array, nat, property, string, constantFrom, uint8Array } from 'fast-check';
import { LineSplitter } from '../../src/base/line-splitter.ts';

function cut(chunks: readonly Uint8Array[], limit?: number): string[] {
  const splitter = new LineSplitter(limit);
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const table: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['nothing is no line', [], []],
  ['a line ends with a newline', ['one\n'], ['one']],
  ['a fragment at the end is a line, too (RP-35)', ['one\ntwo'], ['one', 'two']],
  ['empty lines are lines', ['\n\n'], ['', '']],
  ['a carriage return before the newline belongs to the line end', ['one\r\ntwo\r\n'], ['one', 'two']],
  ['the two characters of a line end may arrive apart', ['one\r', '\ntwo'], ['one', 'two']],
  ['a carriage return elsewhere is left alone', ['10%\r20%\n'], ['10%\r20%']],
  ['a line may come in many pieces', ['o', 'n', 'e', '\n', 't', 'wo'], ['one', 'two']],
  ['a byte order mark in the middle is kept', ['a\n\uFEFFb\n'], ['a', '\uFEFFb']],
];

for (const [title, chunks, lines] of table) {
  test(title, () => assert.deepEqual(cut(chunks.map(bytes)), lines));
}

test('a character may be cut anywhere between two chunks', () => {
  const all = bytes('€ä😀\n😀');
  for (let at = 0; at <= all.length; at += 1) {
    assert.deepEqual(cut([all.subarray(0, at), all.subarray(at)]), ['€ä😀', '😀']);
  }
});

test('any text in any chunks gives the lines of the text', () => {
  check(
    property(
      array(string({ unit: 'grapheme' })),
      constantFrom('\n', '\r\n'),
      array(nat(20)),
      (parts, ending, sizes) => {
        const lines = parts.map((part) => part.replaceAll(/[\r\n]/gu, ''));
        let rest = bytes(lines.map((line) => line + ending).join(''));
        const chunks = sizes.map((size) => {
          const chunk = rest.subarray(0, size);
          rest = rest.subarray(size);
          return chunk;
        });
        assert.deepEqual(cut([...chunks, rest]), lines);
      },
    ),
  );
});

test('a stream without newlines comes in pieces of bounded size, and nothing of it is lost', () => {
  const text = '0123456789€'.repeat(50);
  const all = bytes(text);
  const splitter = new LineSplitter(16);
  const pieces: string[] = [];
  for (let at = 0; at < all.length; at += 7) pieces.push(...splitter.push(all.subarray(at, at + 7)));
  pieces.push(...splitter.end());
  assert.equal(pieces.join(''), text);
  assert.ok(pieces.every((piece) => bytes(piece).length <= 16));
});

test('a monstrous line in one chunk comes in pieces, too', () => {
  const text = '😀'.repeat(100);
  const pieces = cut([bytes(`short\n${text}\nshort\n`)], 15);
  assert.deepEqual([pieces[0], pieces.slice(1, -1).join(''), pieces.at(-1)], ['short', text, 'short']);
  assert.ok(pieces.every((piece) => piece.length <= 15 && !piece.includes('\uFFFD')));
});

test('bytes that are no text never throw', () => {
  check(property(array(uint8Array()), (chunks) => assert.ok(Array.isArray(cut(chunks)))));
});
