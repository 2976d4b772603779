/** Files and commands for the core, with real ones; only the errors of another platform are made up. */

import assert from 'node:assert/strict';
import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { createFiles } from '../../src/node/files.ts';
import { env, folderFor, living, program, until } from './support.ts';

test('a temporary file is private, holds its bytes, and goes when all is closed', async (t) => {
  const files = createFiles();
  t.after(() => files.close());
  const path = await files.temporary(Buffer.from([0, 1, 255]));
  const other = await files.temporary(Buffer.from(''));
  assert.notEqual(path, other);
  assert.deepEqual(await readFile(path), Buffer.from([0, 1, 255]));
  if (process.platform !== 'win32') {
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await stat(dirname(path))).mode & 0o777, 0o700);
  }
  await files.close();
  assert.equal(await files.read(path), undefined);
  await assert.rejects(stat(dirname(path)), { code: 'ENOENT' });
});

test('a file that is not there has no text, and is removed already', async (t) => {
  const files = createFiles();
  const path = join(await folderFor(t), 'file');
  assert.equal(await files.read(path), undefined);
  assert.equal(await files.remove(path), true);
  await writeFile(path, 'ä\n');
  assert.equal(await files.read(path), 'ä\n');
  assert.equal(await files.remove(path), true);
  assert.equal(await files.read(path), undefined);
});

test('what cannot be removed is told, once, where there are no sharing violations (RP-19)', async (t) => {
  const waits: number[] = [];
  const files = createFiles({ platform: 'linux', wait: async (ms) => void waits.push(ms) });
  assert.equal(await files.remove(await folderFor(t)), false);
  assert.deepEqual(waits, []);
});

function refusing(code: string, times: number): { unlink(): Promise<void>; count: number } {
  return {
    count: 0,
    async unlink() {
      this.count += 1;
      if (this.count <= times) throw Object.assign(new Error(code), { code });
    },
  };
}

test('a sharing violation is tried again with growing pauses, ten times in all (RP-19)', async () => {
  const waits: number[] = [];
  const disk = refusing('EBUSY', Infinity);
  const files = createFiles({
    platform: 'win32',
    unlink: () => disk.unlink(),
    wait: async (ms) => void waits.push(ms),
  });
  assert.equal(await files.remove('x'), false);
  assert.equal(disk.count, 10);
  assert.deepEqual(waits, [125, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000]);
});

test('a sharing violation that passes is no failure, and another error ends the attempts (RP-19)', async () => {
  const passing = refusing('EPERM', 3);
  const other = refusing('EIO', 3);
  const of = (disk: { unlink(): Promise<void> }): Promise<boolean> =>
    createFiles({ platform: 'win32', unlink: () => disk.unlink(), wait: async () => undefined }).remove('x');
  assert.deepEqual([await of(passing), passing.count, await of(other), other.count], [true, 4, false, 1]);
});

test('a command runs to its end in its folder and environment', async (t) => {
  const files = createFiles();
  const folder = await folderFor(t);
  const run = (...args: readonly string[]): ReturnType<typeof files.run> =>
    files.run([process.execPath, '-e', ...args], folder, { ...env, CODE: '3' }, 10_000);
  assert.deepEqual(
    await Promise.all([
      run('process.exit(Number(process.env.CODE))'),
      run('require("fs").writeFileSync("made", process.env.HOME ?? "no home")'),
      run('process.kill(process.pid, "SIGKILL")'),
      files.run(['no-such-command'], folder, env, 10_000),
    ]),
    [{ code: 3 }, { code: 0 }, { signal: 'SIGKILL' }, { code: 127 }],
  );
  assert.equal(await readFile(join(folder, 'made'), 'utf8'), 'no home');
});

test('a command that takes too long is ended with what it started', async (t) => {
  const files = createFiles();
  const note = join(await folderFor(t), 'pid');
  const [command, fork] = program('forks-a-grandchild.mjs');
  const line = `"${command}" "${fork}" > "${note}"; sleep 60`;
  const running = files.run(['/bin/sh', '-c', line], '/', env, 1_500);
  const pid = await until('the grandchild is there', async () => Number(await files.read(note)) || undefined);
  assert.deepEqual(await living([pid]), [pid]);
  assert.equal(await running, undefined);
  await until('it is gone', async () => (await living([pid])).length === 0);
});

test('files are found behind links to folders as well, and never in a circle', async (t) => {
  const { files, folder } = { files: createFiles(), folder: await folderFor(t) };
  t.after(() => files.close());
  const root = join(folder, 'root');
  for (const path of [join(root, 'own'), join(folder, 'beside', 'deep')])
    await mkdir(path, { recursive: true });
  await writeFile(join(root, 'own', 'a.go'), 'a');
  await writeFile(join(folder, 'beside', 'deep', 'b.go'), 'b');
  for (const [target, name] of [
    [join(folder, 'beside'), join(root, 'linked')],
    [join(folder, 'beside'), join(root, 'linked-again')],
    [root, join(root, 'own', 'circle')],
    [folder, join(root, 'above')],
    [join(folder, 'beside'), join(folder, 'beside', 'deep', 'round')],
    [join(folder, 'nowhere'), join(root, 'dangling')],
  ] as const)
    await symlink(target, name);
  const found = await files.matching({ root, paths: ['**/*.go'], ignore: [] });
  assert.deepEqual(
    found.map(({ path }) => path.slice(root.length + 1)),
    ['linked-again/deep/b.go', 'linked/deep/b.go', 'own/a.go'],
  );
});
