/** What the readers of compilers' messages have in common: lines without colours, paths made absolute. Pure. */

import { resolvePath } from '../../../base/path.ts';
import { stripAnsi } from '../../log/ansi.ts';
import type { CompilerMessage } from '../recipe.ts';

/** What a person can look through; a compiler that prints more has told the first of them most truly. */
const mostMessages = 100;

export function linesOf(printed: string): readonly string[] {
  return stripAnsi(printed).split(/\r?\n/u);
}

export interface Said {
  readonly file: string;
  readonly line: string | number;
  readonly column?: string | number | undefined;
  readonly message: string;
  readonly severity?: CompilerMessage['severity'];
}

/** A message whose file is seen from `cwd`; without a column it stands at the beginning of its line. */
export function messageAt(
  cwd: string,
  { file, line, column, message, severity = 'error' }: Said,
): CompilerMessage {
  return {
    severity,
    message: message.trim(),
    place: { file: resolvePath(cwd, file), line: atLeastOne(line), column: atLeastOne(column ?? 1) },
  };
}

function atLeastOne(written: string | number): number {
  return Math.max(1, Number(written));
}

/** Each once, and no more than a person can look through. */
export function distinct(messages: readonly CompilerMessage[]): readonly CompilerMessage[] {
  const seen = new Map<string, CompilerMessage>();
  for (const each of messages) {
    const { file, line, column } = each.place;
    const key = `${file}:${line}:${column}:${each.message}`;
    if (!seen.has(key)) seen.set(key, each);
  }
  return [...seen.values()].slice(0, mostMessages);
}
