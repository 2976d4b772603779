/**
 * `npm run check`: everything that can be said of the code without running it. All steps run, whatever an earlier one
 * found; the output of those that object is shown.
 */

import { join } from 'node:path';
import { root } from '../../src/build/paths.ts';
import { run } from './processes.ts';

const steps: readonly (readonly [title: string, program: string, ...args: readonly string[]])[] = [
  ['types', 'tsc', '-p', '.'],
  ['lint', 'oxlint', '--type-aware', 'src', 'test'],
  ['format (npm run format mends it)', 'oxfmt', '--check', 'src', 'test'],
  ['unused code and packages', 'knip', '--no-config-hints'],
  ['rooms', 'node', '--test', 'test/contract/rooms.test.ts'],
  ['generated pages (npm run docs writes them)', 'node', 'src/build/docs.ts', '--check'],
];

/** What a step prints when it objects, or undefined when it is content. */
async function objection(program: string, args: readonly string[]): Promise<string | undefined> {
  const path = program === 'node' ? process.execPath : join(root, 'node_modules', '.bin', program);
  return await run(path, args, { cwd: root }).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

const objections: string[] = [];
for (const [title, program, ...args] of steps) {
  const started = performance.now();
  const objected = await objection(program, args);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${objected === undefined ? '✔' : '✖'} ${title} (${seconds} s)`);
  if (objected !== undefined) objections.push(`\n✖ ${title}\n${objected}`);
}
for (const objected of objections) console.error(objected);
process.exitCode = objections.length > 0 ? 1 : 0;
