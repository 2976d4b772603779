/** `runtimes check`: every problem of a config, for people or for scripts. */

import { relative } from 'node:path';
import { inReadingOrder } from '../base/reading-order.ts';
import type { Problem } from '../faults/fault.ts';
import { readConfig } from '../host/home.ts';
import { configFiles } from './config-files.ts';
import { inTerminal } from './terminal-words.ts';

export function check(files: readonly string[], json: boolean): number {
  const folder = process.cwd();
  const found = configFiles(folder, files);
  if (found === undefined) return 2;
  const config = readConfig(folder, found);
  for (const problem of config.problems) {
    process.stdout.write(`${json ? JSON.stringify(problem) : inWords(problem, folder)}\n`);
  }
  const errors = config.problems.filter((problem) => problem.severity === 'error').length;
  if (!json && config.problems.length === 0) {
    const count = config.services.length;
    process.stderr.write(`${count} ${count === 1 ? 'service' : 'services'}, no problems.\n`);
  }
  return errors > 0 ? 2 : 0;
}

/** `file:line:col: severity code: message`, the form every editor's problem matcher knows. */
export function inWords(problem: Problem, folder: string): string {
  const near = relative(folder, problem.file);
  const file = near === '' || near.startsWith('..') ? problem.file : near;
  const text = inTerminal(inReadingOrder(problem).join(' '));
  return `${file}:${problem.line}:${problem.column}: ${problem.severity} ${problem.code}: ${text}`;
}
