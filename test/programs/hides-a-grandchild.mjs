// Starts a grandchild in a session of its own, without our environment; prints its pid and stays.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
const stays = fileURLToPath(new URL('stays.mjs', import.meta.url));
const grandchild = spawn(process.execPath, [stays], { stdio: 'ignore', detached: true, env: {} });
setInterval(() => {}, 1000);
console.log(grandchild.pid);
