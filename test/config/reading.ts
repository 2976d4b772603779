/** Loads texts as a workspace would, and says problems in one line each, so that a test reads as a table. */

import { loadConfig, type LoadInput } from '../../src/config/load.ts';
import type { Config } from '../../src/config/spec.ts';
import type { Problem } from '../../src/faults/fault.ts';

export interface Reading {
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** What `readFile` finds. */
  readonly others?: Readonly<Record<string, string>>;
  readonly kindOf?: LoadInput['kindOf'];
}

export const main = '/w/runtimes.yaml';

export function read(
  text: string,
  { files = {}, environment = {}, others = {}, kindOf }: Reading = {},
): Config {
  return loadConfig({
    folder: '/w',
    files: Object.entries({ [main]: text, ...files }).map(([path, content]) => ({ path, text: content })),
    environment,
    readFile: (path) => others[path],
    ...(kindOf === undefined ? {} : { kindOf }),
  });
}

/** `3:5-3:9 bad-value "port": … → hint`, with the file before it when it is not the main one. */
export function inOneLine({ file, line, column, endLine, endColumn, code, message, hint }: Problem): string {
  const at = `${line}:${column}-${endLine === line ? '' : `${endLine}:`}${endColumn}`;
  return `${file === main ? '' : `${file} `}${at} ${code} ${message}${hint === undefined ? '' : ` → ${hint}`}`;
}

export function problemsOf(config: Config): readonly string[] {
  return config.problems.map(inOneLine);
}

/** Lines without the indentation they share. */
export function lines(text: string): string {
  const all = text.replace(/^\n/, '').split('\n');
  const indents = all
    .filter((line) => line.trim() !== '')
    .map((line) => line.length - line.trimStart().length);
  return all.map((line) => line.slice(Math.min(...indents))).join('\n');
}
