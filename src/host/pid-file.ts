/** A file that tells our process id while we run (SV-96). */

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { codeOf, reasonOf } from '../node/error-words.ts';

/** Takes the file away again, if it is still ours. */
export type RemovePidFile = () => void;

/**
 * A file that cannot be written is told, and no reason not to run; then there is nothing to take away either. One that
 * names another living process is that one's, and stays; `mine`: unless nobody but us can be meant by it.
 */
export function writePidFile(path: string, failed: (reason: string) => void, mine = false): RemovePidFile {
  const text = `${process.pid}\n`;
  const other = readPid(path);
  if (!mine && other !== undefined && other !== process.pid && isLiving(other)) {
    failed(`it is of process ${other}, which runs`);
    return () => undefined;
  }
  try {
    writeFileSync(path, text);
  } catch (error) {
    failed(reasonOf(error));
    return () => undefined;
  }
  return () => {
    if (readPid(path) === process.pid) rmSync(path, { force: true });
  };
}

/** The process id that a file tells, or undefined when it tells none. */
export function readPid(path: string): number | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    return /^\d+\n?$/.test(text) ? Number(text) : undefined;
  } catch {
    // There is none.
    return undefined;
  }
}

/** Whether there is a process with this id, whoever's it is. */
function isLiving(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}
