/** What the system knows of processes, read from /proc, and of files. */

import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

export interface Process {
  readonly pid: number;
  readonly command: string;
}

/** The processes that run in a folder or below it and whose command line holds `part`. */
export async function commandLines(folder: string, part = ''): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      // A process may end between two looks at it.
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      const where = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      const inside = where === folder || where.startsWith(`${folder}/`);
      return inside && command.includes(part)
        ? { pid: Number(pid), command: command.replaceAll('\0', ' ').trim() }
        : undefined;
    }),
  );
  return found.filter((each) => each !== undefined);
}

/** Those of a folder that are no server of the editor's own for some language, which live on beside the services. */
export async function servicesIn(folder: string): Promise<Process[]> {
  return (await commandLines(folder)).filter(({ command }) => !command.includes('--node-ipc'));
}

/** How much of a process is in memory now, and at most so far, in megabytes. */
export async function memoryOf(pid: number): Promise<{ readonly now: number; readonly peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { now: megabytes('VmRSS'), peak: megabytes('VmHWM') };
}

/** The files below a folder whose names match. */
export async function files(folder: string, name: RegExp): Promise<string[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  return all
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}
