// A runtime host of its own: starts the programs it is given and prints the pid each of them prints, until it is killed.
import { createSpawner } from '../../src/node/spawner.ts';
import { fileURLToPath } from 'node:url';

const spawner = createSpawner({ mark: process.argv[2] ?? '' });
const env = { PATH: process.env['PATH'] ?? '' };
for (const name of process.argv.slice(3)) {
  const program = fileURLToPath(new URL(name, import.meta.url));
  const child = await spawner.spawn({ argv: [process.execPath, program], cwd: '/', env });
  if (!('pid' in child)) throw new Error(child.reason);
  console.log(`${child.pid} ${(await child.output.firstLine()).trim()}`);
}
console.log('started');
