/** What the tests with real children share. Every child ends with its test, also with one that fails. */

import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Child, SpawnPlan } from '../../src/core/outside.ts';
import { createProcessTable } from '../../src/node/processes.ts';
import { createSpawner, type RealSpawner, type SpawnerOptions } from '../../src/node/spawner.ts';

export const env: Readonly<Record<string, string>> = { PATH: process.env['PATH'] ?? '' };

/** The command line that runs a program of `test/programs`. */
export function program(name: string, ...args: readonly string[]): SpawnPlan['argv'] {
  return [process.execPath, fileURLToPath(new URL(`../programs/${name}`, import.meta.url)), ...args];
}

export function spawnerFor(test: TestContext, options: Partial<SpawnerOptions> = {}): RealSpawner {
  const spawner = createSpawner({ mark: randomUUID(), ...options });
  test.after(() => spawner.close());
  return spawner;
}

/** Starts a child that is expected to start. */
export async function started(
  spawner: RealSpawner,
  argv: SpawnPlan['argv'],
  more: Partial<SpawnPlan> = {},
): Promise<Child> {
  const child = await spawner.spawn({ argv, cwd: tmpdir(), env, ...more });
  if ('pid' in child) return child;
  throw new Error(`${argv.join(' ')}: ${child.reason}`);
}

/** A program of `test/programs` under a spawner that is closed with the test. */
export async function run(test: TestContext, name: string, ...args: readonly string[]): Promise<Child> {
  return started(spawnerFor(test), program(name, ...args));
}

export async function folderFor(test: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'local-runtimes-test-'));
  // Whoever is still being ended may write a last line while the folder is emptied.
  test.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }));
  return folder;
}

/** Looks until the sign is there; a test that never sees it fails by name. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  limitMs = 10_000,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== null && seen !== false) return seen;
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await pause(5);
  }
}

const table = createProcessTable();

/** Those of these processes that are alive; one that waits to be reaped is not. */
export async function living(pids: readonly number[]): Promise<readonly number[]> {
  const rows = await table.scan();
  return pids.filter((pid) => rows.some((row) => row.pid === pid));
}

export async function pidFrom(child: Child): Promise<number> {
  return Number(await child.output.firstLine());
}

/** A value once it has stopped changing. */
export async function settled(look: () => number): Promise<number> {
  let before = -1;
  let same = 0;
  await until('it comes to rest', () => {
    same = look() === before ? same + 1 : 0;
    before = look();
    return same > 20;
  });
  return before;
}

/** How many descriptors this process has open. */
export function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** The numbers of the descriptors that a process has open. */
export function descriptorsOf(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/fd`).toSorted((a, b) => Number(a) - Number(b));
}

/** Descriptors of ours, beyond the first three, that every program we run gets as well: not one of them is our doing. */
export function inherited(): readonly string[] {
  return descriptorsOf(process.pid).filter((fd) => {
    if (Number(fd) < 3) return false;
    try {
      const [, flags = ''] = /^flags:\s*(\d+)/mu.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? [];
      return (Number.parseInt(flags, 8) & closeOnExec) === 0;
    } catch {
      // The one that listed the others.
      return false;
    }
  });
}

const closeOnExec = 0o2000000;
