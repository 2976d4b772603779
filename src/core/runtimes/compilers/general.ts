/** What a tool that we do not know says is wrong, where it says it in one of the usual forms. Pure. */

import type { CompilerMessage } from '../recipe.ts';
import { javaMessages } from './java.ts';
import { distinct, linesOf, messageAt, type Said } from './lines.ts';

/** `src/a.c:3:5: error: …`, as gcc, clang, go, esbuild and many others have it. */
const plain =
  /^((?:[A-Za-z]:[\\/])?[^\s:][^:]*\.\w+):(\d+):(\d+): (?:(fatal error|error|warning|note|info)(?:\[\w+\])?: )?(.+)$/u;
/** `src/a.ts(3,5): error TS2304: …`, as tsc and msbuild have it. */
const inBrackets = /^(\S.*?\.\w+)\((\d+),(\d+)\): (error|warning) (.+)$/u;
/** `src/a.ts:3:5 - error TS2304: …`, as tsc has it in a terminal. */
const dashed = /^(\S.*?\.\w+):(\d+):(\d+) - (error|warning) (.+)$/u;
/** `  --> src/main.rs:2:5` below `error[E0425]: …`, as rustc has it. */
const arrow = /^\s*--> (.+\.\w+):(\d+):(\d+)$/u;
const beforeArrow = /^(error|warning)(?:\[\w+\])?: (.+)$/u;

export function generalMessages(printed: string, cwd: string): readonly CompilerMessage[] {
  const found: Said[] = [];
  let title: { readonly severity: CompilerMessage['severity']; readonly message: string } | undefined;
  for (const line of linesOf(printed)) {
    const above = beforeArrow.exec(line);
    if (above !== null) title = { severity: severityOf(above[1]), message: above[2] ?? '' };
    const pointed = arrow.exec(line);
    if (pointed !== null && title !== undefined) {
      found.push({ file: pointed[1] ?? '', line: pointed[2] ?? 1, column: pointed[3], ...title });
      title = undefined;
    }
    const [, file, row, column, kind, message] =
      plain.exec(line) ?? inBrackets.exec(line) ?? dashed.exec(line) ?? [];
    if (file === undefined || row === undefined || message === undefined) continue;
    if (kind === 'note' || kind === 'info') continue;
    found.push({ file, line: row, column, message, severity: severityOf(kind) });
  }
  return distinct([...found.map((said) => messageAt(cwd, said)), ...javaMessages(printed, cwd)]);
}

function severityOf(kind: string | undefined): CompilerMessage['severity'] {
  return kind === 'warning' ? 'warning' : 'error';
}
