/**
 * Runs the rings of tests and says at the very end, in one line, how many passed.
 *
 * `node test/support/run.ts [RING …] [FILE …]`: all rings without a number; only the named files of them with names.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { bundleAll } from '../../src/build/bundle.ts';
import { out, root } from '../../src/build/paths.ts';
import { packForAll } from './packed.ts';
import { closingLine, none, ranNothing, resultsVariable, sum, type Tally } from './results.ts';
import { patterns, rings, type Ring } from './rings.ts';
import { bringPrograms } from './system-packages.ts';

/** Runs test files with Node's own runner, each in a process, and shows what it reports. */
async function runWithNode(ring: Ring, files: readonly string[]): Promise<Tally> {
  const stuck = new AbortController();
  const events = run({
    files: [...files],
    cwd: root,
    concurrency: ring.atOnce,
    isolation: 'process',
    timeout: ring.patience * 60_000,
    signal: stuck.signal,
  });
  // A test that hangs has the time above. A file whose tests are over and that does not end has no limit of its own.
  const underWay = new Set<string>();
  const giveUp = setTimeout(
    () => {
      console.error(`Nothing has come for ${ring.patience} minutes. Under way: ${[...underWay].join(', ')}`);
      stuck.abort();
    },
    (ring.patience + 0.5) * 60_000,
  );
  events.on('data', () => giveUp.refresh());
  events.on(
    'test:dequeue',
    ({ name, nesting }) => nesting === 0 && files.includes(name) && underWay.add(relative(root, name)),
  );
  events.on('test:complete', ({ name, nesting }) => nesting === 0 && underWay.delete(relative(root, name)));
  let tally = none;
  const empty: string[] = [];
  events.on('test:summary', ({ file, counts }) => {
    // One summary comes for each file, and one for all of them that names none.
    if (file !== undefined) return;
    const { passed, failed = 0, cancelled, skipped, todo } = counts as typeof counts & { failed?: number };
    tally = { passed, failed: failed + cancelled, skipped: skipped + todo };
  });
  events.on('test:pass', ({ name, nesting }) => {
    // A file without a single test counts as one that passed, under its own name.
    if (nesting === 0 && files.includes(resolve(root, name))) empty.push(name);
  });
  const report = events.compose(spec);
  report.pipe(process.stdout, { end: false });
  await finished(report);
  clearTimeout(giveUp);
  for (const file of empty) console.error(`${relative(root, resolve(root, file))} holds no test.`);
  return { ...tally, passed: tally.passed - empty.length, failed: tally.failed + empty.length };
}

/** Runs the tests inside an editor in a process of their own and reads the counts they leave. */
async function runInEditor(): Promise<Tally> {
  const results = join(out, 'ring-3.json');
  await rm(results, { force: true });
  const child = spawn(process.execPath, [join(root, 'test', 'support', 'ring3.ts')], {
    stdio: 'inherit',
    env: { ...process.env, [resultsVariable]: results },
  });
  const [code] = await once(child, 'exit');
  const tally: Tally = await readFile(results, 'utf8').then(JSON.parse, () => none);
  // It may also break without a failing test: the window crashes, the editor never comes up.
  return code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}

async function runRing(ring: Ring, only: readonly string[]): Promise<Tally> {
  const files = globSync(patterns(ring), { cwd: root })
    .map((file) => resolve(root, file))
    .filter((file) => only.length === 0 || only.includes(file))
    .toSorted();
  if (files.length === 0 && only.length > 0) return none;
  console.log(`\nRing ${ring.number}, ${ring.title}: ${files.length} files`);
  const started = performance.now();
  const tally = ring.runner === 'editor' ? await runInEditor() : await runWithNode(ring, files);
  console.log(
    `Ring ${ring.number}: ${closingLine(tally)} in ${((performance.now() - started) / 1000).toFixed(1)} s`,
  );
  if (!ranNothing(tally)) return tally;
  console.error(`Ring ${ring.number} ran no test, and that is a failure.`);
  return { ...tally, failed: 1 };
}

async function main(args: readonly string[]): Promise<Tally> {
  const numbers = args.filter((argument) => /^[1-4]$/.test(argument)).map(Number);
  const only = args.filter((argument) => !/^[1-4]$/.test(argument)).map((file) => resolve(file));
  const chosen = rings.filter(({ number }) => numbers.length === 0 || numbers.includes(number));
  await mkdir(out, { recursive: true });
  if (chosen.some(({ programs }) => programs)) await bringPrograms();
  // Packing builds, too.
  if (chosen.some(({ needs }) => needs === 'package')) await packForAll();
  else if (chosen.some(({ needs }) => needs === 'bundles')) await bundleAll();
  let total = none;
  for (const ring of chosen) total = sum(total, await runRing(ring, only));
  return total;
}

try {
  const total = await main(process.argv.slice(2));
  process.exitCode = total.failed > 0 || ranNothing(total) ? 1 : 0;
  if (ranNothing(total)) console.error('No test ran: is every name a file of a chosen ring?');
  console.log(`\n${closingLine(total)}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
  console.log(`\n${closingLine({ ...none, failed: 1 })}`);
}
