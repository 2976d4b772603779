/** How a step of a build is named to a person, and how its end is said. Pure. */

import { exitWords } from '../process/words.ts';
import type { BuildStep, FailedStep } from './recipe.ts';

/** A clause: `exited with code 1`, `could not be run: there is no program "mvn"`. */
export function endingOf({ exit, reason }: Pick<FailedStep, 'exit' | 'reason'>): string {
  if (exit !== undefined) return exitWords(exit);
  return reason === undefined ? 'could not be run' : `could not be run: ${reason}`;
}

/** The command as it could be typed in a shell. */
export function typed({ argv }: Pick<BuildStep, 'argv'>): string {
  return argv.map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./\\{}-]+$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
