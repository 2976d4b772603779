/** How a Node project asks for a version: npm's ranges, and the words of version managers. */

import { type Bound, exactly, type Range, readVersion, upTo, type Version } from '../common/version.ts';

/** The long-term releases, by their names. */
const names: Readonly<Record<string, number>> = {
  argon: 4,
  boron: 6,
  carbon: 8,
  dubnium: 10,
  erbium: 12,
  fermium: 14,
  gallium: 16,
  hydrogen: 18,
  iron: 20,
  jod: 22,
  krypton: 24,
};

/** What `.nvmrc` and its kin say; undefined where it depends on what is newest, or on the machine. */
export function readChoice(word: string): Range | undefined {
  const named = /^lts\/([a-z]+)$/i.exec(word)?.[1]?.toLowerCase();
  const major = named === undefined ? undefined : names[named];
  if (major !== undefined) return exactly([major]);
  const version = readVersion(word.replace(/^node-?/i, ''));
  return version === undefined ? readRange(word) : exactly(version);
}

/** A range as `engines` has it; undefined where it says more than numbers. */
export function readRange(text: string): Range | undefined {
  const alternatives = text.split('||').map((part) => readAlternative(part.trim()));
  const known = alternatives.filter((each) => each !== undefined);
  return known.length === alternatives.length ? known : undefined;
}

function readAlternative(text: string): readonly Bound[] | undefined {
  const between = /^(\S+)\s+-\s+(\S+)$/.exec(text);
  if (between !== null) {
    const low = readPartial(between[1] ?? '');
    const high = readPartial(between[2] ?? '');
    if (low === undefined || high === undefined) return undefined;
    return [...bound('>=', low), ...bound('<=', high)];
  }
  const bounds: Bound[] = [];
  for (const word of text.replaceAll(/([<>=~^])\s+/g, '$1').split(/\s+/)) {
    const read = readWord(word);
    if (read === undefined) return undefined;
    bounds.push(...read);
  }
  return bounds;
}

function readWord(word: string): readonly Bound[] | undefined {
  const [, operator = '', rest = ''] = /^(>=|<=|>|<|=|\^|~>?|)(.*)$/.exec(word) ?? [];
  const version = readPartial(rest);
  if (version === undefined) return undefined;
  if (version.length === 0) return [];
  switch (operator) {
    case '^': {
      const first = version.findIndex((part) => part > 0);
      return upTo(version, first === -1 ? version.length - 1 : first);
    }
    case '~':
    case '~>':
      return upTo(version, Math.min(1, version.length - 1));
    case '>=':
    case '<=':
    case '>':
    case '<':
      return bound(operator, version);
    default:
      return bound('=', version);
  }
}

/** `18`, `18.x`, `18.2.*`: what is written of it; nothing for `*`. */
function readPartial(text: string): Version | undefined {
  const plain = text.replace(/^v/, '');
  if (/^(?:[xX*]|)$/.test(plain)) return [];
  return readVersion(plain.replace(/(?:\.[xX*])+$/, ''));
}

function bound(relation: Bound['relation'], version: Version): readonly Bound[] {
  return version.length === 0 ? [] : [{ relation, version }];
}
