/** Which core a program runs on, and what it has used of it so far: Linux's own words for both. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { onPath } from '../../support/system-packages.ts';

export type Side = 'proxy' | 'load';

/** Whether the sides have cores of their own. Without that, the figures are of all of them together. */
export const pinned = cpus().length > 1 && onPath(['taskset']) !== undefined;

const coresOf = { proxy: '0', load: cpus().length > 2 ? `1-${cpus().length - 1}` : '1' } as const;

/** The command that runs another on its side's core. What it starts itself stays there too, unless it is pinned again. */
export function onCore(side: Side, argv: readonly string[]): readonly [string, ...string[]] {
  const [program = '', ...rest] = argv;
  return pinned ? ['taskset', '-c', coresOf[side], program, ...rest] : [program, ...rest];
}

let tick: number | undefined;

/** Microseconds that a process and its threads have spent on a core. Not those of its children. */
export function cpuMicroseconds(pid: number): number {
  tick ??= 1e6 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name before them is in brackets and may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tick;
}

/** Resident memory in megabytes. */
export function residentMegabytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
