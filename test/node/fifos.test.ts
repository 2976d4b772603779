/** The pipes of children: FIFOs made ahead, nothing left behind, nothing handed on. */

import assert from 'node:assert/strict';
import { closeSync, existsSync, readdirSync, readlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { Stream } from '../../src/core/outside.ts';
import { createFifoPool, fifoFolders } from '../../src/node/fifo-pool.ts';
import {
  descriptors,
  descriptorsOf,
  env,
  folderFor,
  inherited,
  spawnerFor,
  started,
  until,
} from './support.ts';

const skip = process.platform === 'linux' ? false : 'FIFOs are used on Linux only';

/** A shell as a child; light enough to be started a thousand times. */
const shell = (script: string): readonly [string, ...string[]] => ['/bin/sh', '-c', script];

test(
  'both outputs of a child are FIFOs without a name, and so it can open them again',
  { skip },
  async (t) => {
    const child = await started(spawnerFor(t), shell('echo out; echo err > /dev/stderr; sleep 60'));
    await until('it has printed', () => child.output.tail().length === 2);
    const links = [1, 2].map((fd) => readlinkSync(`/proc/${child.pid}/fd/${fd}`));
    assert.match(links.join('\n'), /^(\S+local-runtimes-fifos-\S+ \(deleted\)\n?){2}$/u);
  },
);

test('a child gets no descriptors but its three (SV-10)', { skip }, async (t) => {
  const folder = await folderFor(t);
  const spawner = spawnerFor(t);
  const log = { path: join(folder, 'a.log'), maxBytes: 0, backups: 0 };
  const first = await started(spawner, shell('echo here; cat'), { openStdin: true, log });
  await until('its log is open', () => readdirSync(folder).length > 0);
  const second = await started(spawner, ['/bin/sleep', '60'], { openStdin: true });
  // What this test run was handed by whoever started it is not from us.
  const foreign = inherited();
  const own = (pid: number): readonly string[] => descriptorsOf(pid).filter((fd) => !foreign.includes(fd));
  // A program that is being loaded has its libraries open for a moment.
  await until('both are loaded', () => [first, second].every(({ pid }) => own(pid).length <= 3));
  assert.ok(descriptors() > 20 + foreign.length);
  assert.deepEqual(
    [own(first.pid), own(second.pid)],
    [
      ['0', '1', '2'],
      ['0', '1', '2'],
    ],
  );
});

test('a thousand starts leave no descriptor behind', { skip, timeout: 120_000 }, async (t) => {
  const spawner = spawnerFor(t);
  const round = async (): Promise<void> => {
    const children = await Promise.all(
      Array.from({ length: 50 }, () => started(spawner, shell('echo a; echo b >&2'), { openStdin: true })),
    );
    const exits = await Promise.all(children.map((child) => child.exited));
    assert.ok(exits.every(({ code }) => code === 0));
    assert.deepEqual(new Set(children.map((child) => child.output.bytes)), new Set([4]));
  };
  await round();
  const before = descriptors();
  for (let count = 1; count < 20; count += 1) await round();
  // Some more or fewer may lie ready at any moment, but a leak would be a thousand.
  await until('what lies ready is let go', () => descriptors() < before + 40);
});

test('starts that fail before there is a child leave no descriptor behind', { skip }, async (t) => {
  const spawner = spawnerFor(t);
  // The system takes no argument with a NUL in it, and Node says so by throwing.
  const fail = async (): Promise<void> => {
    const born = await spawner.spawn({ argv: ['/bin/echo', 'a\0b'], cwd: tmpdir(), env });
    assert.ok(!('pid' in born), 'it started');
  };
  await fail();
  const before = descriptors();
  for (let count = 0; count < 100; count += 1) await fail();
  await until('what lies ready is let go', () => descriptors() < before + 40);
});

test('closing leaves neither descriptors nor folders', { skip }, async () => {
  const mine = (): readonly string[] =>
    fifoFolders
      .filter(existsSync)
      .flatMap((folder) => readdirSync(folder))
      .filter((name) => name.startsWith('local-runtimes-fifos-'));
  const before = descriptors();
  const pool = createFifoPool();
  const taken = await pool.take(3);
  assert.equal(taken?.length, 3);
  const names = mine();
  for (const { read, write } of taken ?? []) {
    closeSync(read);
    closeSync(write);
  }
  await pool.close();
  assert.equal(await pool.take(1), undefined);
  assert.ok(descriptors() <= before, `${descriptors()} after ${before}`);
  await until('its folder is gone', () => mine().length <= names.length);
});

test('a start does not wait for mkfifo when there are FIFOs left', { skip }, async (t) => {
  const pool = createFifoPool();
  t.after(() => pool.close());
  const [first] = (await pool.take(1)) ?? [];
  assert.ok(first !== undefined);
  writeSync(first.write, 'whole');
  // Nothing but microtasks may pass: no process can be run in them.
  let ready = false;
  void pool.take(2).then(() => (ready = true));
  await Promise.resolve();
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(ready, true);
});

test('without mkfifo there are no FIFOs, and nobody is kept waiting for them', async () => {
  const pool = createFifoPool({ program: '/no/such/mkfifo' });
  assert.equal(await pool.take(2), undefined);
  await pool.close();
});

for (const pipes of ['fifo', 'ordinary'] as const) {
  test(`with ${pipes} pipes, the output ends when the last one who holds it has gone (SV-60)`, async (t) => {
    const spawner = spawnerFor(t, { pipes });
    const child = await started(spawner, shell('(sleep 0.05; echo late) & echo early'), { env });
    assert.deepEqual(await child.exited, { code: 0 });
    assert.deepEqual(
      child.output.tail().map(({ text }) => text),
      ['early', 'late'],
    );
  });

  test(`with ${pipes} pipes, everything a child printed has been read when its exit is told (SV-37)`, async (t) => {
    const child = await started(
      spawnerFor(t, { pipes }),
      shell('head -c 60000 /dev/zero; echo last >&2; exit 3'),
    );
    assert.deepEqual(await child.exited, { code: 3 });
    assert.equal(child.output.bytes, 60_005);
  });

  test(`with ${pipes} pipes, redirected stderr is stdout in every respect, in order (SV-13)`, async (t) => {
    const folder = await folderFor(t);
    const path = join(folder, 'out.log');
    const other = join(folder, 'err.log');
    const plan = { maxBytes: 0, backups: 0 };
    const spawner = spawnerFor(t, { pipes });
    const script = 'for i in 1 2 3 4 5 6 7 8 9; do echo out $i; echo err $i >&2; done';
    const child = await started(spawner, shell(script), {
      redirectStderr: true,
      logs: { stdout: { path, ...plan }, stderr: { path: other, ...plan } },
    });
    await child.exited;
    const lines = child.output.tail();
    const expected = Array.from({ length: 9 }, (_, i) => [`out ${i + 1}`, `err ${i + 1}`]).flat();
    assert.deepEqual(
      lines,
      expected.map((text) => ({ stream: 'stdout', text })),
    );
    const read = await spawner.logs.read(path, 0, 1_000);
    assert.equal(Buffer.from(read?.bytes ?? []).toString(), `${expected.join('\n')}\n`);
    assert.deepEqual(readdirSync(folder), ['out.log']);
  });
}

test('children that start together have pipes of their own', async (t) => {
  const spawner = spawnerFor(t);
  const children = await Promise.all(
    Array.from({ length: 30 }, (_, index) => started(spawner, shell(`echo $$; echo ${index} >&2`))),
  );
  await Promise.all(children.map((child) => child.exited));
  const texts = (stream: Stream): readonly string[] =>
    children.map((child) =>
      child.output
        .tail(100, stream)
        .map(({ text }) => text)
        .join(),
    );
  assert.deepEqual(
    texts('stdout'),
    children.map(({ pid }) => String(pid)),
  );
  assert.deepEqual(
    texts('stderr'),
    children.map((_, index) => String(index)),
  );
});
