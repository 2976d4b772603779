/** What the go command says is wrong, and where. Pure. */

import type { CompilerMessage } from '../recipe.ts';
import { distinct, linesOf, messageAt, type Said } from './lines.ts';

/** `./main.go:12:3: undefined: x`; for some a column is not told, and vet puts its name before. */
const told = /^(?:vet: )?((?:[A-Za-z]:[\\/])?[^\s:][^:]*):(\d+)(?::(\d+))?: (.+)$/u;
/** What says no more than that there is more. */
const empty = /^too many errors$/u;

export function goMessages(printed: string, cwd: string): readonly CompilerMessage[] {
  const found: Said[] = [];
  let last: Said | undefined;
  for (const line of linesOf(printed)) {
    const [, file, row, column, message] = told.exec(line) ?? [];
    if (file !== undefined && row !== undefined && message !== undefined && /\.\w+$/u.test(file)) {
      last = empty.test(message) ? undefined : { file, line: row, column, message };
      if (last !== undefined) found.push(last);
    } else if (last !== undefined && /^\t\S/u.test(line)) {
      // `have (int)` and `want (string)` stand below what they belong to.
      found.pop();
      last = { ...last, message: `${last.message}\n${line.trim()}` };
      found.push(last);
    } else {
      last = undefined;
    }
  }
  return distinct(found.map((said) => messageAt(cwd, said)));
}
