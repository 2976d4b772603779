/** Looks for files below a folder by globs, and goes only where one of them can be. */

import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { Files, FileStamp } from '../core/outside.ts';
import { globsOf } from './watch-globs.ts';

/** A whole home folder that somebody has named by mistake takes no more time and memory than this. */
const mostFiles = 50_000;
/** Links may lead to one folder on very many ways. */
const mostFolders = 50_000;

/** Sorted by path. Never rejects: what cannot be read is not there. */
export async function filesMatching({
  root,
  paths,
  ignore,
}: Parameters<Files['matching']>[0]): Promise<readonly FileStamp[]> {
  const globs = globsOf(paths, ignore);
  const found: string[] = [];
  let folders = 0;
  /** `through`: where the links on the way have led, so that none is gone into within itself. */
  const walk = async (within: string, through: readonly string[]): Promise<void> => {
    folders += 1;
    if (found.length >= mostFiles || folders > mostFolders) return;
    const entries = await readdir(join(root, within), { withFileTypes: true }).catch(() => []);
    const next: (readonly [path: string, through: readonly string[]])[] = [];
    for (const entry of entries) {
      const path = within === '' ? entry.name : `${within}/${entry.name}`;
      if (globs.isIdle(path)) continue;
      const target = entry.isSymbolicLink() ? await folderBehind(join(root, path)) : undefined;
      if (entry.isDirectory()) next.push([path, through]);
      else if (target !== undefined && !through.includes(target)) next.push([path, [...through, target]]);
      else if (globs.matches(path)) found.push(path);
    }
    await Promise.all(next.map(([path, links]) => walk(path, links)));
  };
  await walk('', []);
  const stamps = await Promise.all(
    found.toSorted().map(async (each): Promise<FileStamp | undefined> => {
      const path = join(root, each);
      const facts = await stat(path).catch(() => undefined);
      return facts?.isFile() === true ? { path, size: facts.size, modified: facts.mtimeMs } : undefined;
    }),
  );
  return stamps.filter((each) => each !== undefined);
}

/** The folder to which a link leads, without links in it; undefined where that is a folder around the link itself. */
async function folderBehind(path: string): Promise<string | undefined> {
  const facts = await stat(path).catch(() => undefined);
  if (facts?.isDirectory() !== true) return undefined;
  const [target, around] = await Promise.all(
    [path, dirname(path)].map((each) => realpath(each).catch(() => undefined)),
  );
  if (target === undefined || around === undefined) return undefined;
  const start = target.endsWith(sep) ? target : `${target}${sep}`;
  return around === target || around.startsWith(start) ? undefined : target;
}
