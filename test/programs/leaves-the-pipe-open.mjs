// Ends at once, but a grandchild keeps the pipe to its parent open.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
const stays = fileURLToPath(new URL('stays.mjs', import.meta.url));
const grandchild = spawn(process.execPath, [stays], { stdio: 'inherit' });
grandchild.unref();
console.log(grandchild.pid);
