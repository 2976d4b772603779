/** What the files of version managers say, and wishes with their places. Knows no language's way of writing a version. */

import type { Look } from '../recipe.ts';
import { asSeenFrom, firstWord, type NearbyText, nearestText, placeAt, toolVersion } from './nearby.ts';
import type { Wish } from './version.ts';

/** A word that chooses a version, and where it stands. */
export interface ChoosingWord {
  readonly nearby: NearbyText;
  readonly word: string;
  readonly at: number;
}

/** The first that says something: the language's own files in this order, then `.tool-versions`, which calls it by one of `tools`. */
export async function choiceIn(
  look: Look,
  folders: readonly string[],
  files: readonly string[],
  tools: readonly string[],
): Promise<ChoosingWord | undefined> {
  for (const name of [...files, '.tool-versions']) {
    const nearby = await nearestText(look, folders, name);
    if (nearby === undefined) continue;
    const said = name === '.tool-versions' ? toolVersion(nearby, tools) : firstWord(nearby);
    if (said !== undefined) return { nearby, ...said };
  }
  return undefined;
}

/** A wish that stands at this offset of a file. */
export function wishAt(
  look: Look,
  nearby: NearbyText,
  { at, ...said }: Pick<Wish, 'range' | 'text' | 'chooses'> & { readonly at: number },
): Wish {
  return { ...said, by: asSeenFrom(look.folder, nearby.path), place: placeAt(nearby, at) };
}
