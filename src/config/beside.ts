/** Files of App Engine that a config names: `backends.yaml`, `dispatch.yaml`. Reads them through what reading is given, and remembers which they were. */

import type { Problem } from '../faults/fault.ts';
import { problem } from '../faults/make.ts';
import { unknownKey } from './check.ts';
import type { LoadInput } from './input.ts';
import { parse } from './parse.ts';
import type { At, ListTree } from './tree.ts';
import { child, entryOf, isBlank } from './tree.ts';

export interface Beside {
  /** Absolute paths of all that was looked for, there or not: that one comes is news, too. */
  readonly files: string[];
  readonly input: Pick<LoadInput, 'readFile'>;
  readonly problems: Problem[];
}

export interface Wanted {
  /** Absolute. */
  readonly path: string;
  /** As it is written, and where. */
  readonly name: string;
  readonly at: At;
  /** The only key that counts in it, which takes a list. */
  readonly key: string;
  /** Keys that it may have all the same. */
  readonly alsoKeys: readonly string[];
  /** It was not asked for by name, so that none is no problem. */
  readonly mayBeMissing: boolean;
}

/** The list that the file holds; undefined when there is none, with a problem where there should be. */
export function listBeside(
  { path, name, at, key, alsoKeys, mayBeMissing }: Wanted,
  { files, input, problems }: Beside,
): ListTree | undefined {
  files.push(path);
  const text = input.readFile(path);
  if (typeof text !== 'string') {
    if (mayBeMissing && (text === undefined || text.missing === true)) return undefined;
    const { reason } = text ?? { reason: 'there is no such file, or it may not be read' };
    problems.push(problem('file-unreadable', at, { file: name, reason }));
    return undefined;
  }
  const { tree, problems: found } = parse(path, text);
  problems.push(...found);
  if (tree === undefined || isBlank(tree)) return undefined;
  if (tree.kind !== 'map') {
    const kind = tree.kind === 'list' ? 'a list' : 'a text';
    problems.push(
      problem('wrong-type', tree.at, {
        key: name,
        expected: `a map with "${key}"`,
        found: kind,
        hint: `Begin with "${key}:" and the list below it.`,
      }),
    );
    return undefined;
  }
  for (const [each, entry] of tree.entries)
    if (each !== key && !alsoKeys.includes(each))
      problems.push(unknownKey(each, entry.key, 'this file', [key, ...alsoKeys]));
  const list = child(tree, key);
  if (list === undefined || list.kind === 'list' || isBlank(list))
    return list?.kind === 'list' ? list : undefined;
  problems.push(
    problem('wrong-type', entryOf(tree, key)?.value.at ?? tree.at, {
      key,
      expected: 'a list',
      found: list.kind === 'map' ? 'a map' : 'a text',
    }),
  );
  return undefined;
}
