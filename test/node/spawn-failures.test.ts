/** Programs that are looked for and cannot be run, and spawns that the system refuses. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import type { SpawnFailure } from '../../src/core/outside.ts';
import { env, folderFor, program, spawnerFor, started } from './support.ts';

const run = promisify(execFile);
const linuxOnly = process.platform === 'linux' ? false : 'limits are set with means of Linux';
const isRoot = process.getuid?.() === 0;

test('a program is found by its path, along PATH, and along the PATH of its own (SV-4)', async (t) => {
  const folder = await folderFor(t);
  const tool = join(folder, 'tool');
  await writeFile(tool, '#!/bin/sh\nprintf "%s." "$@"\n');
  await chmod(tool, 0o755);
  const spawner = spawnerFor(t);
  const examine = async (name: string, path: string): Promise<SpawnFailure['cause'] | 'fine'> => {
    const failure = await spawner.examine({ argv: [name], cwd: folder, env: { PATH: path } });
    return failure === undefined ? 'fine' : failure.cause;
  };
  assert.deepEqual(
    {
      path: await examine(tool, ''),
      relative: await examine('./tool', '/bin'),
      missingPath: await examine(join(folder, 'none'), folder),
      own: await examine('tool', `/bin:${folder}`),
      other: await examine('tool', '/bin:/usr/bin'),
    },
    { path: 'fine', relative: 'fine', missingPath: 'not-found', own: 'fine', other: 'not-found' },
  );
  const child = await started(spawner, ['tool', 'a b', 'c'], { env: { PATH: `/bin:${folder}` } });
  assert.equal(await child.output.firstLine(), 'a b.c.');
});

test('a folder, a file that is no program, and one that is not for us fail in three ways (SV-5)', async (t) => {
  const folder = await folderFor(t);
  await chmod(folder, 0o755);
  await mkdir(join(folder, 'folder'));
  await writeFile(join(folder, 'plain'), '');
  await writeFile(join(folder, 'theirs'), '#!/bin/sh\n');
  // Nobody may read the names of causes from a mode that root ignores, so this one asks as somebody else.
  await chmod(join(folder, 'theirs'), 0o700);
  const spawner = spawnerFor(t);
  const examine = async (name: string): Promise<SpawnFailure | undefined> =>
    spawner.examine({ argv: [name], cwd: folder, env: { PATH: folder } });
  const causes = await Promise.all(['folder', 'plain', './folder', './plain'].map(examine));
  assert.deepEqual(
    causes.map((failure) => [failure?.cause, failure?.path]),
    [
      ['is-directory', join(folder, 'folder')],
      ['not-executable', join(folder, 'plain')],
      ['is-directory', join(folder, 'folder')],
      ['not-executable', join(folder, 'plain')],
    ],
  );
  if (isRoot) {
    const plan = { argv: [join(folder, 'theirs')], cwd: '/', env };
    const host = program('spawns.ts', JSON.stringify({ plans: [plan] }));
    const { stdout } = await run('setpriv', ['--reuid=65534', '--clear-groups', '--', ...host], { cwd: '/' });
    assert.equal(JSON.parse(stdout)[0].failure.cause, 'no-permission');
  } else {
    await chmod(join(folder, 'theirs'), 0o001);
    assert.equal((await examine('theirs'))?.cause, 'no-permission');
  }
});

test('the first file of that name along PATH counts, whether or not it can be run (SV-4)', async (t) => {
  const folder = await folderFor(t);
  await mkdir(join(folder, 'a'));
  await mkdir(join(folder, 'b'));
  await writeFile(join(folder, 'a', 'tool'), '');
  await writeFile(join(folder, 'b', 'tool'), '#!/bin/sh\n');
  await chmod(join(folder, 'b', 'tool'), 0o755);
  const failure = await spawnerFor(t).examine({
    argv: ['tool'],
    cwd: '/',
    env: { PATH: `${folder}/a:${folder}/b` },
  });
  assert.deepEqual([failure?.cause, failure?.path], ['not-executable', join(folder, 'a', 'tool')]);
});

test('without descriptors a spawn fails and leaves none open (SV-7, SV-8)', { skip: linuxOnly }, async () => {
  const plan = { argv: ['/bin/true'], cwd: '/', env, openStdin: true };
  for (const spare of [1, 3]) {
    const plans = Array.from({ length: 20 }, () => plan);
    const host = program('spawns.ts', JSON.stringify({ plans, spare }));
    const { stdout } = await run('/bin/bash', ['-c', 'ulimit -n 256; exec "$@"', 'bash', ...host]);
    const results = JSON.parse(stdout);
    assert.deepEqual(results[0].exit, { code: 0 });
    // What had been made ahead may have served some more.
    for (const { failure, more } of results.slice(-5))
      assert.deepEqual([failure?.cause, failure?.errno, more], ['too-many-files', 'EMFILE', 0]);
  }
});

test('with few descriptors left a spawn takes no more than it needs', { skip: linuxOnly }, async () => {
  const plan = { argv: ['/bin/echo', 'here'], cwd: '/', env };
  const host = program('spawns.ts', JSON.stringify({ plans: [plan, plan] }));
  const { stdout } = await run('/bin/bash', ['-c', 'ulimit -n 44; exec "$@"', 'bash', ...host]);
  for (const { lines } of JSON.parse(stdout)) assert.deepEqual(lines, [{ stream: 'stdout', text: 'here' }]);
});

test(
  'without room for a process a spawn fails, and all pipes are closed (SV-7, SV-8)',
  { skip: linuxOnly },
  async () => {
    const plan = { argv: ['/bin/true'], cwd: '/', env, openStdin: true };
    const host = program('spawns.ts', JSON.stringify({ plans: [plan, plan, plan], processes: 1 }));
    // The limit does not hold for root.
    const command = isRoot ? ['setpriv', '--reuid=65534', '--clear-groups', '--', ...host] : host;
    const { stdout } = await run(command[0] ?? '', command.slice(1), { cwd: '/' });
    const [first, ...others] = JSON.parse(stdout);
    assert.deepEqual(first.exit, { code: 0 });
    assert.deepEqual(
      others.map(({ failure, more }: { failure: SpawnFailure; more: number }) => [
        failure.cause,
        failure.errno,
        more,
      ]),
      [
        ['too-many-processes', 'EAGAIN', 0],
        ['too-many-processes', 'EAGAIN', 0],
      ],
    );
  },
);
