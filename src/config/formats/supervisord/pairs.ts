/** `KEY=value,KEY2="va,lue"`: the pairs of an `environment` (spec 6.7). */

import { lex, UnfinishedText } from '../python/shlex.ts';
import { Unfit } from './types.ts';

/** Later pairs win. Throws {@link Unfit} with Supervisor's message. */
export function pairs(text: string): Readonly<Record<string, string>> {
  const words = wordsOf(text);
  const found = new Map<string, string>();
  // Key, sign, value and what parts it from the next.
  for (let at = 0; at < words.length; at += 4) {
    const [key, sign, value] = words.slice(at, at + 3);
    if (key === undefined || sign !== '=' || value === undefined)
      throw new Unfit(`Unexpected end of key/value pairs in value '${text}'`);
    found.set(key, value);
  }
  return Object.fromEntries(found);
}

function wordsOf(text: string): readonly string[] {
  try {
    return lex(text, { blanksOnly: false, wordLetters: '/.+-():', comment: '#' });
  } catch (error) {
    if (error instanceof UnfinishedText) throw new Unfit(error.message);
    throw error;
  }
}
