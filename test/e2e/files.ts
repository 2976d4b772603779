/** Changes files of the open folder behind the editor's back, as another program would. */

import { readFile, writeFile } from 'node:fs/promises';

/** Writes what `change` makes of a file's text. Throws when it makes no difference: a test would wait in vain. */
export async function rewrite(path: string, change: (text: string) => string): Promise<void> {
  const before = await readFile(path, 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`Nothing to change was found in ${path}.`);
  await writeFile(path, after);
}
