import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { slownessOf } from '../../src/base/slow-pattern.ts';

describe('a pattern is slow', () => {
  const slow: readonly (readonly [string, string?])[] = [
    ['^(a+)+$'],
    ['^(a*)*$'],
    ['^(a+){2,}$'],
    ['^(?:a|a)*$'],
    ['^(?:a|ab|b)*$'],
    ['^(?:.*/)*x$'],
    [String.raw`^(\w+\s?)*$`],
    [String.raw`^(?:\w|\d)+$`],
    [String.raw`^(?:.|\n|x)*y$`],
    ['^(a?b?)*$'],
    ['^(?<all>(?:a+)+)b$'],
    ['^(?=(a+)+$)a'],
    ['^(?!x(?<=(b+)+c))y$'],
    ['^(?:[a-z]+){20}$'],
    ['^(?:[A-Z]|x)*$', 'i'],
    ['^(?:(?:a+)?b?)*$'],
    [String.raw`^(?:/[^/]*/?)*\.go$`],
  ];
  for (const [source, flags = ''] of slow) {
    it(`as ${source}${flags} is`, () => {
      assert.match(slownessOf(new RegExp(source, flags)) ?? 'none', /so many ways/u);
    });
  }
});

describe('a pattern is not slow', () => {
  const fine: readonly (readonly [string, string?])[] = [
    // What App Engine leaves out by itself, and what its documents show.
    [String.raw`^(?:^(.*/)?((#.*#)|(.*~)|(.*\.py[co])|(.*/RCS/.*)|(\..*)|)$)[^]*$`],
    [String.raw`^(.*/)?.*/node_modules/(.*/)?.*$`],
    [String.raw`^(?!.*\.(go|yaml)$).*`],
    [String.raw`^/(.*\.(gif|png|jpg))$`],
    ['^([^/]+/)*node_modules$'],
    [String.raw`^(?:\.[a-z]+)*$`],
    [String.raw`^\d+(?:,\d+)*$`],
    ['^(?:ab|ac|ad)*$'],
    ['^(?:a|b|)*$'],
    ['^(?:a{3})*$'],
    ['^(?:[0-9a-f]{8}-?)*$'],
    ['^(?:[a-z]{1,63}[.]){1,40}[a-z]{2,}$'],
    ['^(?:a?)*$'],
    ['^(.*/){2}.*$'],
    [String.raw`^\/\(a+\)+[(a+)+]*$`],
    [String.raw`^(\w)\1*$`],
    ['^(?:я|ж)*$'],
    [String.raw`^(?:\p{Lu}|x)*$`, 'u'],
    [String.raw`^(?:"(?:[^"\\]|\\.)*"|[^"])*$`],
    [`^(?:${Array.from({ length: 90 }, (_, at) => `w${at}x`).join('|')})*$`],
    [String.raw`API server listening at: (?<host>.+):(?<port>\d+)`, 'u'],
  ];
  for (const [source, flags = ''] of fine) {
    it(`as ${source.slice(0, 60)}${flags} is not`, () => {
      assert.equal(slownessOf(new RegExp(source, flags)), undefined);
    });
  }

  it('where nothing is repeated a great many times', () => {
    assert.equal(slownessOf(/^(?:(?:(?:(?:){64}){64}){64}){1000000000}a$/), undefined);
  });

  it('or nobody can tell, as its brackets are too many', () => {
    const [open, close] = ['(?:'.repeat(4000), ')'.repeat(4000)];
    assert.match(slownessOf(new RegExp(`^${open}a${close}$`)) ?? 'none', /so many ways/u);
  });

  it('and that is told soon, even where it is large', () => {
    const large = `^(?:${Array.from({ length: 60 }, (_, at) => `[a-z]{1,${at + 1}}`).join('|')})*$`;
    const begun = performance.now();
    assert.match(slownessOf(new RegExp(large)) ?? 'none', /so many ways/u);
    assert.ok(performance.now() - begun < 5000);
  });
});
