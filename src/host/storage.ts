/** Where our own files of one checkout are, for homes that are given no place: the command line. */

import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where everything is that we keep for this user: a folder for each checkout, and what is known of all of them. */
export function stateFolder(): string {
  const base =
    process.env['XDG_STATE_HOME'] ??
    (process.platform === 'win32' ? process.env['LOCALAPPDATA'] : undefined) ??
    (process.env['HOME'] === undefined ? tmpdir() : join(process.env['HOME'], '.local', 'state'));
  return join(base, 'local-runtimes');
}

export function storageOf(folder: string): string {
  const key = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 16);
  return join(stateFolder(), key);
}

/** One folder, however its name is written. */
export function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    // It is gone; what ran in it is known by what it was called.
    return folder;
  }
}
