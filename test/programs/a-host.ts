// A runtime host of its own, as a process or a worker: starts the programs it is given, prints their pids and what
// each of them prints first, and stays until it is killed. With SIGUSR2 it exits without closing anything.
import { createSpawner } from '../../src/node/spawner.ts';
import { fileURLToPath } from 'node:url';

process.on('SIGUSR2', () => process.exit(0));
const spawner = createSpawner({ mark: process.argv[2] ?? '' });
const env = { PATH: process.env['PATH'] ?? '' };
for (const name of process.argv.slice(3)) {
  const program = fileURLToPath(new URL(name, import.meta.url));
  const child = await spawner.spawn({ argv: [process.execPath, program], cwd: '/', env });
  if (!('pid' in child)) throw new Error(child.reason);
  console.log(`${child.pid} ${(await child.output.firstLine()).trim()}`);
}
console.log('started');
