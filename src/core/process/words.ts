/** How an exit is said to a person. */

import type { Exit } from '../outside.ts';

/** `exited with code 1`, `was killed by SIGKILL`. */
export function exitWords(exit: Exit): string {
  if (exit.signal !== undefined) return `was killed by ${exit.signal}`;
  if (exit.code !== undefined) return `exited with code ${exit.code}`;
  return 'ended in a way that could not be told';
}
