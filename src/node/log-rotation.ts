/** Makes room for a new log file (spec 6.9, SV-62). */

import { rename, rm, truncate } from 'node:fs/promises';
import { codeOf } from './error-words.ts';

/**
 * Moves `log` to `log.1`, `log.1` to `log.2` and so on, and lets the oldest go; with no backups the file is
 * emptied. Missing files are no error.
 */
export async function rotate(path: string, backups: number): Promise<void> {
  if (backups === 0) return tolerateMissing(truncate(path));
  const names = [path, ...Array.from({ length: backups }, (_, index) => `${path}.${index + 1}`)];
  // Windows does not rename over an existing file that somebody has open; the oldest goes first.
  await tolerateMissing(rm(names[backups] ?? path));
  for (let index = backups; index > 0; index -= 1) {
    await tolerateMissing(rename(names[index - 1] ?? path, names[index] ?? path));
  }
}

async function tolerateMissing(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
