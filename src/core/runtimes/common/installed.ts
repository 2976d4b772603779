/** Versions of an interpreter that version managers keep beside each other in a folder. Runs none of them. */

import { resolvePath } from '../../../base/path.ts';
import type { Look } from '../recipe.ts';
import { compareVersions, isWithin, type Range, readVersion, type Version } from './version.ts';

/** A folder with one folder for each version. */
export interface Store {
  readonly folder: string;
  /** From a version's folder to that of its programs: `bin`. */
  readonly programs: string;
  /** Finds the version in a folder's name, as its first group; absent: the name is the version. */
  readonly name?: RegExp;
}

export interface Installed {
  readonly version: Version;
  /** The folder of the version itself. */
  readonly home: string;
  /** The folder of its programs. */
  readonly bin: string;
  /** The interpreter. */
  readonly program: string;
}

/** The highest version within a range, of the first store that has one with this program in it. */
export async function bestInstalled(
  look: Look,
  stores: readonly Store[],
  program: string,
  range: Range,
): Promise<Installed | undefined> {
  for (const store of stores) {
    const names = await look.names(store.folder);
    const fitting = names
      .flatMap((name) => {
        const version = readVersion(store.name === undefined ? name : (store.name.exec(name)?.[1] ?? ''));
        return version !== undefined && version.length > 1 && isWithin(version, range)
          ? [{ name, version }]
          : [];
      })
      .toSorted((a, b) => compareVersions(b.version, a.version));
    for (const { name, version } of fitting) {
      const home = resolvePath(store.folder, name);
      const bin = resolvePath(home, store.programs);
      const path = resolvePath(bin, program);
      if ((await look.kind(path)) === 'file') return { version, home, bin, program: path };
    }
  }
  return undefined;
}
