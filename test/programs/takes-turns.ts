// Takes so many turns about a path, and tells each time that it was not alone; with "dies" it is killed in its first.
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { inTurn } from '../../src/host/turn-taking.ts';

const [path = '', count = '', dies] = process.argv.slice(2);
const own = `${path}.${process.pid}`;
const server = createServer();
await new Promise<void>((resolve) => server.listen(own, resolve));
for (let turn = 0; turn < Number(count); turn += 1) {
  await inTurn(own, path, async () => {
    if (dies !== undefined) process.kill(process.pid, 'SIGKILL');
    await writeFile(`${path}.inside`, '', { flag: 'wx' });
    await pause(Math.random() * 3);
    await rm(`${path}.inside`);
  });
}
server.close();
