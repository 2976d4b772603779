/** Log files: everything is in them, and they never grow beyond what was asked. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { LogFiles } from '../../src/node/log-files.ts';
import type { LogOptions } from '../../src/node/log-file.ts';
import { folderFor, program, settled, spawnerFor, started, until } from './support.ts';

const noFifo = process.platform === 'win32' ? 'there is no mkfifo' : false;

interface Setting {
  readonly folder: string;
  readonly path: string;
  readonly files: LogFiles;
  readonly failures: string[];
}

async function setting(t: TestContext): Promise<Setting> {
  const folder = await folderFor(t);
  const failures: string[] = [];
  const files = new LogFiles((path, reason) => failures.push(`${path}: ${reason}`));
  return { folder, path: join(folder, 'logs', 'a.log'), files, failures };
}

/** Writes each text when the one before is in the file. */
async function write(files: LogFiles, options: LogOptions, texts: readonly string[]): Promise<void> {
  const handle = files.open(options);
  for (const text of texts) {
    handle.write(Buffer.from(text));
    await files.settled();
  }
  handle.release();
  await files.settled();
}

async function contents(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(folder)).toSorted();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  );
}

test('a log file is made with its folder, and continued when it is there', async (t) => {
  const { files, path, failures } = await setting(t);
  await write(files, { path, maxBytes: 0, backups: 0 }, ['one\n', 'two\n']);
  await write(files, { path, maxBytes: 0, backups: 0 }, ['three\n']);
  assert.equal(await readFile(path, 'utf8'), 'one\ntwo\nthree\n');
  assert.deepEqual(failures, []);
});

test('a full file becomes .1, and that becomes .2; the oldest goes (SV-62)', async (t) => {
  const { files, folder, path } = await setting(t);
  await write(files, { path, maxBytes: 8, backups: 2 }, [
    'a 1\n',
    'a 2\n',
    'b 1\n',
    'b 2\n',
    'c 1\n',
    'c 2\n',
    'd 1\n',
    'd 2\n',
    'e\n',
  ]);
  assert.deepEqual(await contents(join(folder, 'logs')), {
    'a.log': 'e\n',
    'a.log.1': 'd 1\nd 2\n',
    'a.log.2': 'c 1\nc 2\n',
  });
});

test('without backups a full file is emptied (SV-62)', async (t) => {
  const { files, folder, path } = await setting(t);
  await write(files, { path, maxBytes: 4, backups: 0 }, ['one\n', 'two\n', '3\n']);
  assert.deepEqual(await contents(join(folder, 'logs')), { 'a.log': '3\n' });
});

test('a limit of 0 never rotates (SV-62)', async (t) => {
  const { files, folder, path } = await setting(t);
  await write(files, { path, maxBytes: 0, backups: 3 }, ['x'.repeat(100_000), 'y']);
  assert.deepEqual(Object.keys(await contents(join(folder, 'logs'))), ['a.log']);
});

test('a file is rotated between two lines, and no line is torn or lost', async (t) => {
  const { files, folder, path } = await setting(t);
  const lines = Array.from({ length: 2_000 }, (_, index) => `line ${index} ${'.'.repeat(index % 37)}\n`);
  const all = Buffer.from(lines.join(''));
  const handle = files.open({ path, maxBytes: 5_000, backups: 50 });
  for (let at = 0; at < all.length; at += 777) handle.write(all.subarray(at, at + 777));
  handle.release();
  await files.settled();
  const parts = Object.entries(await contents(join(folder, 'logs')));
  const inOrder = parts.toSorted(([a], [b]) => age(b) - age(a)).map(([, text]) => text);
  assert.equal(inOrder.join(''), all.toString());
  assert.ok(inOrder.length > 5);
  assert.ok(
    inOrder.slice(0, -1).every((text) => text.endsWith('\n') && text.length >= 5_000 && text.length < 5_100),
  );
});

function age(name: string): number {
  return Number(/\.(\d+)$/u.exec(name)?.[1] ?? 0);
}

test('a file that was full before is rotated with the first line', async (t) => {
  const { files, folder, path } = await setting(t);
  await mkdir(join(folder, 'logs'));
  await writeFile(path, 'old and long\n');
  await write(files, { path, maxBytes: 10, backups: 1 }, ['one\n', 'two\n']);
  assert.deepEqual(await contents(join(folder, 'logs')), {
    'a.log': 'two\n',
    'a.log.1': 'old and long\none\n',
  });
});

test('instances that follow each other on one path write one after the other', async (t) => {
  const { files, path } = await setting(t);
  const options = { path, maxBytes: 0, backups: 0 };
  const first = files.open(options);
  for (let index = 0; index < 100; index += 1) first.write(Buffer.from(`first ${index}\n`));
  first.release();
  const second = files.open(options);
  second.write(Buffer.from('second\n'));
  second.release();
  await files.settled();
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  assert.deepEqual([lines.length, lines.at(-2), lines.at(-1)], [101, 'first 99', 'second']);
});

test('with too much waiting for the disk the writer is held back, and let go on afterwards', async (t) => {
  const { files, path } = await setting(t);
  const handle = files.open({ path, maxBytes: 0, backups: 0 });
  const told: boolean[] = [];
  handle.onBackpressure((full) => told.push(full));
  for (let index = 0; index < 100; index += 1) handle.write(Buffer.alloc(65_536, 'x'));
  assert.deepEqual(told, [true]);
  await files.settled();
  assert.deepEqual(told, [true, false]);
  handle.release();
  await files.settled();
});

test(
  'a slow disk holds the child back, and in the end everything is in the file',
  { skip: noFifo },
  async (t) => {
    const path = join(await folderFor(t), 'slow.log');
    // A FIFO that nobody reads yet is the slowest of disks.
    execFileSync('mkfifo', [path]);
    const spawner = spawnerFor(t);
    const child = await started(spawner, program('floods-stderr.mjs', '20'), {
      log: { path, maxBytes: 0, backups: 0 },
    });
    await until('it floods', () => child.output.bytes > 0);
    const held = await settled(() => child.output.bytes);
    assert.ok(held > 4_000_000 && held < 5_000_000, String(held));
    let size = 0;
    for await (const chunk of createReadStream(path)) size += Buffer.byteLength(chunk);
    assert.deepEqual(await child.exited, { code: 0 });
    assert.equal(size, 20_000_000);
  },
);

test('a log that cannot be written is said once, and the output goes on', async (t) => {
  const folder = await folderFor(t);
  const path = join(folder, 'file', 'a.log');
  await writeFile(join(folder, 'file'), 'no folder');
  const failures: string[] = [];
  const spawner = spawnerFor(t, { onLogFailure: (file, reason) => failures.push(`${file}: ${reason}`) });
  const child = await started(spawner, program('floods-stderr.mjs', '20'), {
    log: { path, maxBytes: 0, backups: 0 },
  });
  assert.deepEqual(await child.exited, { code: 0 });
  assert.equal(child.output.bytes, 20_000_000);
  await spawner.close();
  assert.deepEqual(failures, [`${path}: it exists already`]);
});

test('whoever appends is told when there is room again, and never waits for a file that cannot be written', async (t) => {
  const { files, folder, path } = await setting(t);
  const plan = { path, maxBytes: 0, backups: 0 };
  files.append(plan, 'one\n');
  assert.equal(files.room(path), undefined);
  for (let count = 0; count < 100 && files.room(path) === undefined; count += 1)
    files.append(plan, 'x'.repeat(1024 * 1024));
  await (files.room(path) ?? assert.fail('there is room for all'));
  assert.equal(files.room(path), undefined);
  await writeFile(join(folder, 'file'), '');
  const broken = { ...plan, path: join(folder, 'file', 'a.log') };
  files.append(broken, 'x'.repeat(64 * 1024 * 1024));
  await files.room(broken.path);
  await files.close();
});
