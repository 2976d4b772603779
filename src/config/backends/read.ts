/** Backends as they are written, in our file or in a `backends.yaml`: their limits, and App Engine's words about those that break them (spec 5.3). */

import { closest } from '../../base/spelling.ts';
import type { Problem } from '../../faults/fault.ts';
import { problem } from '../../faults/make.ts';
import { didYouMean } from '../../faults/suggestion.ts';
import { check } from '../check.ts';
import { backendSchema, theirBackendSchema } from '../schema/backends.ts';
import type { BackendSpec } from '../spec.ts';
import { type At, child, entryOf, type ListTree, type MapTree, type Tree } from '../tree.ts';

const mostBackendInstances = 20;

/** One that can run. */
export interface ListedBackend {
  readonly backend: BackendSpec;
  readonly instances: number;
  /** Requests that an instance handles at once. */
  readonly concurrency: number;
  /** The script of its start request. */
  readonly start?: string;
  readonly autostart: boolean;
  /** Where its name stands. */
  readonly source: At;
  readonly keys: Readonly<Record<string, At>>;
}

const optionNames = ['public', 'dynamic', 'failfast'] as const;

/**
 * By their places in the list, of which each keeps its number even where one of them is left out for a problem: the
 * ports of the others do not move when it is mended.
 */
export function backendsOf(
  list: ListTree,
  theirs: boolean,
  problems: Problem[],
): readonly (ListedBackend | undefined)[] {
  const taken = new Set<string>();
  return list.items.map((item, index) => {
    const own: Problem[] = [];
    const read = backendOf(item, index + 1, theirs, own);
    problems.push(...own);
    if (read === undefined) return undefined;
    const { name } = read.backend;
    if (taken.has(name)) {
      problems.push(refused(read.source, `Duplicate backend: ${name}`, 'Give one of the two another name.'));
      return undefined;
    }
    taken.add(name);
    return own.some(({ severity }) => severity === 'error') ? undefined : read;
  });
}

function backendOf(
  item: Tree,
  index: number,
  theirs: boolean,
  problems: Problem[],
): ListedBackend | undefined {
  const tree = withoutIllegal(item, problems);
  const context = {
    key: 'backends',
    keyAt: item.at,
    problems,
    where: 'a backend',
    owner: 'A backend',
  };
  const raw = theirs
    ? theirsAsOurs(check(theirBackendSchema, tree, context))
    : check(backendSchema, tree, context);
  if (raw?.name === undefined || tree.kind !== 'map') return undefined;
  const instances = raw.instances ?? 1;
  if (instances > mostBackendInstances)
    problems.push(
      refused(
        child(tree, 'instances')?.at ?? tree.at,
        `Maximum number of instances is ${mostBackendInstances}`,
        `Set "instances" to ${mostBackendInstances} or less.`,
      ),
    );
  const options = optionsOf(tree, problems);
  return {
    backend: {
      name: raw.name,
      class: (raw.class ?? 'B2').toUpperCase() as BackendSpec['class'],
      public: options.has('public'),
      dynamic: options.has('dynamic'),
      failFast: options.has('failfast'),
      index,
    },
    instances,
    concurrency: raw.maxConcurrentRequests ?? 1,
    ...(raw.start === undefined ? {} : { start: raw.start }),
    autostart: (raw.state ?? 'START') === 'START',
    source: child(tree, 'name')?.at ?? tree.at,
    keys: Object.fromEntries([...tree.entries].map(([key, entry]) => [key, entry.key])),
  };
}

/** The three options are no fields, though they look as if they were. */
function withoutIllegal(item: Tree, problems: Problem[]): Tree {
  if (item.kind !== 'map') return item;
  const entries = [...item.entries].filter(([key, entry]) => {
    if (!optionNames.some((name) => name === key)) return true;
    problems.push(refused(entry.key, `Illegal field: '${key}'`, `Write "options: ${key}" instead.`));
    return false;
  });
  return { ...item, entries: new Map(entries) };
}

function optionsOf(tree: MapTree, problems: Problem[]): ReadonlySet<string> {
  const entry = entryOf(tree, 'options');
  if (entry?.value.kind !== 'scalar' || typeof entry.value.value !== 'string') return new Set();
  const written = entry.value.text.split(',').map((option) => option.trim());
  const known = written.filter((option) => optionNames.some((name) => name === option));
  for (const option of written) {
    if (known.includes(option)) continue;
    const near = closest(option, optionNames) ?? optionNames.find((name) => areTurned(option, name));
    // A fix puts its word in the place of the whole value, so it is offered where that is the one option.
    const hint =
      near === undefined
        ? `The options are ${optionNames.slice(0, -1).join(', ')} and ${optionNames.at(-1) ?? ''}.`
        : written.length === 1
          ? didYouMean(near)
          : `Write ${near}.`;
    problems.push(refused(entry.value.at, `Unrecognized option: ${option}`, hint));
  }
  return new Set(known);
}

/** The same letters in another order, as `fastfail` has those of `failfast`. */
function areTurned(word: string, other: string): boolean {
  const sorted = (text: string): string => text.toLowerCase().split('').toSorted().join('');
  return word.length === other.length && sorted(word) === sorted(other);
}

type Ours = ReturnType<typeof check<typeof backendSchema>>;

function theirsAsOurs(raw: ReturnType<typeof check<typeof theirBackendSchema>>): Ours {
  if (raw === undefined) return undefined;
  const { max_concurrent_requests: most, ...same } = raw;
  return { ...same, ...(most === undefined ? {} : { maxConcurrentRequests: most }) };
}

function refused(at: At, text: string, hint?: string): Problem {
  return problem('backends-error', at, { text, hint });
}
