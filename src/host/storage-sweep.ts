/**
 * Clears away what we kept for checkouts that are no more: their logs, remembered ports and builds.
 *
 * Careful, since what is lost is lost: only a folder of ours that tells which checkout it is for, and only when that
 * is surely gone, nobody runs it, and nothing in it is younger than a month. Whatever we have not made stays.
 */

import { lstatSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { isRun } from './control-socket.ts';
import { isGone } from './port-leases.ts';
import { asLine, namesIn, readFields, writeWhole } from './state.ts';
import { realFolder, stateFolder, storageOf } from './storage.ts';

const monthMs = 30 * 24 * 3600 * 1000;
const noteName = 'folder.json';
const ours = /^(?:folder|host|ports)\.json$|^daemon\.(?:pid|log)$|^control\.sock$/;
/** What was built for each service. */
const work = 'work';
const logs = /\.log(?:\.\d{1,4})?$/;

/** Notes which checkout a storage is for, so that it can be told one day whether that is still there. */
export function noteFolder(storage: string, folder: string): void {
  if (dirname(storage) !== stateFolder()) return;
  const file = join(storage, noteName);
  if (readFields(file)?.['folder'] === realFolder(folder)) return;
  try {
    writeWhole(file, JSON.stringify({ folder: realFolder(folder) }));
  } catch {
    // Then it is never swept.
  }
}

let isBegun = false;

/** Once in the life of a program, and behind its back. */
export function sweepOnce(): void {
  if (isBegun) return;
  isBegun = true;
  void sweepStorage();
}

/** Takes away what is left of checkouts that are gone; gives the folders that went. Never rejects. */
export async function sweepStorage(now = Date.now()): Promise<readonly string[]> {
  const swept: string[] = [];
  for (const name of namesIn(stateFolder())) {
    if (!/^[0-9a-f]{16}$/.test(name)) continue;
    const storage = join(stateFolder(), name);
    try {
      if (await isLeft(storage, now)) {
        empty(storage);
        rmdirSync(storage);
        swept.push(storage);
      }
    } catch {
      // Something else is in it, or it may not be touched: then it stays.
    }
  }
  return swept;
}

async function isLeft(storage: string, now: number): Promise<boolean> {
  const folder = asLine(readFields(join(storage, noteName))?.['folder']);
  // A note that was brought from elsewhere says nothing about this one.
  if (folder === undefined || !isAbsolute(folder) || basename(storageOf(folder)) !== basename(storage))
    return false;
  // Where the folder above is missing too, it may be a disk that is not there just now.
  if (!isGone(folder) || isGone(dirname(folder))) return false;
  const works = namesIn(join(storage, work)).map((name) => join(storage, work, name));
  const all = [
    storage,
    ...filesIn(storage),
    ...filesIn(join(storage, 'logs')),
    ...works,
    ...works.flatMap(filesIn),
  ];
  return all.every((path) => now - statSync(path).mtimeMs > monthMs) && !(await isRun(folder));
}

function empty(storage: string): void {
  const logFolder = join(storage, 'logs');
  const isOurs = (name: string): boolean => name === 'logs' || name === work || ours.test(name);
  if (!namesIn(storage).every(isOurs) || !namesIn(logFolder).every((name) => logs.test(name)))
    throw new Error(`${storage} holds more than what is ours`);
  for (const path of filesIn(logFolder)) rmSync(path);
  if (namesIn(storage).includes('logs')) rmdirSync(logFolder);
  // All of it was made by tools that we have run, and can be made again.
  rmSync(join(storage, work), { recursive: true, force: true });
  // The note goes last: until then it can be begun again.
  for (const path of filesIn(storage)) if (basename(path) !== noteName) rmSync(path);
  rmSync(join(storage, noteName));
}

/** What stands in a folder and is no folder itself. */
function filesIn(folder: string): readonly string[] {
  return namesIn(folder)
    .map((name) => join(folder, name))
    .filter((path) => !lstatSync(path).isDirectory());
}
