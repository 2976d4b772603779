/** What happens between the birth of a child and its program: folder, user, mask, and failing at them. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, realpath, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { Child, SpawnPlan } from '../../src/core/outside.ts';
import { env, folderFor, program, spawnerFor, started } from './support.ts';

const run = promisify(execFile);
const skip = process.platform === 'win32' ? 'Windows has neither masks nor users to change to' : false;
const isRoot = process.getuid?.() === 0;
const rootOnly = isRoot ? skip : 'only root can become another user';
const notSpawned = 'supervisor: child process was not spawned';

const shell = (script: string): SpawnPlan['argv'] => ['/bin/sh', '-c', script];

async function ended(child: Child): Promise<{ code: number | undefined; lines: readonly string[] }> {
  const { code } = await child.exited;
  return { code, lines: child.output.tail().map(({ stream, text }) => `${stream}: ${text}`) };
}

async function outcome(
  t: TestContext,
  argv: SpawnPlan['argv'],
  more: Partial<SpawnPlan>,
): Promise<{ code: number | undefined; lines: readonly string[] }> {
  return ended(await started(spawnerFor(t), argv, more));
}

test('a child leads a session and a group of its own (SV-10)', { skip }, async (t) => {
  const { lines } = await outcome(t, shell('echo $$ $(ps -o pgid= -o sid= -p $$)'), {});
  const [pid, group, session] = lines.join().replace('stdout: ', '').split(' ');
  assert.deepEqual([group, session], [pid, pid]);
});

test('a child has the mask it was given, and what it was given else (SV-10)', { skip }, async (t) => {
  const folder = await realpath(await folderFor(t));
  const child = await started(spawnerFor(t), shell('umask; pwd; echo "$1 $COLOUR"; : > made; cat'), {
    cwd: folder,
    umask: 0o027,
    env: { ...env, COLOUR: 'blue' },
    stdin: Buffer.from('given\n'),
  });
  assert.deepEqual(await ended(child), {
    code: 0,
    lines: ['stdout: 0027', `stdout: ${folder}`, 'stdout:  blue', 'stdout: given'],
  });
  assert.equal((await stat(join(folder, 'made'))).mode & 0o777, 0o640);
});

test('a mask changes neither arguments nor environment (SV-10)', { skip }, async (t) => {
  const folder = await realpath(await folderFor(t));
  const plain = await started(spawnerFor(t, { mark: 'm' }), program('echoes-stdin.mjs', 'a b', '*', ''), {
    cwd: folder,
  });
  const masked = await started(spawnerFor(t, { mark: 'm' }), program('echoes-stdin.mjs', 'a b', '*', ''), {
    cwd: folder,
    umask: 0o77,
  });
  const [first, second] = await Promise.all([plain.output.firstLine(), masked.output.firstLine()]);
  const { PWD: _, ...environment } = JSON.parse(second).env;
  assert.deepEqual({ ...JSON.parse(second), env: environment }, JSON.parse(first));
});

test(
  'a program becomes the user it was given, with all groups, in its folder (SV-10)',
  { skip: rootOnly },
  async (t) => {
    const { stdout: groups } = await run('id', ['-G', 'nobody']);
    const script = 'id -u; id -g; id -G; pwd; umask; echo $HOME; echo again > /dev/stderr';
    assert.deepEqual(
      await outcome(t, shell(script), {
        user: 'nobody',
        cwd: '/usr',
        umask: 0o77,
        env: { ...env, HOME: '/root' },
      }),
      {
        code: 0,
        lines: [
          `stdout: ${(await run('id', ['-u', 'nobody'])).stdout.trim()}`,
          `stdout: ${(await run('id', ['-g', 'nobody'])).stdout.trim()}`,
          `stdout: ${groups.trim()}`,
          'stdout: /usr',
          'stdout: 0077',
          'stdout: /root',
          'stderr: again',
        ],
      },
    );
  },
);

test('a child that is another user takes signals from us (SV-10)', { skip: rootOnly }, async (t) => {
  const child = await started(spawnerFor(t), ['sleep', '60'], { user: 'nobody' });
  assert.equal(child.signal('TERM', 'process'), true);
  assert.deepEqual(await child.exited, { signal: 'SIGTERM' });
});

test('being the user already is no change, by name and by number (SV-10)', { skip }, async (t) => {
  const uid = String(process.getuid?.());
  const { stdout: name } = await run('id', ['-un']);
  for (const user of [uid, name.trim()])
    assert.deepEqual(await outcome(t, shell('id -u'), { user }), { code: 0, lines: [`stdout: ${uid}`] });
});

test('a user who is not there is told by the child, which exits with 127 (SV-11)', { skip }, async (t) => {
  assert.deepEqual(await outcome(t, shell('echo never'), { user: 'no-such-user' }), {
    code: 127,
    lines: [
      "stderr: supervisor: couldn't setuid to no-such-user: Can't find username 'no-such-user'",
      `stderr: ${notSpawned}`,
    ],
  });
  assert.deepEqual(await outcome(t, shell('echo never'), { user: '765432' }), {
    code: 127,
    lines: ["stderr: supervisor: couldn't setuid to 765432: Can't find uid 765432", `stderr: ${notSpawned}`],
  });
});

test('who is not root cannot become somebody else, and says so (SV-11)', { skip }, async (t) => {
  const words = [
    "stderr: supervisor: couldn't setuid to root: Can't drop privilege as nonroot user",
    `stderr: ${notSpawned}`,
  ];
  if (!isRoot) {
    assert.deepEqual(await outcome(t, shell('echo never'), { user: 'root' }), { code: 127, lines: words });
    return;
  }
  const plan = { argv: shell('echo never'), cwd: '/', env, user: 'root' };
  const host = program('spawns.ts', JSON.stringify({ plans: [plan] }));
  const { stdout } = await run('setpriv', ['--reuid=65534', '--clear-groups', '--', ...host], { cwd: '/' });
  const [{ exit, lines }] = JSON.parse(stdout);
  assert.deepEqual(exit, { code: 127 });
  assert.deepEqual(
    lines.map(({ stream, text }: { stream: string; text: string }) => `${stream}: ${text}`),
    words,
  );
});

test('for a program a folder that cannot be entered is told by the child (SV-11)', { skip }, async (t) => {
  const folder = await folderFor(t);
  const gone = join(folder, 'gone');
  const plain = join(folder, 'plain');
  await writeFile(plain, '');
  const failure = async (cwd: string, more: Partial<SpawnPlan> = {}): Promise<unknown> =>
    outcome(t, shell('echo never'), { cwd, asSupervisor: true, ...more });
  const words = (cwd: string, errno: string): unknown => ({
    code: 127,
    lines: [`stderr: supervisor: couldn't chdir to ${cwd}: ${errno}`, `stderr: ${notSpawned}`],
  });
  assert.deepEqual(await failure(gone), words(gone, 'ENOENT'));
  assert.deepEqual(await failure(plain), words(plain, 'ENOTDIR'));
  assert.deepEqual(await failure(gone, { umask: 0 }), words(gone, 'ENOENT'));
});

test('a folder is entered by the user that the program is (SV-11)', { skip: rootOnly }, async (t) => {
  const folder = await folderFor(t);
  const closed = join(folder, 'closed');
  await mkdir(closed, { mode: 0o700 });
  await chmod(folder, 0o755);
  const failure = async (cwd: string): Promise<unknown> =>
    outcome(t, shell('echo never'), { cwd, asSupervisor: true, user: 'nobody' });
  const words = (cwd: string, errno: string): unknown => ({
    code: 127,
    lines: [`stderr: supervisor: couldn't chdir to ${cwd}: ${errno}`, `stderr: ${notSpawned}`],
  });
  assert.deepEqual(await failure(closed), words(closed, 'EACCES'));
  assert.deepEqual(await failure(join(folder, 'gone')), words(join(folder, 'gone'), 'ENOENT'));
});

test('for a program that the system will not run, the child tells it (SV-11)', { skip }, async (t) => {
  const folder = await folderFor(t);
  const orphan = join(folder, 'orphan');
  await writeFile(orphan, '#!/no/such/shell\n');
  const bare = join(folder, 'bare');
  await writeFile(bare, 'neither a script nor a program');
  await chmod(orphan, 0o755);
  await chmod(bare, 0o755);
  for (const more of [{}, { umask: 0o22 }]) {
    for (const [path, errno] of [
      [orphan, 'ENOENT'],
      [bare, 'ENOEXEC'],
    ] as const) {
      assert.deepEqual(await outcome(t, [path, 'x'], { asSupervisor: true, ...more }), {
        code: 127,
        lines: [`stderr: supervisor: couldn't exec ${path}: ${errno}`, `stderr: ${notSpawned}`],
      });
    }
  }
});

test('a program that its user may not run is told by the child (SV-11)', { skip: rootOnly }, async (t) => {
  const folder = await folderFor(t);
  await chmod(folder, 0o755);
  const path = join(folder, 'mine');
  await writeFile(path, '#!/bin/sh\n');
  await chmod(path, 0o700);
  assert.deepEqual(await outcome(t, [path], { asSupervisor: true, user: 'nobody', cwd: '/' }), {
    code: 127,
    lines: [`stderr: supervisor: couldn't exec ${path}: EACCES`, `stderr: ${notSpawned}`],
  });
});
