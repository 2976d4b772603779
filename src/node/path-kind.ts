/** What there is of a name in the file system. */

import { statSync } from 'node:fs';

/** Undefined where there is nothing; what may not be looked at is as good as not there. */
export function kindOfPath(path: string): 'folder' | 'other' | undefined {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'other';
  } catch {
    // Nothing is there, or nothing for us.
    return undefined;
  }
}
