/** The command of a program as words, or what Supervisor would say at each start (SV-3). Looks for no program. */

import { repr } from '../python/repr.ts';
import { splitWords, UnfinishedText } from '../python/shlex.ts';

export interface Command {
  readonly words: readonly string[];
  readonly unrunnable?: string;
}

export function commandOf(text: string): Command {
  try {
    const words = splitWords(text);
    return words.length === 0 ? { words, unrunnable: 'command is empty' } : { words };
  } catch (error) {
    if (!(error instanceof UnfinishedText)) throw error;
    return { words: [], unrunnable: `can't parse command ${repr(text)}: ${error.message}` };
  }
}
