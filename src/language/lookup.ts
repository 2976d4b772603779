/** Finds what stands at a place of the file. */

import { placeIn } from '../config/parse.ts';
import type { At, Entry, Tree } from '../config/tree.ts';

export interface Hit {
  /** Keys from the top, the found one last; `*` for an item of a list. */
  readonly path: readonly string[];
  readonly role: 'key' | 'value';
  readonly at: At;
  /** The value as a text, where it is one. */
  readonly text: string;
}

export function hitAt(tree: Tree, text: string, offset: number): Hit | undefined {
  const { line, column } = placeIn('', text)(offset, offset);
  return search(tree, [], (at) => {
    const begun = line > at.line || (line === at.line && column >= at.column);
    return begun && (line < at.endLine || (line === at.endLine && column <= at.endColumn));
  });
}

function search(tree: Tree, path: readonly string[], covers: (at: At) => boolean): Hit | undefined {
  if (tree.kind === 'scalar')
    return covers(tree.at) && tree.value !== null
      ? { path, role: 'value', at: tree.at, text: tree.text }
      : undefined;
  const children: Iterable<readonly [string, Entry | undefined, Tree]> =
    tree.kind === 'list'
      ? tree.items.map((item) => ['*', undefined, item] as const)
      : [...tree.entries].map(([key, entry]) => [key, entry, entry.value] as const);
  for (const [key, entry, value] of children) {
    const below = [...path, key];
    if (entry !== undefined && covers(entry.key))
      return { path: below, role: 'key', at: entry.key, text: key };
    const hit = search(value, below, covers);
    if (hit !== undefined) return hit;
  }
  return undefined;
}
