/** Us, a bare Node parent and the real supervisord on the same programs, one after the other in every round. */

import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { figureOf, printTable, shown } from './figures.ts';
import type { Programs as Built } from './programs.ts';
import { floor, ourselves, type Programs, type Rival, supervisord, supervisordVersion } from './rivals.ts';

const many = 200;
const rounds = 7;

export async function benchSupervisord(built: Built): Promise<void> {
  const version = supervisordVersion();
  if (version === undefined) {
    console.log(
      '\nsupervisord is not installed (Debian: apt-get install supervisor), so nothing is measured beside it.',
    );
    return;
  }
  console.log(
    `\nsupervisord ${version}. We run as the real runtime over a supervisord.conf, in a process of its own.`,
  );
  const folder = mkdtempSync(join(tmpdir(), 'runtimes-bench-'));
  try {
    await restarts(built, join(folder, 'restart'));
    await crowds(built, join(folder, 'crowd'));
    await intakes(built, join(folder, 'intake'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// ------------------------------------------------------------------------------------------------ restarting

async function restarts(built: Built, folder: string): Promise<void> {
  const beacons = makeBeacons(folder);
  const programs = (beacon = ''): Programs => {
    const argv = [...built.beacon, beacon];
    const section = [
      `command=${argv.join(' ')}`,
      'autorestart=true',
      'startsecs=1',
      'autostart=false',
      ...noLogs,
    ];
    return { argv, section, count: 1 };
  };
  const rivals = await theThree(folder, beacons.map(programs));
  const figures = rivals.map((): number[] => []);
  // Ours as well, or the FIFO would end with each child.
  const crowds = beacons.map((beacon) => new Crowd(beacon, true));
  try {
    for (const rival of rivals) rival.start();
    for (const crowd of crowds) await crowd.born(1);
    for (let round = -1; round < rounds; round += 1) {
      // Longer than startsecs, so that the end is an exit and not a failed start.
      await pause(1_300);
      for (const [index, crowd] of crowds.entries()) {
        const begun = performance.now();
        process.kill(crowd.latest, 'SIGKILL');
        await crowd.born(round + 3);
        if (round >= 0) figures[index]?.push(performance.now() - begun);
      }
    }
  } finally {
    for (const rival of rivals) await rival.end();
    for (const crowd of crowds) crowd.end();
  }
  printBeside('kill -9 to running again, ms', rivals, figures, '≤ 1.25');
}

// ------------------------------------------------------------------------------------------------ many at once

async function crowds(built: Built, folder: string): Promise<void> {
  const beacons = makeBeacons(folder);
  const programs = (beacon = ''): Programs => {
    const argv = [...built.beacon, beacon];
    const section = [
      `command=${argv.join(' ')}`,
      `numprocs=${many}`,
      'process_name=%(program_name)s_%(process_num)03d',
      'autostart=false',
      'startsecs=0',
      ...noLogs,
    ];
    return { argv, section, count: many };
  };
  const rivals = await theThree(folder, beacons.map(programs));
  const starts = rivals.map((): number[] => []);
  const stops = rivals.map((): number[] => []);
  const memory = rivals.map((): number[] => []);
  try {
    for (let round = -1; round < rounds; round += 1) {
      for (const [index, rival] of rivals.entries()) {
        const before = await rival.memory();
        const crowd = new Crowd(beacons[index] ?? '');
        let begun = performance.now();
        rival.start();
        await crowd.born(many);
        const start = performance.now() - begun;
        await pause(300);
        const after = await rival.memory();
        begun = performance.now();
        rival.stop();
        await crowd.gone;
        const stop = performance.now() - begun;
        // The parent hears of its last children, and tells whoever asks.
        await pause(500);
        // The first round is the one in which memory grows; it warms up all else.
        if (round < 0) memory[index]?.push((after - before) / many);
        else {
          starts[index]?.push(start);
          stops[index]?.push(stop);
        }
      }
    }
  } finally {
    for (const rival of rivals) await rival.end();
  }
  printBeside(`${many} children, order to all of them there, ms`, rivals, starts, '≤ 1.25');
  printBeside(`${many} children, order to the last of them gone, ms`, rivals, stops, '≤ 2');
  printTable(
    `Memory of the parent for each of ${many} children, KB`,
    ['who', 'first time'],
    rivals.map(({ name }, index) => [name, (memory[index]?.[0] ?? 0).toFixed(1)]),
  );
}

/** Each child writes its pid to the FIFO and holds it: lines are births, and the end is the death of all. */
class Crowd {
  latest = 0;
  readonly gone: Promise<void>;
  readonly #socket: Socket;
  readonly #held: number | undefined;
  #count = 0;
  #waiting: (() => void) | undefined;

  constructor(fifo: string, holds = false) {
    const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
    this.#held = holds ? openSync(fifo, constants.O_WRONLY) : undefined;
    this.#socket = new Socket({ fd: reader, readable: true, writable: false });
    this.#socket.on('data', (bytes) => {
      const lines = bytes.toString('latin1').trimEnd().split('\n');
      this.#count += lines.length;
      this.latest = Number(lines.at(-1));
      this.#waiting?.();
    });
    this.gone = new Promise((done) => this.#socket.on('close', () => done()));
  }

  /** Resolves once so many were born in all. */
  async born(count: number): Promise<void> {
    const limit = setTimeout(() => {
      throw new Error(`Only ${this.#count} of ${count} children came.`);
    }, 60_000);
    while (this.#count < count) {
      await new Promise<void>((done) => {
        this.#waiting = done;
      });
    }
    clearTimeout(limit);
  }

  end(): void {
    if (this.#held !== undefined) closeSync(this.#held);
    this.#socket.destroy();
  }
}

// ------------------------------------------------------------------------------------------------ intake

async function intakes(built: Built, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const { title, megabytes, bytes } of [
    { title: '64 KiB writes', megabytes: 400, bytes: 65_500 },
    { title: 'a write a line', megabytes: 200, bytes: 100 },
  ]) {
    const logs = [join(folder, `ours.${bytes}`), join(folder, `theirs.${bytes}`)];
    const argv = [...built.flood, String(megabytes), String(bytes)];
    const programs = (log = ''): Programs => ({
      argv,
      count: 1,
      section: [
        `command=${argv.join(' ')}`,
        'autostart=false',
        'autorestart=false',
        'startsecs=0',
        'stdout_logfile=NONE',
        `stderr_logfile=${log}`,
        'stderr_logfile_maxbytes=0',
      ],
    });
    const rivals = [
      ourselves(join(folder, `o${bytes}`), programs(logs[0])),
      await supervisord(join(folder, `t${bytes}`), programs(logs[1])),
    ];
    const cat: number[] = [];
    const figures = rivals.map((): number[] => []);
    try {
      for (let round = 0; round < rounds; round += 1) {
        const begun = performance.now();
        execFileSync('/bin/sh', ['-c', `"$@" 2>&1 >/dev/null | cat > "${folder}/cat"`, 'sh', ...argv]);
        cat.push(megabytes / ((performance.now() - begun) / 1000));
        rmSync(join(folder, 'cat'));
        for (const [index, rival] of rivals.entries()) {
          const log = logs[index] ?? '';
          const size = sizeOf(log);
          const ordered = performance.now();
          rival.start();
          while (sizeOf(log) < size + megabytes * 1_000_000) await pause(2);
          figures[index]?.push(megabytes / ((performance.now() - ordered) / 1000));
          await pause(200);
        }
        for (const log of logs) execFileSync('truncate', ['-s', '0', log]);
      }
    } finally {
      for (const rival of rivals) await rival.end();
    }
    const low = figureOf(cat).median;
    printTable(
      `Into a log file, ${title}, ${megabytes} MB, MB/s`,
      ['who', 'median (min to max)', '× cat'],
      [
        ['cat', shown(figureOf(cat), 0), '1.00'],
        ...rivals.map(({ name }, index) => {
          const figure = figureOf(figures[index] ?? []);
          return [name, shown(figure, 0), (figure.median / low).toFixed(2)];
        }),
      ],
    );
  }
}

// ------------------------------------------------------------------------------------------------ helpers

const noLogs = ['stdout_logfile=NONE', 'stderr_logfile=NONE'];

function printBeside(
  title: string,
  rivals: readonly Rival[],
  figures: readonly (readonly number[])[],
  target: string,
): void {
  const base = figureOf(figures[0] ?? []).median;
  printTable(
    title,
    ['who', 'median (min to max)', `ratio (ours: ${target})`],
    rivals.map(({ name }, index) => {
      const figure = figureOf(figures[index] ?? []);
      return [name, shown(figure), (figure.median / base).toFixed(2)];
    }),
  );
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function makeBeacons(folder: string): readonly string[] {
  mkdirSync(folder, { recursive: true });
  const beacons = ['floor', 'ours', 'theirs'].map((name) => join(folder, `${name}.fifo`));
  execFileSync('mkfifo', beacons);
  return beacons;
}

async function theThree(folder: string, [bare, own, their]: readonly Programs[]): Promise<readonly Rival[]> {
  if (bare === undefined || own === undefined || their === undefined) throw new Error('Three are meant.');
  return [
    floor(bare),
    ourselves(join(folder, 'ours'), own),
    await supervisord(join(folder, 'theirs'), their),
  ];
}
