// A runtime host of its own that starts what it is told, one after the other, and prints as one line of JSON what
// became of each. Its argument: { plans, processes?, spare? }. After the first, with `processes`, its user may have so
// many; with `spare`, only so many descriptors are left, besides those that lie ready for children.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { createSpawner } from '../../src/node/spawner.ts';

const { plans, processes, spare } = JSON.parse(process.argv[2] ?? '');
const spawner = createSpawner({ mark: 'spawns' });
const results = [];
for (const plan of plans) {
  if (results.length > 0 && spare !== undefined) exhaust(spare);
  const before = readdirSync('/proc/self/fd').length;
  const child = await spawner.spawn(plan);
  if ('pid' in child) {
    const exit = await child.exited;
    results.push({ exit, lines: child.output.tail() });
  } else {
    // The end of a socket or a pipe is closed a turn of the loop later.
    for (let look = 0; look < 200 && readdirSync('/proc/self/fd').length > before; look += 1) await pause(5);
    results.push({ failure: child, more: Math.max(0, readdirSync('/proc/self/fd').length - before) });
  }
  if (results.length === 1 && processes !== undefined)
    execFileSync('prlimit', ['--pid', String(process.pid), `--nproc=${processes}:${processes}`]);
}
process.stdout.write(`${JSON.stringify(results)}\n`);
process.exit(0);

function exhaust(left: number): void {
  const held: number[] = [];
  try {
    for (;;) held.push(openSync('/dev/null', 'r'));
  } catch {
    for (const fd of held.splice(-left)) closeSync(fd);
  }
}
