import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { beginningOf, expandTemplate, templateProblem, wholePattern } from '../../src/base/python-pattern.ts';

function patternOf(text: string): RegExp {
  const pattern = wholePattern(text);
  if ('problem' in pattern) throw new Error(pattern.problem);
  return pattern;
}

describe('a pattern as Python writes it', () => {
  it('matches what it matches there', () => {
    const rows: readonly (readonly [string, string, boolean])[] = [
      ['/a', '/a', true],
      ['/a', '/ab', false],
      ['/a|/b', '/ab', false],
      ['/a|/b', '/b', true],
      ['(?P<word>a+)-(?P=word)', 'aa-aa', true],
      ['(?P<word>a+)-(?P=word)', 'aa-a', false],
      ['(?P<word>a)(?P=word)0', 'aa0', true],
      [String.raw`\Aabc\Z`, 'abc', true],
      ['(?i)/Static', '/sTATIC', true],
      ['/x(?#what for)y', '/xy', true],
      ['a{,2}b', 'aab', true],
      ['a{,2}b', 'aaab', false],
      ['[]x]+', ']x', true],
      ['[^]x]', 'a', true],
      ['[^]x]', ']', false],
      [String.raw`[\]a[]+`, '[]a', true],
      [String.raw`\[a{,2}]`, '[aa]', true],
      [String.raw`/\(\?P<x>`, '/(?P<x>', true],
      ['(?:a|b)(?=c)c(?!d)', 'ac', true],
      [String.raw`/\-\_`, '/-_', true],
    ];
    for (const [text, path, expected] of rows) {
      assert.equal(patternOf(text).test(path), expected, `${text} and ${path}`);
    }
  });

  it('matches the beginning of a path as long as paths are, or not at all', () => {
    const begins = beginningOf(['(', 'a/', '(b+)+c', '.*.*.*.*x']);
    assert.deepEqual(['a/b', 'b/a/', `${'b'.repeat(40)}c`, '(', 'zx'].map(begins), [
      true,
      false,
      false,
      false,
      true,
    ]);
    assert.equal(begins(`a/${'z'.repeat(5000)}`), false);
  });

  it('that cannot be translated is a problem with a reason', () => {
    const rows: readonly (readonly [string, RegExp])[] = [
      ['(', /^Unterminated group$/],
      ['*a', /^Nothing to repeat$/],
      ['(?x) a b', /verbose/],
      ['(a)?(?(1)b|c)', /condition on a group/],
      ['a)', /./],
      ['[a', /./],
    ];
    for (const [text, reason] of rows) {
      const read = wholePattern(text);
      assert.match('problem' in read ? read.problem : 'none', reason, text);
      assert.ok('problem' in read, text);
    }
  });

  it('may have one more group for what follows', () => {
    const pattern = wholePattern('/(?P<kind>a|b)', '/([^]*)');
    assert.ok(pattern instanceof RegExp);
    assert.equal(pattern.exec('/a/x/y')?.at(-1), 'x/y');
  });
});

describe('a template', () => {
  const match = patternOf('/(?P<first>a)(b)?(c)').exec('/ac');
  assert.ok(match !== null);

  it('takes groups of the match by number and by name', () => {
    const rows: readonly (readonly [string, string])[] = [
      ['plain.py', 'plain.py'],
      [String.raw`\1.py`, 'a.py'],
      [String.raw`\g<first>/\g<3>`, 'a/c'],
      [String.raw`<\2>`, '<>'],
      [String.raw`\\1`, String.raw`\1`],
      [String.raw`\d`, String.raw`\d`],
    ];
    for (const [template, expected] of rows)
      assert.equal(expandTemplate(template, match), expected, template);
  });

  it('that names a group which is not there is a problem', () => {
    const pattern = patternOf('/(?P<first>a)(b)');
    assert.equal(templateProblem(String.raw`\1\2\g<first>\\9`, pattern), undefined);
    for (const template of [String.raw`\3`, String.raw`\g<second>`, String.raw`\g<7>`]) {
      assert.match(templateProblem(template, pattern)?.problem ?? '', /^there is no group/, template);
    }
  });
});
