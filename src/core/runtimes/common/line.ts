/**
 * A service's command as words, as far as that can be told for sure: a text for a shell only where it is plain.
 *
 * Whoever is not sure of the words checks nothing and changes nothing.
 */

import { nameOf } from '../../../base/path.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import type { Plan } from '../recipe.ts';
import { isOfShell, isUsualShell } from './shell-words.ts';

export interface CommandLine {
  /** The program and its arguments. Of a shell's text, `$PORT` stands in it as it is. */
  readonly words: readonly [string, ...string[]];
  /** Variables that a shell's text sets before its program. */
  readonly assigned: Readonly<Record<string, string>>;
  /** What a plan says to run other words instead. */
  readonly with: (words: readonly string[]) => Pick<Plan, 'command' | 'shell'>;
}

/** Undefined where only a shell could tell. */
export function commandLine({
  command,
  shell,
}: Pick<ServiceSpec, 'command' | 'shell'>): CommandLine | undefined {
  if (shell === false) {
    const [program = '', ...rest] = command;
    return { words: [program, ...rest], assigned: {}, with: (words) => ({ command: words }) };
  }
  if (typeof shell === 'string' && !isUsualShell(shell)) return undefined;
  const text = command.join(' ').trim();
  const unclear = /[;&|<>`(){}*?~#!\n'"\\$]/;
  if (unclear.test(text.replaceAll(/\$\{PORT\}|\$PORT(?!\w)/g, '0'))) return undefined;
  const all = text.split(/\s+/);
  const first = all.findIndex((word) => word !== 'exec' && !/^[A-Za-z_]\w*=/.test(word));
  const program = all[first];
  // Behind one of its own words, a shell does what it likes; `exec` has options, too.
  if (program === undefined || isOfShell(program) || program.startsWith('-')) return undefined;
  const before = all.slice(0, first);
  const assigned = assignments(before);
  // Where programs are found is the shell's to know then.
  if (assigned['PATH'] !== undefined) return undefined;
  return {
    words: [program, ...all.slice(first + 1)],
    assigned,
    with: (words) => ({ command: [[...before, ...words.map(quoted)].join(' ')], shell }),
  };
}

function assignments(words: readonly string[]): Readonly<Record<string, string>> {
  const pairs = words.flatMap((word) => {
    const at = word.indexOf('=');
    return at === -1 ? [] : [[word.slice(0, at), word.slice(at + 1)] as const];
  });
  return Object.fromEntries(pairs);
}

/** A word for a shell; one without anything special stays as it is. */
function quoted(word: string): string {
  if (/^[\w./:=@%+,$-]+$/.test(word.replaceAll('${PORT}', ''))) return word;
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** Whether a word stays what it is: a port is put in later. */
export function isSettled(word: string): boolean {
  return !/\{\w+\}|\$/.test(word);
}

/** A program that is named by its path is used as it is. */
export function isPath(word: string): boolean {
  return /[\\/]/.test(word);
}

/** What a program is called, however it is written: `C:\x\Node.exe` is `node`. */
export function programName(word: string): string {
  return nameOf(word)
    .toLowerCase()
    .replace(/\.(?:exe|cmd|bat|ps1)$/, '');
}
