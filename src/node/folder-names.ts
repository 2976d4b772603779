/** What is in a folder, by name. */

import { readdirSync } from 'node:fs';

/** Undefined where it is none, or none for us. */
export function folderNames(path: string): readonly string[] | undefined {
  try {
    return readdirSync(path);
  } catch {
    // Nothing is there, or nothing for us.
    return undefined;
  }
}
