/** What VS Code calls to run the tests of this folder: Mocha in the extension host, its counts left in a file. */

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';
import { colourVariable, ranNothing, resultsVariable, testSpeaks, type Tally } from '../support/results.ts';

/** Marks what the tests and Mocha print, line by line: the editor prints through the same console. */
function markWhatWeSay(): void {
  const { log } = console;
  const marked = (...args: unknown[]): void => {
    for (const line of format(...args).split('\n')) log('%s', `${testSpeaks} ${line}`);
  };
  console.log = marked;
  Mocha.reporters.Base.consoleLog = marked;
}

/**
 * The built-in extensions live in the same process. What one of them lets escape (js-debug does, when the process it
 * is attaching to ends) is printed, and fails no test of ours.
 */
function leaveOthersTheirErrors(mochas: readonly NodeJS.UncaughtExceptionListener[]): void {
  for (const listener of mochas) process.removeListener('uncaughtException', listener);
  process.on('uncaughtException', (error, origin) => {
    const stack = error.stack ?? '';
    const isTheirs = /[\\/]extensions[\\/]/.test(stack) && !stack.includes(import.meta.dirname);
    if (isTheirs) console.log(`Another extension let an error escape: ${error.message}`);
    else for (const listener of mochas) listener(error, origin);
  });
}

export async function run(): Promise<void> {
  markWhatWeSay();
  const color = process.env[colourVariable] === '1';
  const mocha = new Mocha({ ui: 'bdd', reporter: 'spec', color, timeout: 60_000, forbidOnly: true });
  const folder = import.meta.dirname;
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.test.cjs')) mocha.addFile(join(folder, file));
  }
  const before = new Set(process.listeners('uncaughtException'));
  const tally = await new Promise<Tally>((resolve) => {
    const runner = mocha.run(() => {
      const { passes, failures, pending } = runner.stats ?? { passes: 0, failures: 1, pending: 0 };
      resolve({ passed: passes, failed: failures, skipped: pending });
    });
    leaveOthersTheirErrors(process.listeners('uncaughtException').filter((each) => !before.has(each)));
  });
  const results = process.env[resultsVariable];
  if (results !== undefined) writeFileSync(results, JSON.stringify(tally));
  if (ranNothing(tally)) throw new Error('No test ran in the extension host.');
  if (tally.failed > 0) throw new Error(`${tally.failed} failed in the extension host.`);
}
