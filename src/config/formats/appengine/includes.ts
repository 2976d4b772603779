/**
 * `includes` of an `app.yaml`: other files with handlers, variables and files to skip, laid together as Google's SDK
 * does it. Works on trees, so that each value keeps its place.
 */

import { folderOf, resolvePath } from '../../../base/path.ts';
import type { Problem } from '../../../faults/fault.ts';
import { problem } from '../../../faults/make.ts';
import { unknownKey } from '../../check.ts';
import type { LoadInput } from '../../input.ts';
import { parse } from '../../parse.ts';
import { scalarsOf } from '../../scope.ts';
import { type Entry, type MapTree, type ScalarTree, type Tree, child, isBlank } from '../../tree.ts';

/** What an included file may hold. */
const included = [
  'builtins',
  'includes',
  'handlers',
  'admin_console',
  'manual_scaling',
  'vm',
  'vm_settings',
  'beta_settings',
  'env_variables',
  'skip_files',
];

export interface Included {
  readonly tree: MapTree;
  /** Absolute paths of the files that were read, or looked for. */
  readonly files: readonly string[];
}

/** @param file The absolute path of the `app.yaml`. */
export function withIncludes(
  tree: MapTree,
  file: string,
  input: Pick<LoadInput, 'readFile' | 'kindOf'>,
  problems: Problem[],
): Included {
  const files: string[] = [];
  const found: MapTree[] = [];
  const root = folderOf(file);
  const visit = (from: MapTree, fromFile: string, above: readonly string[]): void => {
    for (const item of scalarsOf(child(from, 'includes'))) {
      const path = pathOf(item.text, fromFile);
      if (above.includes(path)) {
        const round = [...above.slice(above.indexOf(path)), path].map((each) => each.slice(root.length + 1));
        problems.push(
          problem('no-effect', item.at, {
            key: 'includes',
            reason: `these files include each other: ${round.join(' → ')}`,
            hint: 'Remove one of them.',
          }),
        );
        continue;
      }
      if (files.includes(path)) continue;
      files.push(path);
      const read = mapIn(path, item);
      if (read === undefined) continue;
      found.push(read);
      visit(read, path, [...above, path]);
    }
  };
  /** A folder stands for its `include.yaml`; beside the file that includes it, else beside the `app.yaml`. */
  const pathOf = (written: string, fromFile: string): string => {
    const places = [...new Set([folderOf(fromFile), root])].map((folder) => resolvePath(folder, written));
    const path = places.find((each) => input.kindOf?.(each) !== undefined) ?? places[0] ?? written;
    return input.kindOf?.(path) === 'folder' ? resolvePath(path, 'include.yaml') : path;
  };
  const mapIn = (path: string, item: ScalarTree): MapTree | undefined => {
    const text = input.readFile(path);
    if (typeof text !== 'string') {
      const { reason } = text ?? { reason: 'there is no such file, or it may not be read' };
      problems.push(problem('file-unreadable', item.at, { file: item.text, reason }));
      return undefined;
    }
    const parsed = parse(path, text);
    problems.push(...parsed.problems);
    if (parsed.tree === undefined || isBlank(parsed.tree)) return undefined;
    if (parsed.tree.kind !== 'map') {
      problems.push(
        problem('wrong-type', parsed.tree.at, {
          key: item.text,
          expected: 'a map with "handlers"',
          found: parsed.tree.kind === 'list' ? 'a list' : 'a text',
        }),
      );
      return undefined;
    }
    for (const [key, entry] of parsed.tree.entries)
      if (!included.includes(key))
        problems.push(unknownKey(key, entry.key, 'a file that is included', included));
    return parsed.tree;
  };
  visit(tree, file, [file]);
  return { tree: found.length === 0 ? tree : laidTogether(tree, found), files };
}

function laidTogether(own: MapTree, others: readonly MapTree[]): MapTree {
  const entries = new Map(own.entries);
  const set = (key: string, value: Tree | undefined): void => {
    if (value === undefined) return;
    const at =
      own.entries.get(key)?.key ?? others.find((each) => each.entries.has(key))?.entries.get(key)?.key;
    if (at !== undefined) entries.set(key, { key: at, value });
  };
  set('handlers', handlersOf(own, others));
  // What is included says it last; only the settings of a machine keep what the app.yaml says.
  set('env_variables', mapsOf([own, ...others], 'env_variables'));
  for (const key of ['vm_settings', 'beta_settings']) set(key, mapsOf([...others, own], key));
  set('skip_files', listOf([own, ...others], 'skip_files'));
  set(
    'vm',
    [own, ...others]
      .map((each) => child(each, 'vm'))
      .find((vm) => vm?.kind === 'scalar' && vm.value === true) ?? child(own, 'vm'),
  );
  set('manual_scaling', mostInstances([own, ...others]));
  return { ...own, entries };
}

function itemsOf(tree: Tree | undefined): readonly Tree[] {
  return tree?.kind === 'list' ? tree.items : [];
}

/** Those of included files stand before the application's own, unless they say `position: tail`. */
function handlersOf(own: MapTree, others: readonly MapTree[]): Tree | undefined {
  const theirs = others.flatMap((each) => itemsOf(child(each, 'handlers')));
  if (theirs.length === 0) return child(own, 'handlers');
  const isTail = (item: Tree): boolean => {
    const position = child(item, 'position');
    return position?.kind === 'scalar' && position.text === 'tail';
  };
  const [first] = theirs;
  const list = child(own, 'handlers');
  const at = list?.at ?? first?.at ?? own.at;
  return {
    kind: 'list',
    at,
    items: [...theirs.filter((item) => !isTail(item)), ...itemsOf(list), ...theirs.filter(isTail)],
  };
}

/** The later over the earlier, key by key. */
function mapsOf(trees: readonly MapTree[], key: string): Tree | undefined {
  const maps = trees.flatMap((each) => {
    const tree = child(each, key);
    return tree?.kind === 'map' ? [tree] : [];
  });
  const [first] = maps;
  if (first === undefined) return undefined;
  const entries = new Map<string, Entry>(maps.flatMap((map) => [...map.entries]));
  return { ...first, entries };
}

function listOf(trees: readonly MapTree[], key: string): Tree | undefined {
  const written = trees.flatMap((each) => child(each, key) ?? []);
  const [first] = written;
  return first === undefined ? undefined : { kind: 'list', at: first.at, items: written.flatMap(scalarsOf) };
}

function mostInstances(trees: readonly MapTree[]): Tree | undefined {
  const sections = trees.flatMap((each) => child(each, 'manual_scaling') ?? []);
  const countIn = (tree: Tree): number => {
    const count = child(tree, 'instances');
    return count?.kind === 'scalar' && typeof count.value === 'number' ? count.value : 0;
  };
  return sections.toSorted((a, b) => countIn(b) - countIn(a))[0];
}
