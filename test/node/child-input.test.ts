/** Writing to children, and signals to one process or to all of a group. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { Child, SpawnPlan } from '../../src/core/outside.ts';
import { living, pidFrom, program, run, spawnerFor, started, until } from './support.ts';

const skip = process.platform === 'win32' ? 'Windows has no signals and no shell of this kind' : false;
const shell = (script: string): SpawnPlan['argv'] => ['/bin/sh', '-c', script];
const texts = (child: Child): readonly string[] => child.output.tail().map(({ text }) => text);

test('what is written arrives, in order, behind what was given at the start (SV-66)', { skip }, async (t) => {
  const child = await started(spawnerFor(t), ['cat'], { openStdin: true, stdin: Buffer.from('first\n') });
  assert.equal(child.write(Buffer.from('second €\n')), 'written');
  await until('it answers', () => texts(child).length === 2);
  assert.equal(child.write(Buffer.from('third\n')), 'written');
  await until('it answers again', () => texts(child).length === 3);
  assert.deepEqual(texts(child), ['first', 'second €', 'third']);
});

test('what does not fit into the pipe follows when the child reads (SV-66)', { skip }, async (t) => {
  const child = await started(spawnerFor(t), shell('head -c 3000000 | wc -c; sleep 60'), { openStdin: true });
  for (let count = 0; count < 3; count += 1)
    assert.equal(child.write(Buffer.alloc(1_000_000, 'x')), 'written');
  await until('all of it was read', () => texts(child).length === 1);
  assert.deepEqual(texts(child).map(Number), [3_000_000]);
});

test('what a child does not read is kept up to a limit, and then refused', { skip }, async (t) => {
  const child = await started(spawnerFor(t), ['sleep', '60'], { openStdin: true });
  const outcomes = Array.from({ length: 12 }, () => child.write(Buffer.alloc(1_000_000, 'x')));
  assert.deepEqual([outcomes[0], outcomes.at(-1)], ['written', 'full']);
});

test('a child without an open stdin has none to write to (SV-66)', { skip }, async (t) => {
  const closed = await started(spawnerFor(t), ['sleep', '60']);
  const ended = await started(spawnerFor(t), ['cat'], { stdin: Buffer.from('all\n') });
  assert.deepEqual([closed.write(Buffer.from('x')), ended.write(Buffer.from('x'))], ['none', 'none']);
});

test('a child that has closed its stdin, or is gone, is closed to us (SV-66)', { skip }, async (t) => {
  const child = await started(spawnerFor(t), shell('exec 0<&-; echo closed; sleep 60'), { openStdin: true });
  await until('it has closed it', () => texts(child).length === 1);
  assert.equal(child.write(Buffer.from('x')), 'closed');
  assert.equal(child.write(Buffer.from('x')), 'closed');
  const gone = await started(spawnerFor(t), shell('exit 0'), { openStdin: true });
  await gone.exited;
  assert.equal(gone.write(Buffer.from('x')), 'closed');
});

test('a pipe that breaks drops what waits and closes; the child lives on (SV-66)', { skip }, async (t) => {
  const script = 'echo up; read go; exec 0<&-; echo closed; sleep 60';
  const child = await started(spawnerFor(t), shell(script), { openStdin: true });
  assert.equal(child.write(Buffer.concat([Buffer.from('go\n'), Buffer.alloc(4_000_000, 'x')])), 'written');
  await until('that is known', () => child.write(Buffer.from('x')) === 'closed');
  await until('it has closed it', () => texts(child).length === 2);
  assert.deepEqual(await living([child.pid]), [child.pid]);
});

for (const name of ['TERM', 'HUP', '15'])
  test(`${name} for the process alone leaves the rest of its group (SV-32)`, { skip }, async (t) => {
    const child = await run(t, 'forks-a-grandchild.mjs');
    const grandchild = await pidFrom(child);
    assert.equal(child.signal(name, 'process'), true);
    await child.exited;
    assert.deepEqual(await living([grandchild]), [grandchild]);
    // Who is left is swept, in time.
    await child.sweep();
    assert.deepEqual(await living([grandchild]), []);
  });

test('SIGKILL for the group ends all of it, for the process only that (SV-32)', { skip }, async (t) => {
  const [one, all] = await Promise.all([run(t, 'forks-a-grandchild.mjs'), run(t, 'forks-a-grandchild.mjs')]);
  const [left, taken] = await Promise.all([pidFrom(one), pidFrom(all)]);
  assert.equal(one.signal('KILL', 'process'), true);
  assert.equal(all.signal('KILL', 'group'), true);
  assert.deepEqual(await Promise.all([one.exited, all.exited]), [
    { signal: 'SIGKILL' },
    { signal: 'SIGKILL' },
  ]);
  await until('the group is gone', async () => (await living([taken])).length === 0);
  assert.deepEqual(await living([left]), [left]);
});

test('a signal is for the whole group when nobody says otherwise (SV-32)', { skip }, async (t) => {
  const child = await run(t, 'forks-a-grandchild.mjs');
  const grandchild = await pidFrom(child);
  child.signal('TERM');
  await until('the group is gone', async () => (await living([child.pid, grandchild])).length === 0);
});

test(
  'there is nobody to signal once the process is reaped, though its group lives (SV-33)',
  { skip },
  async (t) => {
    const child = await started(spawnerFor(t), program('leaves-the-pipe-open.mjs'));
    await child.exited;
    assert.equal(child.signal('TERM', 'process'), false);
    assert.equal(child.signal('0', 'group'), true);
  },
);
