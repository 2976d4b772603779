/** The tee, with real children. */

import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import type { Line } from '../../src/core/outside.ts';
import { folderFor, program, run, settled, spawnerFor, started, until } from './support.ts';

const texts = (lines: readonly Line[]): readonly string[] => lines.map((line) => line.text);

test('the tail keeps exactly the last lines while all of them reach the listener in order (RP-34)', async (t) => {
  const child = await run(t, 'prints-lines.mjs', '250');
  const seen: string[] = [];
  child.output.onLines((lines) => seen.push(...texts(lines)));
  await child.exited;
  const all = Array.from({ length: 250 }, (_, index) => `line${index + 1}`);
  assert.deepEqual(seen, all);
  assert.deepEqual(texts(child.output.tail()), all.slice(-100));
  assert.deepEqual(child.output.tail(3), [
    { stream: 'stderr', text: 'line248' },
    { stream: 'stderr', text: 'line249' },
    { stream: 'stderr', text: 'line250' },
  ]);
  assert.deepEqual(child.output.tail(3, 'stdout'), []);
  assert.deepEqual(child.output.tail(0), []);
});

test('a first line that comes in pieces is taken whole, and only what follows it is teed', async (t) => {
  const child = await run(t, 'prints-its-port-in-pieces.mjs');
  const seen: string[] = [];
  child.output.onLines((lines) => seen.push(...texts(lines)));
  assert.equal(await child.output.firstLine(), '30000\n');
  await child.exited;
  assert.deepEqual(seen, ['after €', 'end']);
  assert.deepEqual(texts(child.output.tail()), ['after €', 'end']);
  assert.equal(child.output.bytes, Buffer.byteLength('30000\nafter €\r\nend'));
});

test('nobody asks for the first line: it is output like any other', async (t) => {
  const child = await run(t, 'prints-its-port-in-pieces.mjs');
  await child.exited;
  assert.deepEqual(texts(child.output.tail()), ['30000', 'after €', 'end']);
  assert.equal(await child.output.firstLine(), '30000\n');
});

test('stdout that ends without a word gives an empty first line, while the child goes on (RP-7)', async (t) => {
  const child = await run(t, 'closes-stdout.mjs');
  assert.equal(await child.output.firstLine(), '');
  await until('it is still here', () => texts(child.output.tail()).includes('still here'));
});

test('a first line without a newline is given when stdout ends (RP-2)', async (t) => {
  const child = await started(spawnerFor(t), ['node', '-e', 'process.stdout.write("30000")']);
  assert.equal(await child.output.firstLine(), '30000');
});

test('a first line that never ends is given up as what it is, and shown', async (t) => {
  const child = await started(spawnerFor(t), [
    'node',
    '-e',
    'process.stdout.write("x".repeat(100000)); setInterval(() => {}, 1000)',
  ]);
  const line = await child.output.firstLine();
  assert.match(line, /^x{65537,100000}$/u);
  await until('all of it is teed', () => texts(child.output.tail()).join('').length === 100_000);
});

test('both streams come in the order they were read in, and each piece is told as activity', async (t) => {
  const child = await run(t, 'alternates-on-sigusr2.mjs');
  let pieces = 0;
  child.output.onActivity(() => (pieces += 1));
  await until('it is ready', () => pieces === 1);
  for (let number = 0; number < 5; number += 1) {
    child.signal('USR2');
    await until('it prints', () => pieces === number + 2);
  }
  assert.deepEqual(
    child.output.tail().map((line) => `${line.stream} ${line.text}`),
    ['stdout ready', 'stdout 0', 'stderr 1', 'stdout 2', 'stderr 3', 'stdout 4'],
  );
});

test('a late listener gets whole lines', async (t) => {
  const child = await run(t, 'ends-its-line-on-sigusr2.mjs');
  const seen: string[] = [];
  await until('it has begun', () => child.output.bytes > 0);
  child.output.onLines((lines) => seen.push(...texts(lines)));
  child.signal('USR2');
  await child.exited;
  assert.deepEqual(seen, ['begun', 'next']);
});

test('a paused reader holds the child back, and a resumed one gets every line', async (t) => {
  const child = await run(t, 'floods-stderr.mjs', '20');
  let lines = 0;
  let last = '';
  child.output.onLines((some) => {
    lines += some.length;
    last = some.at(-1)?.text ?? last;
  });
  await until('it floods', () => child.output.bytes > 0);
  child.output.pause();
  const held = await settled(() => child.output.bytes);
  assert.ok(held < 20_000_000, String(held));
  child.output.resume();
  assert.deepEqual(await child.exited, { code: 0 });
  assert.deepEqual([lines, last], [200_000, '200000'.padStart(99, '.')]);
});

test('the last words of a child are read though its reader has paused', async (t) => {
  const child = await run(t, 'prints-lines.mjs', '100');
  child.output.pause();
  await child.exited;
  assert.equal(texts(child.output.tail()).at(-1), 'line100');
});

test('a flood of 200 MB loses neither a byte of the log nor the tail, in bounded memory', async (t) => {
  const folder = await folderFor(t);
  const path = join(folder, 'flood.log');
  const spawner = spawnerFor(t);
  const child = await started(spawner, program('floods-stderr.mjs', '200'), {
    log: { path, maxBytes: 0, backups: 0 },
  });
  await until('it floods', () => child.output.bytes > 2_000_000);
  const before = process.memoryUsage.rss();
  let most = 0;
  child.output.onActivity(() => (most = Math.max(most, process.memoryUsage.rss())));
  assert.deepEqual(await child.exited, { code: 0 });
  assert.equal(
    texts(child.output.tail(2)).join(),
    [1_999_999, 2_000_000].map((n) => String(n).padStart(99, '.')).join(),
  );
  await spawner.close();
  assert.equal((await stat(path)).size, 200_000_000);
  assert.equal(await misplaced(path), undefined);
  assert.ok(most - before < 60_000_000, `grew by ${most - before}`);
});

/** The first line that is not where it belongs. */
async function misplaced(path: string): Promise<number | undefined> {
  let number = 0;
  let rest = '';
  for await (const chunk of createReadStream(path, { encoding: 'latin1', highWaterMark: 1_000_000 })) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      number += 1;
      if (line !== String(number).padStart(99, '.')) return number;
    }
  }
  return undefined;
}
