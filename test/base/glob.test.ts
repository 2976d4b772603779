import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isPattern, nameMatcher } from '../../src/base/glob.ts';

const matches = (pattern: string, name: string): boolean => nameMatcher(pattern)(name);

describe('a part of a path with *, ? and […]', () => {
  it('matches what it means, to the last letter', () => {
    const rows: readonly (readonly [string, string, boolean])[] = [
      ['*', '', true],
      ['*.conf', 'a.conf', true],
      ['*.conf', 'a.confs', false],
      ['a*b*c', 'abbcbc', true],
      ['a*b*c', 'abbcb', false],
      ['?', '😀', true],
      ['?', '', false],
      ['[a-c]x', 'bx', true],
      ['[!a-c]x', 'bx', false],
      ['[!a-c]x', 'dx', true],
      ['[]x]', ']', true],
      ['[!]x]', ']', false],
      ['[x', '[x', true],
      ['[z-a]', 'b', false],
      ['[!z-a]', 'b', true],
      ['[a-]', '-', true],
      ['a+b', 'aab', false],
    ];
    for (const [pattern, name, expected] of rows)
      assert.equal(matches(pattern, name), expected, `${pattern} and ${name}`);
  });

  it('is told from a name', () => {
    assert.deepEqual(['a.conf', 'a*', 'a?', '[a', 'a]'].map(isPattern), [false, true, true, true, false]);
  });

  it('takes no longer for a pattern that is made to take long', () => {
    const name = 'a'.repeat(250);
    const before = performance.now();
    assert.equal(matches(`${'*a'.repeat(100)}b`, name), false);
    assert.equal(matches(`${'*a'.repeat(500_000)}b`, name), false);
    assert.equal(matches('['.repeat(1_000_000), name), false);
    assert.ok(performance.now() - before < 5_000);
  });
});
