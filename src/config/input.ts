/** What reading config files needs from outside: their texts, and what they ask of the machine. */

import type { RecipeDefinition } from './registered.ts';

export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/** What a `supervisord.conf` asks of the machine it is read on. */
export interface Machine {
  readonly windows: boolean;
  /** `%(host_node_name)s`. */
  readonly hostName: string;
  /**
   * Absolute paths of what matches `*`, `?` and `[…]` in an absolute pattern, in any order. Undefined when finding
   * them takes too much.
   */
  glob(pattern: string): readonly string[] | undefined;
  isFolder(path: string): boolean;
  /** Whether there is a user (or a group of users) of this name or number; undefined where that cannot be told. */
  hasUser(name: string): boolean | undefined;
  hasUserGroup(name: string): boolean | undefined;
  /** The home of a user, or of the person themselves. */
  homeOf(user?: string): string | undefined;
  /** What can be had at most; absent where it is not known. */
  readonly limits?: { readonly files?: number; readonly processes?: number };
}

/** A file that is not read. */
export interface Unread {
  /** A clause: `it is no regular file`. */
  readonly reason: string;
  /** There is nothing of that name. */
  readonly missing?: true;
}

export interface LoadInput {
  /** Absolute path of the workspace folder. */
  readonly folder: string;
  /** In the order they are laid over each other. */
  readonly files: readonly ConfigFile[];
  /** What services inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /**
   * Text of a file by its absolute path: environment files, included files. Where it is not read, the reason, or
   * undefined when there is none to tell.
   */
  readFile(path: string): string | Unread | undefined;
  /** What there is of an absolute path. Absent: nobody can tell, so nothing is missed. */
  kindOf?(path: string): 'folder' | 'other' | undefined;
  /** The names in a folder; absent, or undefined: nobody can tell. */
  list?(path: string): readonly string[] | undefined;
  /** Recipes that other extensions have brought. */
  readonly recipes?: readonly RecipeDefinition[];
  /** Absent: nothing is known of the machine, so nothing is refused for its sake. */
  readonly machine?: Machine;
}

/** A machine of which nothing is known. */
export const anyMachine: Machine = {
  windows: false,
  hostName: 'localhost',
  glob: () => [],
  isFolder: () => true,
  hasUser: () => true,
  hasUserGroup: () => true,
  homeOf: () => undefined,
};
