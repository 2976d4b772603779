import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { AnsiStripper } from '../../../src/core/log/strip-ansi.ts';

function stripped(...chunks: readonly string[]): string {
  const stripper = new AnsiStripper();
  const parts = chunks.map((chunk) => Buffer.from(stripper.push(Buffer.from(chunk))));
  return Buffer.concat([...parts, stripper.end()]).toString();
}

suite('Taking terminal sequences out of a stream', () => {
  const table: readonly (readonly [string, string, string])[] = [
    ['leaves plain text', 'plain\n', 'plain\n'],
    ['takes colours out', '\u001b[31mred\u001b[0m\n', 'red\n'],
    ['takes a sequence at the end of a chunk out (SV-56)', 'red\u001b[0m', 'red'],
    ['takes cursor movements out', 'a\u001b[2Jb\u001b[1;1Hc\u001b[Kd', 'abcd'],
    ['leaves an escape that begins no sequence', 'a\u001bMb', 'a\u001bMb'],
    ['leaves an escape at the end of the stream', 'a\u001b', 'a\u001b'],
    ['knows a sequence after a lone escape', 'a\u001b\u001b[1mb', 'a\u001bb'],
    ['leaves text of more than one byte', 'ä\u001b[1mö', 'äö'],
  ];
  for (const [title, given, expected] of table) {
    test(title, () => assert.equal(stripped(given), expected));
  }

  test('gives the same wherever the stream is cut (SV-56)', () => {
    const whole = 'x\u001b[1;31mred\u001b[0m\u001b\u001b[Kend\u001bM';
    for (let at = 0; at <= whole.length; at += 1) {
      assert.equal(stripped(whole.slice(0, at), whole.slice(at)), 'xred\u001bend\u001bM', `cut at ${at}`);
    }
  });

  test('gives a chunk without any back as it is', () => {
    const chunk = Buffer.from('plain');
    assert.equal(new AnsiStripper().push(chunk), chunk);
  });
});
