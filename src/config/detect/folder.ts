/**
 * A folder as detection sees it: which names are in it and what they hold. Remembers all that was looked at, there or
 * not, since a config that was read with its help means something else once one of these changes.
 */

import { folderOf, resolvePath } from '../../base/path.ts';
import type { LoadInput } from '../input.ts';

export interface Folder {
  /** Absolute. */
  readonly path: string;
  /** Whether there is something of a name or a path below it. */
  has(path: string): boolean;
  /** The text of a file; undefined where there is none, or none that can be read. */
  text(path: string): string | undefined;
  /**
   * What is in it, or in a folder below it, by name. What comes and goes in it is not looked after: a folder in which a
   * service runs may be full of logs and databases. Whoever waits for a file asks for that.
   */
  names(path?: string): readonly string[];
  isFolder(path: string): boolean;
  at(path: string): Folder;
  /** The folder it is in, as long as that still belongs to the workspace. */
  above(): Folder | undefined;
}

export type Seen = Pick<LoadInput, 'list' | 'readFile' | 'kindOf'> & { readonly folder: string };

/** Gives folders; undefined where nobody can tell what is in one. `consulted` gets absolute paths. */
export function folders(input: Seen, consulted: Set<string>): ((path: string) => Folder) | undefined {
  if (input.list === undefined) return undefined;
  const known = new Map<string, ReadonlySet<string>>();
  const namesIn = (path: string): ReadonlySet<string> => {
    const names = known.get(path) ?? new Set(input.list?.(path) ?? []);
    known.set(path, names);
    return names;
  };
  const has = (path: string): boolean => {
    consulted.add(path);
    const above = folderOf(path);
    return path !== above && namesIn(above).has(path.slice(above.length).replace(/^[\\/]/, ''));
  };
  const at = (path: string): Folder => ({
    path,
    has: (name) => has(resolvePath(path, name)),
    text(name) {
      const file = resolvePath(path, name);
      const text = has(file) ? input.readFile(file) : undefined;
      return typeof text === 'string' ? text : undefined;
    },
    names(name = '.') {
      const folder = resolvePath(path, name);
      if (folder !== path) consulted.add(folder);
      return [...namesIn(folder)].toSorted();
    },
    isFolder(name) {
      const below = resolvePath(path, name);
      return (
        has(below) &&
        (input.kindOf === undefined ? namesIn(below).size > 0 : input.kindOf(below) === 'folder')
      );
    },
    at: (name) => at(resolvePath(path, name)),
    above: () => (path === input.folder || folderOf(path) === path ? undefined : at(folderOf(path))),
  });
  return at;
}
