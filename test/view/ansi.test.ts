import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { plainText } from '../../src/view/ansi.ts';

describe('plain text', () => {
  const table: readonly [string, string, string][] = [
    ['colours', '\u001B[1;31merror\u001B[0m', 'error'],
    ['a cursor that moves', 'a\u001B[2Kb\u001B[1G', 'ab'],
    ['a title', '\u001B]0;npm\u0007ready', 'ready'],
    ['a link', '\u001B]8;;http://x/\u001B\\here\u001B]8;;\u001B\\', 'here'],
    ['a character set', '\u001B(Bplain', 'plain'],
    ['a redrawn line', 'progress 10%\rprogress 90%', 'progress 90%'],
    ['a Windows line end', 'text\r', 'text'],
    ['nothing special', '[1m is not an escape', '[1m is not an escape'],
  ];
  for (const [what, input, output] of table)
    it(`leaves out ${what}`, () => assert.equal(plainText(input), output));

  it('agrees with Node about colours around any words', () => {
    const word = fc.string().filter((text) => !/\p{Cc}/u.test(text));
    const colour = fc.tuple(fc.nat(107), fc.nat(107)).map(([one, two]) => `\u001B[${one};${two}m`);
    fc.assert(
      fc.property(fc.array(fc.tuple(colour, word)), (parts) => {
        const text = parts.flat().join('');
        assert.equal(plainText(text), stripVTControlCharacters(text));
      }),
    );
  });

  it('never takes longer than the text is long', () => {
    const nasty = `${'\u001B['.repeat(50_000)}${'\u001B]0;'.repeat(50_000)}`;
    assert.ok(plainText(nasty).length < nasty.length);
  });
});
