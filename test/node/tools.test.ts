/** Programs that are asked something or that make something. */

import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import type { Line } from '../../src/core/outside.ts';
import { firstRunnable } from '../../src/node/find-program.ts';
import { createPrograms } from '../../src/node/tools.ts';
import { env, folderFor, living, spawnerFor, until } from './support.ts';

test('tells what a program printed on each stream, and how it ended', async (t) => {
  const programs = createPrograms(spawnerFor(t));
  const cwd = await folderFor(t);
  const told = await programs.ask({
    argv: ['/bin/sh', '-c', 'echo one; echo two >&2; pwd; exit 3'],
    cwd,
    env,
    timeoutMs: 5000,
  });
  assert.deepEqual(told, { exit: { code: 3 }, stdout: `one\n${cwd}\n`, stderr: 'two\n' });
});

test('tells nothing of a program that is not there', async (t) => {
  const programs = createPrograms(spawnerFor(t));
  const call = { argv: ['/no/such/program'], cwd: '/', env, timeoutMs: 5000 } as const;
  assert.equal(await programs.ask(call), undefined);
});

test('kills what does not answer in time, with all that it has started', async (t) => {
  const programs = createPrograms(spawnerFor(t));
  const cwd = await folderFor(t);
  const argv = ['/bin/sh', '-c', 'sleep 1000 & echo $! > helper; wait'] as const;
  assert.equal(await programs.ask({ argv, cwd, env, timeoutMs: 300 }), undefined);
  const { readFile } = await import('node:fs/promises');
  assert.deepEqual(await living([Number(await readFile(join(cwd, 'helper'), 'utf8'))]), []);
});

test('keeps the end of a flood', async (t) => {
  const programs = createPrograms(spawnerFor(t));
  const told = await programs.ask({
    argv: ['/bin/sh', '-c', 'yes 0123456789 | head -n 200000; echo last'],
    cwd: '/',
    env,
    timeoutMs: 20_000,
  });
  assert.ok((told?.stdout.length ?? 0) <= 256 * 1024);
  assert.ok(told?.stdout.endsWith('0123456789\nlast\n'));
});

test('tells the lines of a step as they come, and ends it with its group when it is called off', async (t) => {
  const programs = createPrograms(spawnerFor(t));
  const lines: Line[] = [];
  const run = programs.run({
    argv: ['/bin/sh', '-c', 'echo begun; sleep 1000 & echo $!; wait'],
    cwd: '/',
    env,
    said: (more) => {
      lines.push(...more);
      return undefined;
    },
  });
  const pid = await until('the helper', () => lines[1]?.text);
  assert.equal(lines[0]?.text, 'begun');
  run.cancel();
  const end = await run.ended;
  assert.ok('exit' in end && end.exit.signal === 'SIGKILL');
  assert.deepEqual(await living([Number(pid)]), []);
});

test('holds a step back that prints faster than its lines are taken, and loses nothing of it', async (t) => {
  const programs = createPrograms(spawnerFor(t));
  let room: PromiseWithResolvers<void> | undefined = Promise.withResolvers<void>();
  let taken = 0;
  const run = programs.run({
    argv: ['/bin/sh', '-c', 'yes 0123456789abcdef | head -n 3000000; echo done > done'],
    cwd: await folderFor(t),
    env,
    said: (lines) => {
      taken += lines.length;
      return room?.promise;
    },
  });
  let ended = false;
  void run.ended.then(() => (ended = true));
  // Nothing more comes once its pipe is full.
  await until('it rests', async () => {
    const before = taken;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return before > 0 && taken === before;
  });
  assert.ok(!ended && taken < 1_000_000, `${taken} lines were told`);
  room.resolve();
  room = undefined;
  const end = await run.ended;
  assert.ok('exit' in end && end.exit.code === 0);
  assert.equal(taken, 3_000_000);
});

test('kills a step that is held back when it is called off', async (t) => {
  const programs = createPrograms(spawnerFor(t));
  let taken = 0;
  const run = programs.run({
    argv: ['/bin/sh', '-c', 'yes'],
    cwd: '/',
    env,
    said: (lines) => {
      taken += lines.length;
      return new Promise(() => undefined);
    },
  });
  await until('its first lines', () => taken > 0);
  run.cancel();
  const end = await run.ended;
  assert.ok('exit' in end && end.exit.signal === 'SIGKILL');
});

test('ends a step that is called off before it was born', async (t) => {
  const programs = createPrograms(spawnerFor(t));
  const run = programs.run({ argv: ['/bin/sh', '-c', 'sleep 1000'], cwd: '/', env, said: () => undefined });
  run.cancel();
  const end = await run.ended;
  assert.ok('exit' in end && end.exit.signal === 'SIGKILL');
});

test('finds the first program that can be run: all names in a folder before the next one', async (t) => {
  const folder = await folderFor(t);
  const [one, other] = [join(folder, 'one'), join(folder, 'other')];
  for (const each of [one, other]) await mkdir(each);
  const make = async (path: string, mode: number): Promise<void> => {
    await writeFile(path, '#!/bin/sh\n');
    await chmod(path, mode);
  };
  await make(join(one, 'python3'), 0o644);
  await mkdir(join(one, 'python'));
  await make(join(other, 'python'), 0o755);
  await make(join(other, 'python3.exe'), 0o755);
  const names = ['python3', 'python'];
  assert.equal(firstRunnable(names, [join(folder, 'none'), one, other], 'linux'), join(other, 'python'));
  assert.equal(firstRunnable(names, [one], 'linux'), undefined);
  // Windows knows programs by their extensions.
  assert.equal(firstRunnable(names, [one, other], 'win32', '.COM;.EXE'), join(other, 'python3.exe'));
  assert.equal(firstRunnable(['python3.exe'], [other], 'win32', '.COM;.EXE'), join(other, 'python3.exe'));
  assert.equal(firstRunnable(['python'], [other], 'win32', '.COM;.EXE'), undefined);
});
