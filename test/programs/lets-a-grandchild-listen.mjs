// Starts a grandchild that listens and prints its port.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
spawn(process.execPath, [fileURLToPath(new URL('listens.mjs', import.meta.url)), '127.0.0.1'], {
  stdio: 'inherit',
});
setInterval(() => {}, 1000);
