/**
 * Where in the file a cursor stands, also while a key is half typed.
 *
 * A word that is surely nowhere else is put at the cursor, the text is read as YAML, and the word is looked up in the
 * tree: so whatever the parser forgives is forgiven here. What keys mean is not known here.
 */

import { parse } from '../config/parse.ts';
import type { Tree } from '../config/tree.ts';

export interface Cursor {
  /** The keys from the top to what the cursor is in; `*` for an item of a list. */
  readonly path: readonly string[];
  /** A key of the map at the path, or the value at the path. */
  readonly role: 'key' | 'value';
  /** The other keys of that map, and their values. */
  readonly siblings: ReadonlyMap<string, Tree>;
  /** Offsets of the word that is being typed. */
  readonly start: number;
  readonly end: number;
  /** The key has its colon already. */
  readonly hasColon: boolean;
  /** Nothing but indentation (and dashes of lists) stands before the word. */
  readonly beginsLine: boolean;
  /** What stands there can be given as an item with a dash. */
  readonly dashed: boolean;
}

const token = 'zzCursorzz';

export function cursorAt(text: string, offset: number): Cursor | undefined {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const newline = text.indexOf('\n', offset);
  const lineEnd = newline === -1 ? text.length : newline;
  const start = offset - (/[\w-]*$/.exec(text.slice(lineStart, offset))?.[0].length ?? 0);
  const end = offset + (/^[\w-]*/.exec(text.slice(offset, lineEnd))?.[0].length ?? 0);
  if (/^-+$/.test(text.slice(start, end))) return undefined;

  const before = text.slice(lineStart, start);
  const after = text.slice(end, lineEnd);
  const hasColon = /^["']?\s*:(\s|$)/.test(after);
  const beginsLine = /^\s*(?:- +)*$/.test(before);
  // Without its colon a word at the beginning of a line would swallow the lines below.
  const asKey = beginsLine && /^\s*(#.*)?$/.test(after);
  const read = (put: string): Found | undefined => {
    const { tree } = parse('', text.slice(0, start) + put + text.slice(end));
    return tree === undefined ? undefined : find(tree, []);
  };
  const found = (asKey ? read(`${token}:`) : undefined) ?? read(token);
  return found && { ...found, start, end, hasColon, beginsLine, dashed: /-\s+$/.test(before) };
}

type Found = Pick<Cursor, 'path' | 'role' | 'siblings'>;

function find(tree: Tree, path: readonly string[]): Found | undefined {
  switch (tree.kind) {
    case 'scalar':
      return tree.text.includes(token) ? { path, role: 'value', siblings: new Map() } : undefined;
    case 'list':
      return firstOf(tree.items, (item) => find(item, [...path, '*']));
    case 'map': {
      const pairs = [...tree.entries].map(([key, { value }]) => [key, value] as const);
      const here = pairs.find(([key]) => key.includes(token));
      if (here !== undefined)
        return { path, role: 'key', siblings: new Map(pairs.filter((pair) => pair !== here)) };
      return firstOf(tree.entries, ([key, entry]) => find(entry.value, [...path, key]));
    }
  }
}

function firstOf<T, R>(items: Iterable<T>, look: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
