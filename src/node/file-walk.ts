/** Looks for files below a folder by globs, and goes only where one of them can be. */

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Files, FileStamp } from '../core/outside.ts';
import { globsOf } from './watch-globs.ts';

/** A whole home folder that somebody has named by mistake takes no more time and memory than this. */
const mostFiles = 50_000;

/** Sorted by path. Never rejects: what cannot be read is not there. */
export async function filesMatching({
  root,
  paths,
  ignore,
}: Parameters<Files['matching']>[0]): Promise<readonly FileStamp[]> {
  const globs = globsOf(paths, ignore);
  const found: string[] = [];
  const walk = async (within: string): Promise<void> => {
    if (found.length >= mostFiles) return;
    const entries = await readdir(join(root, within), { withFileTypes: true }).catch(() => []);
    const folders: string[] = [];
    for (const entry of entries) {
      const path = within === '' ? entry.name : `${within}/${entry.name}`;
      if (globs.isIdle(path)) continue;
      if (entry.isDirectory()) folders.push(path);
      else if (globs.matches(path)) found.push(path);
    }
    await Promise.all(folders.map(walk));
  };
  await walk('');
  const stamps = await Promise.all(
    found.toSorted().map(async (each): Promise<FileStamp | undefined> => {
      const path = join(root, each);
      const facts = await stat(path).catch(() => undefined);
      return facts?.isFile() === true ? { path, size: facts.size, modified: facts.mtimeMs } : undefined;
    }),
  );
  return stamps.filter((each) => each !== undefined);
}
