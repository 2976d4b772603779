/** A parent of one flooding child, in a process of its own so that its memory can be told. Prints one JSON object. */

import { spawn } from 'node:child_process';
import { createOutside } from '../../src/node/outside.ts';

const [kind, log = '', ...argv] = process.argv.slice(2);
const megabytes = Number(argv.at(-2));
const begun = performance.now();

if (kind === 'ours') {
  const outside = createOutside({});
  const [program = '', ...rest] = argv;
  const child = await outside.spawner.spawn({
    argv: [program, ...rest],
    cwd: '/',
    env: {},
    log: { path: log, maxBytes: 0, backups: 0 },
  });
  if (!('pid' in child)) throw new Error(child.reason);
  let lines = 0;
  child.output.onLines((cut) => {
    lines += cut.length;
  });
  await child.exited;
  if (lines < megabytes * 10_000 - 1) throw new Error(`Only ${lines} lines were cut.`);
  await outside.close();
} else {
  const [program = '', ...rest] = argv;
  const child = spawn(program, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr.resume();
  await new Promise((done) => child.once('close', done));
}

const seconds = (performance.now() - begun) / 1000;
// In kilobytes on every platform that Node tells it for.
const peakMb = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ mbPerSecond: megabytes / seconds, peakMb }));
