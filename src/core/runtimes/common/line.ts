/**
 * A service's command as words, as far as that can be told for sure: a text for a shell only where it is plain.
 *
 * Whoever is not sure of the words checks nothing and changes nothing.
 */

import { nameOf } from '../../../base/path.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import type { Plan } from '../recipe.ts';

export interface CommandLine {
  /** The program and its arguments. Of a shell's text, `$PORT` stands in it as it is. */
  readonly words: readonly [string, ...string[]];
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
    return { words: [program, ...rest], with: (words) => ({ command: words }) };
  }
  const text = command.join(' ').trim();
  const unclear = /[;&|<>`(){}*?~#!\n'"\\$]/;
  if (unclear.test(text.replaceAll(/\$\{PORT\}|\$PORT(?!\w)/g, '0'))) return undefined;
  const all = text.split(/\s+/);
  const first = all.findIndex((word) => word !== 'exec' && !/^[A-Za-z_]\w*=/.test(word));
  const program = all[first];
  if (program === undefined) return undefined;
  const before = all.slice(0, first);
  return {
    words: [program, ...all.slice(first + 1)],
    with: (words) => ({ command: [[...before, ...words.map(quoted)].join(' ')], shell }),
  };
}

/** A word for a shell; one without anything special stays as it is. */
function quoted(word: string): string {
  if (/^[\w./:=@%+,$-]+$/.test(word.replaceAll('${PORT}', ''))) return word;
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
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
