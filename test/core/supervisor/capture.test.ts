import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { Capture, type Captured } from '../../../src/core/supervisor/capture.ts';

const begin = '<!--XSUPERVISOR:BEGIN-->';
const end = '<!--XSUPERVISOR:END-->';

/** Pieces of text, neighbours of a kind joined as a log file joins them. */
function filtered(chunks: readonly string[], maxBytes = 1000, ended = true): string[] {
  const capture = new Capture(maxBytes);
  const pieces = chunks.flatMap((chunk) => capture.push(Buffer.from(chunk)));
  return told([...pieces, ...(ended ? capture.end() : [])]);
}

function told(pieces: readonly Captured[]): string[] {
  const out: string[] = [];
  let last: string | undefined;
  for (const { kind, bytes } of pieces) {
    const text = Buffer.from(bytes).toString();
    if (kind === 'text' && last === 'text') out.push(`${out.pop()}${text}`);
    else out.push(kind === 'captured' ? `(${text})` : text);
    last = kind;
  }
  return out;
}

suite('The capture filter', () => {
  const table: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['gives text without tokens through', ['hello\n'], ['hello\n']],
    ['captures what stands between the tokens', [`a${begin}b${end}c`], ['a', '(b)', 'c']],
    ['captures nothing as nothing', [`${begin}${end}`], ['()']],
    ['captures twice in one read', [`${begin}a${end}x${begin}b${end}`], ['(a)', 'x', '(b)']],
    ['takes a begin within a capture for text', [`${begin}a${begin}b${end}`], [`(a${begin}b)`]],
    ['takes an end outside a capture for text', [`a${end}b`], [`a${end}b`]],
    [
      'knows a token spread over three reads (SV-58)',
      [`before<!--XSUP`, 'ERVISOR:', `BEGIN-->inner<!--`, 'XSUPERVISOR:E', `ND-->after`],
      ['before', '(inner)', 'after'],
    ],
    ['gives up a beginning that goes on otherwise', ['a<!--XSUP', 'PER'], ['a<!--XSUPPER']],
    ['gives what it held when the stream ends', ['a<!--XSUP'], ['a<!--XSUP']],
    ['gives a capture that nobody ended as text', [`a${begin}b`, 'c'], ['abc']],
  ];
  for (const [title, chunks, expected] of table) {
    test(title, () => assert.deepEqual(filtered(chunks), expected));
  }

  test('gives the same for every way to cut the stream in three (SV-58)', () => {
    const whole = `be<fore${begin}in<!--ner${end}<!--after`;
    for (let one = 0; one <= whole.length; one += 1) {
      for (let two = one; two <= whole.length; two += 1) {
        const chunks = [whole.slice(0, one), whole.slice(one, two), whole.slice(two)];
        assert.deepEqual(filtered(chunks), ['be<fore', '(in<!--ner)', '<!--after'], JSON.stringify(chunks));
      }
    }
  });

  test('holds back only what may be the beginning of a token', () => {
    assert.deepEqual(filtered(['hi <!-'], 1000, false), ['hi ']);
  });

  test('drops as many leading bytes as arrive once its buffer would overflow (SV-59)', () => {
    // 6 held, 4 arrive, 8 allowed: the first 4 go.
    assert.deepEqual(filtered([`${begin}abcdef`, 'ghij', end], 8), ['(efghij)']);
  });

  test('keeps one oversized write whole (SV-59)', () => {
    assert.deepEqual(filtered([`${begin}ab`, 'cdefghijkl', end], 8), ['(cdefghijkl)']);
  });

  test('begins each capture with an empty buffer', () => {
    assert.deepEqual(filtered([`${begin}abc`, end, `${begin}de`, end], 4), ['(abc)', '(de)']);
  });
});
