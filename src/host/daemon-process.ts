/**
 * Whether a process was started as the daemon of a folder, as far as the system tells: numbers of processes are used
 * again, and a pid file may outlive its daemon.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { realFolder } from './storage.ts';

/** False where nothing can be learnt, as on Windows: then nobody is taken for a daemon by its number alone. */
export function isDaemonOf(pid: number, folder: string): boolean {
  try {
    if (process.platform === 'win32') return false;
    if (process.platform !== 'linux') {
      const command = execFileSync('ps', ['-ww', '-p', String(pid), '-o', 'command='], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      return / daemon run( |$)/m.test(command);
    }
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const isDaemon = words.some((word, index) => word === 'daemon' && words[index + 1] === 'run');
    // It was started in its folder and stays there, which tells it from the daemon of another.
    return isDaemon && realpathSync(`/proc/${pid}/cwd`) === realFolder(folder);
  } catch {
    // It has ended, or is somebody else's.
    return false;
  }
}
