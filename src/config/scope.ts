/**
 * The environment of a service, and the texts that are filled in from it.
 *
 * Reads no file itself; what an environment file holds is handed in.
 */

import type { Problem } from '../faults/fault.ts';
import { problem } from '../faults/make.ts';
import { type Expanded, expand, type Lookup } from './expand.ts';
import { type At, child, type ScalarTree, type Tree } from './tree.ts';

export type Variables = Readonly<Record<string, string>>;

export interface Named {
  /** The key as shown in a message. */
  readonly key: string;
  readonly at: At;
}

/** Says what is wrong with an expanded text. */
export function complain(
  expanded: Pick<Expanded, 'unset' | 'strange'>,
  { key, at }: Named,
  problems: Problem[],
): void {
  for (const name of expanded.unset) problems.push(problem('unset-variable', at, { name, key }));
  if (expanded.strange !== undefined) {
    const reason = `"${expanded.strange}" is neither \${NAME} nor \${NAME:-default}`;
    problems.push(
      problem('bad-value', at, { key, reason, hint: 'Write $$ for a dollar sign that means nothing.' }),
    );
  }
}

/** Fills in all texts of a tree, but those below the keys to skip. */
export function expandTree(
  tree: Tree,
  key: string,
  lookup: Lookup,
  problems: Problem[],
  skip: (key: string) => boolean,
): Tree {
  if (skip(key)) return tree;
  switch (tree.kind) {
    case 'scalar':
      return expandScalar(tree, key, lookup, problems);
    case 'list':
      return { ...tree, items: tree.items.map((item) => expandTree(item, key, lookup, problems, skip)) };
    case 'map': {
      const entries = [...tree.entries].map(([name, entry]) => {
        const path = key === '' ? name : `${key}.${name}`;
        return [name, { ...entry, value: expandTree(entry.value, path, lookup, problems, skip) }] as const;
      });
      return { ...tree, entries: new Map(entries) };
    }
  }
}

function expandScalar(tree: ScalarTree, key: string, lookup: Lookup, problems: Problem[]): ScalarTree {
  if (typeof tree.value !== 'string' || !tree.value.includes('$')) return tree;
  const expanded = expand(tree.value, lookup);
  complain(expanded, { key, at: tree.at }, problems);
  const { text } = expanded;
  return { ...tree, text, value: tree.plain ? readAgain(text) : text };
}

/** `port: ${PORT:-3000}` is a number once it is filled in, as it would be if it had been written so. */
function readAgain(text: string): string | number | boolean {
  if (/^-?\d{1,15}(\.\d+)?$/.test(text)) return Number(text);
  return text === 'true' ? true : text === 'false' ? false : text;
}

/**
 * The variables of an `env` map. Each may use those before it and those of the layers beneath; its own name means
 * the one beneath.
 */
export function variablesOf(
  tree: Tree | undefined,
  key: string,
  beneath: Lookup,
  problems: Problem[],
): Variables {
  const own = new Map<string, string>();
  const lookup: Lookup = (name) => own.get(name) ?? beneath(name);
  if (tree?.kind !== 'map') return {};
  for (const [name, entry] of tree.entries) {
    if (entry.value.kind !== 'scalar') continue;
    if (name === '' || /[=\0]/.test(name)) {
      problems.push(problem('bad-value', entry.key, { key, reason: `"${name}" is no name for a variable` }));
      continue;
    }
    const path = `${key}.${name}`;
    const { text } = expandScalar(entry.value, path, lookup, problems);
    if (text.includes('\0'))
      problems.push(
        problem('bad-value', entry.value.at, { key: path, reason: 'it contains a NUL character' }),
      );
    else own.set(name, text);
  }
  return Object.fromEntries(own);
}

/** Layers of variables, the later over the earlier. */
export function layered(...layers: readonly Readonly<Record<string, string | undefined>>[]): Lookup {
  return (name) => {
    for (const layer of layers.toReversed())
      if (Object.hasOwn(layer, name) && layer[name] !== undefined) return layer[name];
    return undefined;
  };
}

/** The scalars of a value that is one or a list of them. */
export function scalarsOf(tree: Tree | undefined): readonly ScalarTree[] {
  if (tree === undefined) return [];
  if (tree.kind === 'scalar') return tree.value === null ? [] : [tree];
  return tree.kind === 'list' ? tree.items.flatMap(scalarsOf) : [];
}

export function childScalar(tree: Tree, key: string): ScalarTree | undefined {
  const found = child(tree, key);
  return found?.kind === 'scalar' ? found : undefined;
}
