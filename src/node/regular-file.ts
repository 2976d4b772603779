/** Reads files that somebody else chose: whatever they are, it takes but a moment. */

import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { codeOf, reasonOf } from './error-words.ts';

/** Of one file, in bytes. Nobody writes a larger one by hand. */
const largestFile = 1024 ** 2;

/** The text, or why there is none. A device or a pipe is never opened: it might have no end, or wait for ever. */
export function readRegularFile(path: string): string | { readonly reason: string; readonly missing?: true } {
  try {
    refuse(statSync(path));
    // What has come in its place since must not hold us up.
    const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      refuse(fstatSync(file));
      return textOf(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof Refused) return { reason: error.message };
    if (codeOf(error) === 'ENOENT') return { reason: 'there is no such file', missing: true };
    return { reason: reasonOf(error) };
  }
}

class Refused extends Error {}

function refuse(found: Stats): void {
  if (found.isDirectory()) throw new Refused('it is a folder');
  if (!found.isFile()) throw new Refused('it is no regular file');
  if (found.size > largestFile) throw tooLarge();
}

/** To its end, whatever its size is said to be: some files of the system say nothing of theirs. */
function textOf(file: number): string {
  const parts: Buffer[] = [];
  let size = 0;
  for (;;) {
    const part = Buffer.allocUnsafe(64 * 1024);
    const length = readSync(file, part);
    if (length === 0) return Buffer.concat(parts).toString('utf8');
    size += length;
    if (size > largestFile) throw tooLarge();
    parts.push(part.subarray(0, length));
  }
}

function tooLarge(): Refused {
  return new Refused('it is larger than 1 MiB');
}
