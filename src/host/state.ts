/** Small files of ours in the user's state folder. Others of the user's programs may write there too, so that what is read is believed of nobody. */

import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readRegularFile } from '../node/regular-file.ts';

/** A file whole or not at all: written beside and moved over. Throws where it cannot be. */
export function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const beside = join(dirname(path), `.${basename(path)}.${process.pid}`);
  try {
    writeFileSync(beside, text, { mode: 0o600 });
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

/** The fields of a map that stands in a file, or undefined when it holds none. */
export function readFields(path: string): Readonly<Partial<Record<string, unknown>>> | undefined {
  const text = readRegularFile(path);
  try {
    const told: unknown = typeof text === 'string' ? JSON.parse(text) : undefined;
    return typeof told === 'object' && told !== null && !Array.isArray(told)
      ? (told as Partial<Record<string, unknown>>)
      : undefined;
  } catch {
    // Half written, or somebody else's.
    return undefined;
  }
}

/** The names in a folder; none when there is no such folder. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Nobody has written there yet.
    return [];
  }
}

/** A text that stands in a file, as one line that a terminal shows and nothing more. */
export function asLine(value: unknown, most = 4096): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= most && !/\p{Cc}/u.test(value)
    ? value
    : undefined;
}

export function asCount(value: unknown, most = 1_000_000): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most
    ? value
    : undefined;
}
