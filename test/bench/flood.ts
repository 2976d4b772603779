/**
 * Megabytes of stderr a second through the tee (lines cut for a listener, the log file written), beside `cat`, and
 * the memory of a parent meanwhile, beside a Node parent that drops what it reads.
 */

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { figureOf, printTable, shown } from './figures.ts';
import type { Programs } from './programs.ts';

const rounds = 5;
const parents = resolve(import.meta.dirname, 'flood-parent.ts');

interface Run {
  readonly mbPerSecond: number;
  readonly peakMb: number;
}

async function parent(kind: 'ours' | 'drop', argv: readonly string[], log: string): Promise<Run> {
  const child = spawn(process.execPath, [parents, kind, log, ...argv], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await new Promise((done) => child.once('close', done));
  return JSON.parse(text) as Run;
}

function cat(argv: readonly string[], megabytes: number, log: string): number {
  const begun = performance.now();
  execFileSync('/bin/sh', ['-c', `"$@" 2>&1 >/dev/null | cat > "${log}"`, 'sh', ...argv]);
  return megabytes / ((performance.now() - begun) / 1000);
}

export async function benchFlood(programs: Programs, gigabyte: boolean): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'runtimes-bench-'));
  const rows: string[][] = [];
  for (const { title, megabytes, bytes } of [
    { title: '64 KiB writes', megabytes: gigabyte ? 1000 : 400, bytes: 65_500 },
    { title: 'a write a line', megabytes: gigabyte ? 1000 : 200, bytes: 100 },
  ]) {
    const argv = [...programs.flood, String(megabytes), String(bytes)];
    const floor: number[] = [];
    const ours: Run[] = [];
    const dropped: Run[] = [];
    for (let round = 0; round < (gigabyte ? 3 : rounds); round += 1) {
      const log = join(folder, `log.${round}`);
      floor.push(cat(argv, megabytes, log));
      rmSync(log);
      ours.push(await parent('ours', argv, log));
      const written = statSync(log).size;
      if (written < megabytes * 1_000_000)
        throw new Error(`The log has ${written} bytes of ${megabytes} MB.`);
      rmSync(log);
      dropped.push(await parent('drop', argv, log));
    }
    const low = figureOf(floor);
    for (const [name, runs] of [
      ['ours', ours],
      ['Node parent that drops', dropped],
    ] as const) {
      const speed = figureOf(runs.map(({ mbPerSecond }) => mbPerSecond));
      rows.push([
        `${title}, ${megabytes} MB`,
        name,
        shown(speed, 0),
        (speed.median / low.median).toFixed(2),
        shown(figureOf(runs.map(({ peakMb }) => peakMb)), 0),
      ]);
    }
    rows.push([`${title}, ${megabytes} MB`, 'cat', shown(low, 0), '1.00', '']);
  }
  rmSync(folder, { recursive: true, force: true });
  printTable('stderr through the tee', ['what', 'who', 'MB/s', '× cat', 'peak memory, MB'], rows);
}
