/** How a Python project asks for a version: `.python-version`, `requires-python`, Poetry's `python`. */

import { type Bound, exactly, type Range, readVersion, upTo } from '../common/version.ts';

/** `3.11`, `3.11.4`, `cpython-3.12`; undefined for the names of environments and of other Pythons. */
export function readChoice(word: string): Range | undefined {
  const version = readVersion(word.replace(/^(?:cpython|python)[-@]?/i, ''));
  return version === undefined ? undefined : exactly(version);
}

/** Conditions with commas between them; undefined where one of them is not understood. */
export function readSpecifiers(text: string): Range | undefined {
  const bounds: Bound[] = [];
  for (const part of text.split(',').map((each) => each.trim())) {
    if (part === '' || part === '*') continue;
    const read = readSpecifier(part);
    if (read === undefined) return undefined;
    bounds.push(...read);
  }
  return [bounds];
}

function readSpecifier(part: string): readonly Bound[] | undefined {
  const [, operator = '', rest = ''] = /^(~=|===?|!=|>=|<=|>|<|\^|~|)\s*(.*)$/.exec(part) ?? [];
  const any = rest.endsWith('.*');
  const version = readVersion(rest.replace(/\.\*$/, ''));
  if (version === undefined) return undefined;
  switch (operator) {
    case '~=':
      return upTo(version, Math.max(0, version.length - 2));
    case '^':
      return upTo(version, 0);
    case '~':
      return upTo(version, Math.min(1, version.length - 1));
    case '>':
      // 3.9.1 is above 3.9, which is 3.9.0.
      return [{ relation: '>', version: [...version, 0, 0].slice(0, Math.max(3, version.length)) }];
    case '!=':
      return [
        { relation: '!=', version: any ? version : [...version, 0, 0].slice(0, Math.max(3, version.length)) },
      ];
    case '>=':
    case '<=':
    case '<':
      return [{ relation: operator, version }];
    default:
      return [{ relation: '=', version }];
  }
}
