// Forks twice, each time into a session of its own; prints the pid of the last, whose parent has gone, and stays.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
const stays = fileURLToPath(new URL('stays.mjs', import.meta.url));
const middle = `
  const { spawn } = require('node:child_process');
  const daemon = spawn(process.execPath, [${JSON.stringify(stays)}], { stdio: 'ignore', detached: true });
  require('node:fs').writeSync(1, String(daemon.pid));
  process.exit();
`;
const between = spawn(process.execPath, ['-e', middle], {
  stdio: ['ignore', 'pipe', 'inherit'],
  detached: true,
});
let pid = '';
between.stdout.on('data', (text) => (pid += text));
between.on('close', () => console.log(pid));
setInterval(() => {}, 1000);
