/** An hour's worth of requests as fast as they go, while instances are killed, each of them accounted for. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { soak, type Sample, type SoakReport } from '../../soak/soak.ts';
import { printTable } from '../figures.ts';
import { bundled } from './bundled.ts';
import { onCore } from './pins.ts';

/** An hour at a modest rate of 2,000 a second. */
const hour = 3_600 * 2_000;

export async function benchSoak({
  minutes,
  requests,
}: {
  readonly minutes?: number;
  readonly requests?: number;
}): Promise<void> {
  const seed = Date.now() % 1_000_000;
  const most = requests ?? (minutes === undefined ? hour : Math.round(minutes * 60 * 30_000));
  console.log(`Seed ${seed}; at most ${most} requests over 64 connections to 4 instances.`);
  const folder = await mkdtemp(join(tmpdir(), 'runtimes-bench-'));
  try {
    const program = (name: string): string => join(folder, `${name}.cjs`);
    for (const name of ['host', 'child']) {
      await bundled(join(import.meta.dirname, '..', '..', 'soak', `${name}.ts`), program(name));
    }
    const report = await soak({
      requests: most,
      ...(minutes === undefined ? {} : { milliseconds: minutes * 60_000 }),
      connections: 64,
      instances: 4,
      killEvery: 10_000,
      seed,
      place: onCore,
      program,
      say: (line) => console.log(`  ${line}`),
    });
    print(report);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function print(report: SoakReport): void {
  const { tally, memory, kills } = report;
  const seconds = report.milliseconds / 1000;
  const settled = memory.slice(Math.ceil(memory.length / 4));
  printTable(
    'Soak',
    ['what', ''],
    [
      [
        'requests',
        `${report.requests} in ${seconds.toFixed(0)} s, ${(report.requests / seconds).toFixed(0)}/s`,
      ],
      ['instances killed', String(kills)],
      ['answered, each by its own answer', String(tally.answered)],
      ['asked again of another child after the first had died (GET)', String(tally.repeated)],
      ['lost: a child had it and was killed (POST)', String(tally.lostInChild)],
      ['lost: written to a connection whose child had just been killed (POST)', String(tally.lostOnTheWay)],
      ['broken off in the middle, and the client could tell', String(tally.broken)],
      ['resident memory, slope', slopeOf(settled, ({ resident }) => resident)],
      ['heap after a collection, slope', slopeOf(settled, ({ heap }) => heap)],
      ['what must not be', report.wrong.length === 0 ? 'nothing' : String(report.wrong.length)],
    ],
  );
  for (const sentence of report.wrong) console.log(`- ${sentence}`);
  if (report.wrong.length > 0) process.exitCode = 1;
}

/** Least squares, per million requests. */
function slopeOf(samples: readonly Sample[], value: (sample: Sample) => number): string {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || samples.length < 3) return 'too short to tell';
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [x, y] = [mean(({ requests }) => requests), mean(value)];
  const across = mean((sample) => (sample.requests - x) * (value(sample) - y));
  const along = mean((sample) => (sample.requests - x) ** 2);
  const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
  return `${megabytes((across / along) * 1e6)} MB a million requests (${megabytes(value(first))} to ${megabytes(value(last))} MB)`;
}
