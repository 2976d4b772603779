/** The words of a command key, with problems at its place. Says nothing on what a command does. */

import type { Problem } from '../faults/fault.ts';
import { problem } from '../faults/make.ts';
import type { Lookup } from './expand.ts';
import { complain } from './scope.ts';
import type { Tree } from './tree.ts';
import { expandShellText, expandWords, splitCommand, type Words } from './words.ts';

export interface CommandScope {
  readonly known: Lookup;
  /** PORT is settled at each start: in an argument it stands for `{port}`, in the text of a shell for itself. */
  readonly portIsPlaceholder: boolean;
}

/** argv, or the single text for a shell; undefined when there is nothing to run. */
export function commandOf(
  tree: Tree | undefined,
  key: string,
  shell: boolean,
  scope: CommandScope,
  problems: Problem[],
): readonly string[] | undefined {
  // Absent or of another kind: the schema has said so.
  if (tree === undefined || tree.kind === 'map') return undefined;
  const port = shell ? '${PORT}' : '{port}';
  const lookup: Lookup = (name) => (name === 'PORT' && scope.portIsPlaceholder ? port : scope.known(name));
  let words: Words;
  if (tree.kind === 'list') {
    if (shell) {
      problems.push(
        problem('bad-value', tree.at, {
          key,
          reason: 'a shell takes one text, and this is a list',
          hint: 'Write the command as one text, or remove "shell".',
        }),
      );
      return undefined;
    }
    words = expandWords(
      tree.items.map((item) => (item.kind === 'scalar' ? item.text : '')),
      lookup,
    );
  } else {
    if (typeof tree.value !== 'string' || tree.value === '') return undefined;
    words = shell ? expandShellText(tree.value, lookup) : splitCommand(tree.value, lookup);
  }
  if (words.unsplit !== undefined) {
    problems.push(problem('bad-value', tree.at, { key, reason: words.unsplit, hint: undefined }));
    return undefined;
  }
  complain(words, { key, at: tree.at }, problems);
  if ((words.words[0] ?? '').trim() === '') {
    problems.push(problem('bad-value', tree.at, { key, reason: 'it names no program', hint: undefined }));
    return undefined;
  }
  const strange = shell || tree.kind === 'list' ? undefined : meantForNoShell(words.words).find(needsShell);
  if (strange !== undefined) problems.push(problem('no-shell', tree.at, { key, word: strange }));
  return words.words;
}

const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'zsh', 'ksh']);

/** Without the text that a shell named as the program is given to run: there, all of it means what it says. */
function meantForNoShell(words: readonly string[]): readonly string[] {
  const program = (words[0] ?? '').split('/').at(-1) ?? '';
  if (!shells.has(program)) return words;
  const first = words.findIndex((word, index) => index > 0 && /^-[a-z]*c[a-z]*$/u.test(word));
  return first === -1 ? words : words.toSpliced(first + 1, 1);
}

const operators: ReadonlySet<string> = new Set(['&&', '||', '|', ';', '&', '>', '>>', '<', '2>&1']);

/** A word that people write for a shell: an operator, a variable, or an assignment in front of the program. */
function needsShell(word: string, index: number): boolean {
  if (operators.has(word) || /(?:^|[^$])\$[A-Za-z_]\w*/.test(word)) return true;
  return index === 0 && /^[A-Za-z_]\w*=/.test(word);
}
