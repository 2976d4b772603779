/** How children begin and end, with real ones. */

import assert from 'node:assert/strict';
import { chmod, mkdir, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { SpawnPlan } from '../../src/core/outside.ts';
import { env, folderFor, living, pidFrom, program, run, spawnerFor, started, until } from './support.ts';

test('a child gets exactly the arguments, the folder and the environment of its plan, and the marks', async (t) => {
  const folder = await realpath(await folderFor(t));
  const spawner = spawnerFor(t, { mark: 'a-mark' });
  const child = await started(spawner, program('echoes-stdin.mjs', 'a b', '*', ''), {
    cwd: folder,
    env: { ...env, COLOUR: 'blue' },
  });
  const told = JSON.parse(await child.output.firstLine());
  assert.deepEqual(told, {
    text: '',
    cwd: folder,
    args: ['a b', '*', ''],
    env: {
      ...env,
      COLOUR: 'blue',
      LOCAL_RUNTIMES_HOST: 'a-mark',
      LOCAL_RUNTIMES_INSTANCE: 'a-mark.1',
      // macOS adds one of its own to every process.
      ...(told.env.__CF_USER_TEXT_ENCODING === undefined
        ? {}
        : { __CF_USER_TEXT_ENCODING: told.env.__CF_USER_TEXT_ENCODING }),
    },
  });
});

test('stdin holds the bytes of the plan and then ends (RP-1)', async (t) => {
  const text = 'x'.repeat(300_000);
  const child = await started(spawnerFor(t), program('echoes-stdin.mjs'), { stdin: Buffer.from(text) });
  const told: { text: string } = JSON.parse(await readAll(child));
  assert.equal(told.text, text);
});

test('a child that does not read its stdin is no trouble', async (t) => {
  const child = await started(spawnerFor(t), program('exits-with.mjs', '0'), {
    stdin: Buffer.alloc(5_000_000),
  });
  assert.deepEqual(await child.exited, { code: 0 });
});

test('an exit tells its code, or its signal', async (t) => {
  const spawner = spawnerFor(t);
  const seven = await started(spawner, program('exits-with.mjs', '7'));
  const aborted = await started(spawner, program('ends-by-signal.mjs', 'SIGKILL'));
  assert.deepEqual([await seven.exited, await aborted.exited], [{ code: 7 }, { signal: 'SIGKILL' }]);
});

test('a child that ignores SIGTERM goes on, and SIGKILL ends it (RP-37)', async (t) => {
  const child = await run(t, 'ignores-sigterm.mjs');
  await child.output.firstLine();
  assert.equal(child.signal('TERM'), true);
  await until('the signal arrives', () => child.output.tail().some((line) => line.text === 'ignored'));
  assert.equal(child.signal('KILL'), true);
  assert.deepEqual(await child.exited, { signal: 'SIGKILL' });
});

test('a signal reaches the whole group', async (t) => {
  const child = await run(t, 'forks-a-grandchild.mjs');
  const grandchild = await pidFrom(child);
  assert.equal(child.signal('SIGTERM'), true);
  assert.deepEqual(await child.exited, { signal: 'SIGTERM' });
  await until('the grandchild ends', async () => (await living([grandchild])).length === 0);
});

test('a signal to a child that has gone is answered, not thrown (RP-38)', async (t) => {
  const child = await run(t, 'exits-with.mjs', '0');
  await child.exited;
  assert.equal(child.signal('TERM'), false);
});

test('a signal that this platform does not have reaches nobody', async (t) => {
  const child = await run(t, 'stays.mjs');
  assert.equal(child.signal('NOSUCH'), false);
  assert.deepEqual(await living([child.pid]), [child.pid]);
});

for (const [name, what] of [
  ['forks-a-grandchild.mjs', 'a grandchild of its group'],
  ['forks-a-daemon.mjs', 'a daemon that has left group and tree'],
  ['hides-a-grandchild.mjs', 'a grandchild that has left the group and dropped the mark'],
  ['hides-in-its-group.mjs', 'one of its group that has lost its parent and dropped the mark'],
] as const) {
  test(`a sweep ends the child and ${what}`, async (t) => {
    const child = await run(t, name);
    const other = await pidFrom(child);
    assert.deepEqual(await living([child.pid, other]), [child.pid, other]);
    await child.sweep();
    assert.deepEqual(await living([child.pid, other]), []);
    assert.deepEqual(await child.exited, { signal: 'SIGKILL' });
  });
}

for (const name of ['forks-a-daemon.mjs', 'hides-a-grandchild.mjs']) {
  test(`a sweep after the end finds what ${name} left, also when it has lost its parent`, async (t) => {
    const child = await run(t, name);
    const left = await pidFrom(child);
    child.signal('KILL');
    await child.exited;
    assert.deepEqual(await living([left]), [left]);
    await child.sweep();
    assert.deepEqual(await living([left]), []);
  });
}

test('a sweep leaves the children of others alone', async (t) => {
  const spawner = spawnerFor(t);
  const first = await started(spawner, program('forks-a-daemon.mjs'));
  const second = await started(spawner, program('forks-a-daemon.mjs'));
  const kept = [second.pid, await pidFrom(second)];
  await first.output.firstLine();
  await first.sweep();
  assert.deepEqual(await living(kept), kept);
});

test('a grandchild that holds the pipe does not hold up the exit (6.4)', async (t) => {
  const child = await run(t, 'leaves-the-pipe-open.mjs');
  const grandchild = await pidFrom(child);
  assert.deepEqual(await child.exited, { code: 0 });
  assert.deepEqual(await living([grandchild]), [grandchild]);
  await child.sweep();
  assert.deepEqual(await living([grandchild]), []);
});

test('closing ends every child with all it left behind, and nothing is spawned afterwards', async (t) => {
  const spawner = spawnerFor(t);
  const children = await Promise.all(
    ['ignores-sigterm.mjs', 'forks-a-grandchild.mjs', 'forks-a-daemon.mjs'].map((name) =>
      started(spawner, program(name)),
    ),
  );
  const others = await Promise.all(children.slice(1).map(pidFrom));
  await spawner.close();
  assert.deepEqual(await living([...children.map((child) => child.pid), ...others]), []);
  const late = await spawner.spawn({ argv: program('stays.mjs'), cwd: tmpdir(), env });
  assert.ok('reason' in late);
});

test('what cannot be run says why, and what to do about it (6.3)', async (t) => {
  const folder = await folderFor(t);
  await mkdir(join(folder, 'a-folder'));
  await writeFile(join(folder, 'plain'), 'text');
  await writeFile(join(folder, 'script'), '#!/no/such/shell\n');
  await chmod(join(folder, 'script'), 0o755);
  const spawner = spawnerFor(t);
  const failure = async (plan: Partial<SpawnPlan> & Pick<SpawnPlan, 'argv'>): Promise<unknown> =>
    spawner.spawn({ cwd: folder, env: { PATH: '/bin:/usr/bin' }, ...plan });
  assert.deepEqual(
    {
      missing: await failure({ argv: ['no-such-command'] }),
      missingPath: await failure({ argv: ['./no-such-command'] }),
      directory: await failure({ argv: ['./a-folder'] }),
      notExecutable: await failure({ argv: ['./plain'] }),
      interpreter: await failure({ argv: ['./script'] }),
      folder: await failure({ argv: ['ls'], cwd: join(folder, 'gone') }),
      noFolder: await failure({ argv: ['ls'], cwd: join(folder, 'plain') }),
      tooLong: await failure({ argv: ['ls', 'x'.repeat(4_000_000)] }),
    },
    {
      missing: {
        reason: 'cannot find the command "no-such-command"',
        way: 'Install it, or give its full path. It was looked for along PATH: /bin:/usr/bin',
        cause: 'not-found',
        errno: 'ENOENT',
      },
      missingPath: {
        reason: `cannot find the command ${join(folder, 'no-such-command')}`,
        way: 'Check its path; a relative one starts at "cwd".',
        cause: 'not-found',
        errno: 'ENOENT',
      },
      directory: {
        reason: `the command ${join(folder, 'a-folder')} is a directory`,
        way: 'Name the program inside it.',
        cause: 'is-directory',
        errno: 'EACCES',
        path: join(folder, 'a-folder'),
      },
      notExecutable: {
        reason: `the command ${join(folder, 'plain')} is not executable`,
        way: `Make it executable: chmod +x ${join(folder, 'plain')}`,
        cause: 'not-executable',
        errno: 'EACCES',
        path: join(folder, 'plain'),
      },
      interpreter: {
        reason: `${join(folder, 'script')} asks to be run by /no/such/shell, which does not exist`,
        way: 'Install that program, or correct the first line of the script.',
        errno: 'ENOENT',
        path: join(folder, 'script'),
      },
      folder: {
        reason: `its folder ${join(folder, 'gone')} does not exist`,
        way: 'Create the folder, or change "cwd".',
        cause: 'no-directory',
        errno: 'ENOENT',
      },
      noFolder: {
        reason: `its folder ${join(folder, 'plain')} is not a folder`,
        way: 'Create the folder, or change "cwd".',
        cause: 'no-directory',
        errno: 'ENOTDIR',
      },
      tooLong: {
        reason: 'the command line is too long',
        way: 'Shorten the arguments and the environment.',
        errno: 'E2BIG',
      },
    },
  );
});

async function readAll(child: Awaited<ReturnType<typeof started>>): Promise<string> {
  const lines: string[] = [];
  child.output.onLines((some) => lines.push(...some.map((line) => line.text)));
  await child.exited;
  return lines.join('');
}
