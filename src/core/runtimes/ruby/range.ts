/** How a Ruby project asks for a version: the files of version managers, and the requirements of a Gemfile. */

import { type Bound, exactly, type Range, readVersion, upTo } from '../common/version.ts';

/** `3.1.2`, `ruby-3.1.2`, with or without a gemset; undefined for other Rubies. */
export function readChoice(word: string): Range | undefined {
  const version = readVersion(
    word
      .replace(/^ruby-/i, '')
      .replace(/@.*$/, '')
      .replace(/-?p\d+$/, ''),
  );
  return version === undefined ? undefined : exactly(version);
}

/** `~> 3.1`, `>= 2.7`; all of them are to be met. Undefined where one is not understood. */
export function readRequirements(texts: readonly string[]): Range | undefined {
  const bounds: Bound[] = [];
  for (const text of texts) {
    const [, operator = '', rest = ''] = /^\s*(~>|>=|<=|!=|>|<|=|)\s*(\S+)\s*$/.exec(text) ?? [];
    const version = readVersion(rest);
    if (version === undefined) return undefined;
    if (operator === '~>') bounds.push(...upTo(version, Math.max(0, version.length - 2)));
    else bounds.push({ relation: isRelation(operator) ? operator : '=', version });
  }
  return bounds.length === 0 ? undefined : [bounds];
}

function isRelation(operator: string): operator is Bound['relation'] {
  return ['<', '<=', '>', '>=', '!='].includes(operator);
}
