// Starts a process in its own group that has neither our mark nor a living parent; prints its pid and stays.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
const stays = fileURLToPath(new URL('stays.mjs', import.meta.url));
const middle = `
  const { spawn } = require('node:child_process');
  const hidden = spawn(process.execPath, [${JSON.stringify(stays)}], { stdio: 'ignore', env: {} });
  require('node:fs').writeSync(1, String(hidden.pid));
  process.exit();
`;
const between = spawn(process.execPath, ['-e', middle], { stdio: ['ignore', 'pipe', 'inherit'] });
let pid = '';
between.stdout.on('data', (text) => (pid += text));
between.on('close', () => console.log(pid));
setInterval(() => {}, 1000);
