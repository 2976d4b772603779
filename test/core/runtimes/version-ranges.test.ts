import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isWithin, type Range, readVersion } from '../../../src/core/runtimes/common/version.ts';
import * as node from '../../../src/core/runtimes/nodejs/range.ts';
import * as python from '../../../src/core/runtimes/python/range.ts';
import * as ruby from '../../../src/core/runtimes/ruby/range.ts';

type Row = readonly [text: string, within: string, outside: string];

function holds(rows: readonly Row[], read: (text: string) => Range | undefined): void {
  const judge = (range: Range, texts: string): readonly boolean[] =>
    texts.split(' ').map((text) => isWithin(readVersion(text) ?? [], range));
  for (const [text, within, outside] of rows) {
    const range = read(text);
    assert.ok(range !== undefined, text);
    if (within !== '') assert.ok(!judge(range, within).includes(false), `${text} has ${within}`);
    if (outside !== '') assert.ok(!judge(range, outside).includes(true), `${text} has none of ${outside}`);
  }
}

describe('a wish for a version', () => {
  it('is read from engines as npm reads it', () => {
    holds(
      [
        ['20', '20.0.0 20.11.1', '19.9.9 21.0.0'],
        ['>=18', '18.0.0 24.1.0', '17.9.1'],
        ['>18', '19.0.0', '18.20.0'],
        ['<=18', '18.20.0 4.0.0', '19.0.0'],
        ['^18.2.0', '18.2.0 18.20.1', '18.1.9 19.0.0'],
        ['^0.2.3', '0.2.4', '0.3.0 1.0.0'],
        ['~18.2', '18.2.9', '18.3.0'],
        ['18.x || >= 20', '18.4.0 22.0.0', '19.0.0'],
        ['16 - 18', '16.0.0 18.20.0', '15.0.0 19.0.0'],
        ['>=18 <21 ', '20.0.0', '21.0.0'],
        ['*', '8.0.0', ''],
        ['v20.1.0', '20.1.0', '20.1.1'],
      ],
      node.readRange,
    );
    for (const text of ['latest', '>=18.0.0-rc.1', 'workspace:^', 'eighteen']) {
      assert.equal(node.readRange(text), undefined, text);
    }
  });

  it('is read from .nvmrc as version managers do, and not where it depends on what is newest', () => {
    holds(
      [
        ['20', '20.1.0', '18.0.0'],
        ['v18.20', '18.20.4', '18.19.0'],
        ['lts/iron', '20.0.0', '22.0.0'],
        ['lts/Hydrogen', '18.0.0', '20.0.0'],
        ['node-20.1.0', '20.1.0', '20.2.0'],
      ],
      node.readChoice,
    );
    for (const word of ['lts/*', 'node', 'stable', 'system', 'iojs', 'lts/none']) {
      assert.equal(node.readChoice(word), undefined, word);
    }
  });

  it('is read from requires-python and from Poetry', () => {
    holds(
      [
        ['>=3.9', '3.9.0 3.12.1', '3.8.18'],
        ['>=3.9,<4', '3.11.2', '4.0.0 3.8.0'],
        ['~=3.9', '3.9.0 3.12.0', '3.8.0 4.0.0'],
        ['~=3.9.1', '3.9.4', '3.10.0'],
        ['==3.11.*', '3.11.7', '3.12.0'],
        ['^3.10', '3.10.0 3.13.0', '3.9.0 4.0.0'],
        ['>3.9', '3.9.1 3.10.0', '3.9.0'],
        ['>=3.8, !=3.9.*', '3.8.1 3.10.0', '3.9.7'],
        ['<=3.11', '3.11.4 3.9.0', '3.12.0'],
      ],
      python.readSpecifiers,
    );
    assert.equal(python.readSpecifiers('>=3.9; python_version'), undefined);
    holds([['3.11', '3.11.7', '3.12.0']], python.readChoice);
    for (const word of ['my-env', 'pypy3.9-7.3.11', 'system']) {
      assert.equal(python.readChoice(word), undefined, word);
    }
  });

  it('is read from a Gemfile and from .ruby-version', () => {
    const all = (text: string): Range | undefined => ruby.readRequirements(text.split(','));
    holds(
      [
        ['~> 3.1', '3.1.0 3.4.1', '3.0.7 4.0.0'],
        ['~> 3.1.2', '3.1.6', '3.2.0'],
        ['3.1.2', '3.1.2', '3.1.3'],
        ['>= 2.7, < 4', '3.3.0', '4.0.0 2.6.0'],
      ],
      all,
    );
    assert.equal(all('>= 3.0.pre'), undefined);
    holds(
      [
        ['ruby-3.1.2', '3.1.2', '3.1.3'],
        ['3.1', '3.1.9', '3.2.0'],
        ['ruby-2.7.8@shop', '2.7.8', '2.7.7'],
      ],
      ruby.readChoice,
    );
    assert.equal(ruby.readChoice('jruby-9.4.0.0'), undefined);
  });
});
