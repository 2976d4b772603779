/** A file that tells our process id while we run (SV-96). */

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { reasonOf } from '../node/error-words.ts';

/** Takes the file away again, if it is still ours. */
export type RemovePidFile = () => void;

/** A file that cannot be written is told, and no reason not to run; then there is nothing to take away either. */
export function writePidFile(path: string, failed: (reason: string) => void): RemovePidFile {
  const text = `${process.pid}\n`;
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
