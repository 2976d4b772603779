/**
 * A config file as a tree in which every value knows its place.
 *
 * It is what lies between the text and its meaning: merging and expanding work on it, so that a problem found at
 * the very end still points at the letters a person typed. It knows nothing of keys and their meaning.
 */

import type { Place } from '../faults/fault.ts';

export type At = Required<Place>;

export type Tree = MapTree | ListTree | ScalarTree;

export interface Entry {
  /** Where the key stands. */
  readonly key: At;
  readonly value: Tree;
}

export interface MapTree {
  readonly kind: 'map';
  readonly at: At;
  readonly entries: ReadonlyMap<string, Entry>;
}

export interface ListTree {
  readonly kind: 'list';
  readonly at: At;
  readonly items: readonly Tree[];
}

export interface ScalarTree {
  readonly kind: 'scalar';
  /** Where it stands; the place of its key when nothing is written. */
  readonly at: At;
  readonly value: string | number | boolean | null;
  /** The value as a text: as written where it is a number or a boolean, so that `1.10` stays `1.10`. */
  readonly text: string;
  /** Written without quotes. */
  readonly plain: boolean;
}

/** The tree below a key, when the tree is a map that has it. */
export function child(tree: Tree | undefined, key: string): Tree | undefined {
  return entryOf(tree, key)?.value;
}

export function entryOf(tree: Tree | undefined, key: string): Entry | undefined {
  return tree?.kind === 'map' ? tree.entries.get(key) : undefined;
}

/** Nothing is written, or nothing yet. */
export function isBlank(tree: Tree | undefined): boolean {
  return tree === undefined || (tree.kind === 'scalar' && tree.value === null);
}

/** The later tree over the earlier one: maps key by key, all else replaced as a whole; a blank replaces nothing. */
export function merge(earlier: Tree, later: Tree): Tree {
  if (isBlank(later)) return earlier;
  if (earlier.kind !== 'map' || later.kind !== 'map') return later;
  const entries = new Map(earlier.entries);
  for (const [key, entry] of later.entries) {
    const old = entries.get(key);
    if (old === undefined) {
      entries.set(key, entry);
      continue;
    }
    const value = merge(old.value, entry.value);
    // What is only added to is still defined where it was; what is replaced, where it is now.
    entries.set(key, { key: value === entry.value ? entry.key : old.key, value });
  }
  return { kind: 'map', at: later.at, entries };
}

/** What a value is, in words that fit after "not". */
export function kindInWords(tree: Tree): string {
  if (tree.kind === 'map') return 'a map';
  if (tree.kind === 'list') return 'a list';
  switch (typeof tree.value) {
    case 'string':
      return tree.value.length <= 30 ? `the text "${tree.value}"` : 'a text';
    case 'number':
      return `the number ${tree.text}`;
    case 'boolean':
      return tree.text;
    default:
      return 'nothing';
  }
}
