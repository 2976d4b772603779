/** The guard: whatever ends a host, its children end with it. Seen with real hosts that are really killed. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import test, { type TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import { createProcessTable } from '../../src/node/processes.ts';
import { createSpawner } from '../../src/node/spawner.ts';
import { env, living, pidFrom, program, started, until } from './support.ts';

interface Host {
  readonly process: ChildProcess;
  readonly mark: string;
  /** The pids of its children and of the processes they told of. */
  readonly pids: readonly number[];
}

/** A host in a process of its own, with children that are all up. */
async function host(t: TestContext, ...names: readonly string[]): Promise<Host> {
  const mark = randomUUID();
  const [command, ...args] = program('a-host.ts', mark, ...names);
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  t.after(() => child.kill('SIGKILL'));
  return { process: child, mark, pids: await pidsFrom(child.stdout) };
}

async function pidsFrom(output: Readable): Promise<readonly number[]> {
  const pids: number[] = [];
  for await (const line of createInterface({ input: output })) {
    if (line === 'started') return pids;
    pids.push(...line.split(' ').map(Number).filter(Boolean));
  }
  throw new Error('the host ended');
}

/** The guard of a host, found by the mark on its command line. */
function guardOf(mark: string): number | undefined {
  return readdirSync('/proc')
    .map(Number)
    .filter(Number.isInteger)
    .find((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return words.includes('local-runtimes-guard') && words.includes(mark);
      } catch {
        // It ended while we looked.
        return false;
      }
    });
}

const linuxOnly = process.platform === 'linux' ? false : 'the guard is looked for in /proc';
const everyKind = [
  'hides-in-its-group.mjs',
  'ignores-sigterm.mjs',
  'forks-a-grandchild.mjs',
  'forks-a-daemon.mjs',
  'hides-a-grandchild.mjs',
];

test(
  'a host killed by SIGKILL takes all its children with it, and the guard leaves',
  { skip: linuxOnly },
  async (t) => {
    const { process: killed, mark, pids } = await host(t, ...everyKind);
    assert.equal(pids.length, 9);
    assert.deepEqual(await living(pids), pids);
    const guard = guardOf(mark);
    assert.ok(guard);
    // Whoever ends a process with its tree must not find the guard in it.
    const rows = await createProcessTable().scan();
    assert.notEqual(rows.find((row) => row.pid === guard)?.parent, killed.pid);
    killed.kill('SIGKILL');
    await until('all are gone', async () => (await living(pids)).length === 0, 2_000);
    await until('the guard is gone', () => guardOf(mark) === undefined);
  },
);

test('a host killed with its whole group and tree does, too', { skip: linuxOnly }, async (t) => {
  const { process: killed, mark, pids } = await host(t, 'forks-a-daemon.mjs', 'hides-a-grandchild.mjs');
  assert.ok(killed.pid);
  process.kill(-killed.pid, 'SIGKILL');
  await until('all are gone', async () => (await living(pids)).length === 0, 2_000);
  await until('the guard is gone', () => guardOf(mark) === undefined);
});

test(
  'a host that is told to end by a signal it does not handle does, too',
  { skip: linuxOnly },
  async (t) => {
    const { process: ended, mark, pids } = await host(t, ...everyKind);
    ended.kill('SIGTERM');
    await until('all are gone', async () => (await living(pids)).length === 0, 2_000);
    await until('the guard is gone', () => guardOf(mark) === undefined);
  },
);

test('a host that exits without closing anything does, too', { skip: linuxOnly }, async (t) => {
  const { process: exiting, mark, pids } = await host(t, ...everyKind);
  exiting.kill('SIGUSR2');
  await until('all are gone', async () => (await living(pids)).length === 0, 2_000);
  await until('the guard is gone', () => guardOf(mark) === undefined);
});

test('a host in a worker that is terminated does, too', { skip: linuxOnly }, async (t) => {
  const mark = randomUUID();
  const [, path, ...argv] = program('a-host.ts', mark, ...everyKind);
  assert.ok(path);
  const worker = new Worker(path, { argv, stdout: true });
  t.after(() => worker.terminate());
  const pids = await pidsFrom(worker.stdout);
  assert.deepEqual(await living(pids), pids);
  await worker.terminate();
  await until('all are gone', async () => (await living(pids)).length === 0, 2_000);
  await until('the guard is gone', () => guardOf(mark) === undefined);
});

test('the guard of one host leaves the children of another alone', { skip: linuxOnly }, async (t) => {
  const first = await host(t, ...everyKind);
  const second = await host(t, ...everyKind);
  first.process.kill('SIGKILL');
  await until('all are gone', async () => (await living(first.pids)).length === 0, 2_000);
  await until('the guard is gone', () => guardOf(first.mark) === undefined);
  assert.deepEqual(await living(second.pids), second.pids);
});

test(
  'a guard that is killed is replaced, and the new one knows the groups',
  { skip: linuxOnly },
  async (t) => {
    const { process: killed, mark, pids } = await host(t, ...everyKind);
    const guard = guardOf(mark);
    assert.ok(guard);
    process.kill(guard, 'SIGKILL');
    await until('there is a new guard', () => ![undefined, guard].includes(guardOf(mark)));
    killed.kill('SIGKILL');
    // That two seconds are enough is shown above, with a guard that has been there all along.
    await until('all are gone', async () => (await living(pids)).length === 0);
  },
);

test('a host that closes in order sends its guard away', { skip: linuxOnly }, async (t) => {
  const mark = randomUUID();
  const spawner = createSpawner({ mark });
  t.after(() => spawner.close());
  assert.equal(guardOf(mark), undefined);
  const child = await started(spawner, program('forks-a-grandchild.mjs'));
  const pids = [child.pid, await pidFrom(child)];
  await until('there is a guard', () => guardOf(mark));
  await spawner.close();
  assert.deepEqual(await living(pids), []);
  await until('the guard is gone', () => guardOf(mark) === undefined);
});

test(
  'a group whose number was another’s a moment ago is guarded, until it is gone itself',
  { skip: linuxOnly },
  async (t) => {
    const [command, ...args] = program('a-host-of-two-groups.ts');
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => child.kill('SIGKILL'));
    const pids = await pidsFrom(child.stdout);
    t.after(async () => {
      for (const pid of await living(pids)) process.kill(pid, 'SIGKILL');
    });
    assert.deepEqual(await living(pids), pids);
    child.kill('SIGKILL');
    const [guarded = 0, left = 0] = pids;
    await until('the guarded one is gone', async () => (await living([guarded])).length === 0, 2_000);
    assert.deepEqual(await living(pids), [left]);
  },
);
