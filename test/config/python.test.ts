/** What these tables expect was printed by Python 3.11. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimal, octal } from '../../src/config/formats/python/numbers.ts';
import { BadFormat, format, UnknownName } from '../../src/config/formats/python/percent.ts';
import { repr } from '../../src/config/formats/python/repr.ts';
import { splitWords, UnfinishedText } from '../../src/config/formats/python/shlex.ts';

test('texts are shown as Python shows them', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['a b', "'a b'"],
    ["it's", '"it\'s"'],
    ['"it\'s"', String.raw`'"it\'s"'`],
    ['a\\b\n\t\r', String.raw`'a\\b\n\t\r'`],
    ['\0\x7f\u00A0\u2028', String.raw`'\x00\x7f\xa0\u2028'`],
    ['größe 日本 😀', "'größe 日本 😀'"],
    ['\u{10ffff}', String.raw`'\U0010ffff'`],
  ];
  assert.deepEqual(
    rows.map(([text]) => [text, repr(text)]),
    rows,
  );
});

const values = new Map<string, string | number>([
  ['s', "it's"],
  ['n', 42],
  ['m', -7],
  ['(x)', 'nested'],
]);

test('a format takes what Python takes (SV-46)', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['%(s)s|%(s)8s|%(s)-8s|%(s).2s|%(s)r', "it's|    it's|it's    |it|\"it's\""],
    ['%(n)d|%(n)05d|%(n)-5d|%(n)+d', '42|00042|42   |+42'],
    ['%(n)s|%(n)5.3d|%(n)x|%(n)#x|%(n)X|%(n)o|%(n)#o', '42|  042|2a|0x2a|2A|52|0o52'],
    ['%(m)05d|%(m)x|%(m)#06x', '-0007|-7|-0x007'],
    ['%(n)f|%(n).1f|%(n)e|%(n)c|%(n)i|%(n)ld', '42.000000|42.0|4.200000e+01|*|42|42'],
    ['%%|100%%|%%(n)d', '%|100%|%(n)d'],
    ['%((x))s', 'nested'],
  ];
  assert.deepEqual(
    rows.map(([text]) => [text, format(text, values)]),
    rows,
  );
});

test('a format that is none says why, as Python does (SV-46)', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['%', 'incomplete format'],
    ['%(n)', 'incomplete format'],
    ['%(n', 'incomplete format key'],
    ['%5', 'incomplete format'],
    ['😀%y', "unsupported format character 'y' (0x79) at index 2"],
    ['%é', "unsupported format character '?' (0xe9) at index 1"],
    ['%(s)d', '%d format: a real number is required, not str'],
    ['%(s)x', '%x format: an integer is required, not str'],
    ['%(s)f', 'must be real number, not str'],
    ['%(s)c', '%c requires int or char'],
    ['%(n)*d', 'not enough arguments for format string'],
    ['%*d', '* wants int'],
    // Python's bound is beyond what a machine has; ours is not.
    ['%(n)99999999999d', 'width too big'],
    ['%(n)%', "unsupported format character '%' (0x25) at index 4"],
    ['%5%', "unsupported format character '%' (0x25) at index 2"],
    ['%d', '%d format: a real number is required, not dict'],
  ];
  for (const [text, reason] of rows)
    assert.throws(
      () => format(text, values),
      (error) => error instanceof BadFormat && error.message === reason,
      text,
    );
  assert.throws(
    () => format('%(q)s', values),
    (error) => error instanceof UnknownName && error.key === 'q',
  );
});

test('numbers are read as Python reads them', () => {
  assert.deepEqual(['7', ' +7 ', '-7', '1_000', '', '1.0', '_1', '1__0', '0x1', 'x'].map(decimal), [
    7,
    7,
    -7,
    1000,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  assert.deepEqual(['22', '0022', '0o22', '-1', '8', '', 'rw', '0O7'].map(octal), [
    18,
    18,
    18,
    -1,
    undefined,
    undefined,
    undefined,
    7,
  ]);
});

test('words are split as Python splits them (SV-4)', () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    [`a "b c" 'd e' f\\ g`, ['a', 'b c', 'd e', 'f g']],
    [`a"b"'c' "" ''`, ['abc', '', '']],
    [String.raw`"a\"b\\c\d" 'a\b' \'`, [String.raw`a"b\c\d`, String.raw`a\b`, "'"]],
    [`$'a\\n' $"b"`, ['$a\\n', '$b']],
    ['a \\\n b', ['a', '\n', 'b']],
    ['a#b # c', ['a#b', '#', 'c']],
    [' \t\n', []],
  ];
  assert.deepEqual(
    rows.map(([text]) => [text, splitWords(text)]),
    rows,
  );
  const unfinished = [
    ['"a', 'No closing quotation'],
    ["'a\\'b'", 'No closing quotation'],
    ['a\\', 'No escaped character'],
    ['"a\\', 'No escaped character'],
  ] as const;
  for (const [text, reason] of unfinished)
    assert.throws(
      () => splitWords(text),
      (error) => error instanceof UnfinishedText && error.message === reason,
      text,
    );
});
