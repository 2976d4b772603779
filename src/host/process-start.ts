/** When a process was started, as far as the system tells: numbers of processes are used again, and this is not. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Something that is the same as long as the process lives and never again; undefined where nothing can be learnt. */
export function startOf(pid: number): string | undefined {
  try {
    if (process.platform === 'win32') return undefined;
    if (process.platform !== 'linux')
      return execFileSync('ps', ['-p', String(pid), '-o', 'lstart='], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before may hold anything, so what counts begins behind its last bracket; the 22nd field is the start.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${ticks}`;
  } catch {
    // It has ended, or is somebody else's.
    return undefined;
  }
}

/** Whether a process of ours lives that was started then. */
export function livesSince(pid: number, start: string | undefined): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    // It has ended, or its number is somebody else's now.
    return false;
  }
  return start === undefined || startOf(pid) === start;
}
