/** How an exit is said to a person. */

import { maskText } from '../../config/secrets.ts';
import type { Exit } from '../outside.ts';

/** `exited with code 1`, `was killed by SIGKILL`. */
export function exitWords(exit: Exit): string {
  if (exit.signal !== undefined) return `was killed by ${exit.signal}`;
  if (exit.code !== undefined) return `exited with code ${exit.code}`;
  return 'ended in a way that could not be told';
}

/** `: Error: no settings`, from what a program printed, without its secrets; nothing where that says no reason. */
export function becauseOf(error: string | undefined, env: Readonly<Record<string, string>>): string {
  return error === undefined ? '' : `: ${withoutStop(maskText(error, env))}`;
}

/** A reason stands in the midst of other words. */
export function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/u, '');
}
