/** `npm run bench [start|restart|flood|activation|supervisord|gigabyte …]`: every figure beside its floor, alternating, in one run. */

import { cpus } from 'node:os';
import { benchActivation } from './activation.ts';
import { benchFlood } from './flood.ts';
import { buildPrograms } from './programs.ts';
import { benchRestart, benchStart } from './start.ts';
import { benchSupervisord } from './supervisord.ts';

const wanted = process.argv.slice(2);
const asked = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
const programs = buildPrograms();
console.log(
  `Node ${process.versions.node}, ${process.platform}, ${cpus().length} cores, children in ${programs.language}.`,
);
console.log('Medians, with minimum and maximum behind them.');
try {
  if (asked('start')) await benchStart(programs);
  if (asked('restart')) await benchRestart(programs);
  if (asked('flood')) await benchFlood(programs, false);
  if (asked('supervisord')) await benchSupervisord(programs);
  if (asked('activation')) await benchActivation();
  if (wanted.includes('gigabyte')) await benchFlood(programs, true);
} finally {
  programs.dispose();
}
