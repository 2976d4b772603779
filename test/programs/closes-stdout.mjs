// Closes its stdout without a word and goes on.
import { closeSync } from 'node:fs';
closeSync(1);
setInterval(() => {}, 1000);
process.stderr.write('still here\n');
