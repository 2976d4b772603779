/**
 * Whose front-door port is whose on this machine, over all checkouts and whether or not anybody runs there now.
 *
 * A lease is a file with the port for its name, which appears whole by one link: of two hosts that want the same port
 * at the same moment one gets it. Losing a lease costs an address, nothing else; those of folders that are gone are
 * anybody's.
 */

import { randomBytes } from 'node:crypto';
import {
  linkSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { codeOf } from '../node/error-words.ts';
import { asLine, namesIn, readFields } from './state.ts';

/** Whose a port is. */
export interface Lease {
  /** Absolute, as `realFolder` gives it. */
  readonly folder: string;
  /** Of the service; empty for the one address for everything. */
  readonly name: string;
}

export interface PortLeases {
  /** The ports of this folder by their names. */
  readonly own: ReadonlyMap<string, number>;
  /** Whether it is anybody's. */
  isLeased(port: number): boolean;
  /** Whether nobody but this name of this folder has it. */
  isFree(name: string, port: number): boolean;
  /** Takes it, or keeps it; false: another one has it. A name that had another port gives that back. */
  take(name: string, port: number): boolean;
}

/** More addresses than one machine has services; beyond that, those that were not used for longest go. */
const mostLeases = 1000;

/** @param place The folder of the leases. */
export function portLeases(place: string, folder: string): PortLeases {
  const own = new Map<string, number>();
  for (const { port, lease } of clearedUp(place)) if (lease.folder === folder) own.set(lease.name, port);
  const fileOf = (port: number): string => join(place, String(port));
  const isFree = (name: string, port: number): boolean => {
    const lease = leaseIn(fileOf(port));
    return lease === undefined || isGone(lease.folder) || (lease.folder === folder && lease.name === name);
  };
  return {
    own,
    isLeased(port) {
      const lease = leaseIn(fileOf(port));
      return lease !== undefined && !isGone(lease.folder);
    },
    isFree,
    take(name, port) {
      if (!isFree(name, port)) return false;
      const before = own.get(name);
      if (!written(place, fileOf(port), { folder, name })) return false;
      own.set(name, port);
      if (before !== undefined && before !== port) giveUp(fileOf(before), { folder, name });
      return true;
    },
  };
}

/** Has a lease stand in its file; false when it is another's. Where nothing can be written, nobody is asked. */
function written(place: string, path: string, lease: Lease): boolean {
  const beside = join(place, `.${randomBytes(6).toString('hex')}`);
  try {
    mkdirSync(place, { recursive: true, mode: 0o700 });
    writeFileSync(beside, JSON.stringify(lease), { mode: 0o600 });
    if (linked(beside, path)) return true;
    const there = leaseIn(path);
    if (there !== undefined && isSame(there, lease)) {
      const now = new Date();
      utimesSync(path, now, now);
      return true;
    }
    if (there !== undefined && !isGone(there.folder)) return false;
    clearAway(path, there);
    return linked(beside, path);
  } catch {
    return true;
  } finally {
    rmSync(beside, { force: true });
  }
}

/** What was read as nobody's is moved away and looked at once more: another one's may have come in its place, and goes back. */
function clearAway(path: string, expected: Lease | undefined): void {
  // A folder of that name is none of ours, whatever is in it.
  if (lstatSync(path).isDirectory()) throw new Error(`${path} is a folder`);
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  renameSync(path, aside);
  try {
    const found = leaseIn(aside);
    if (found !== undefined && (expected === undefined || !isSame(found, expected))) linked(aside, path);
  } finally {
    rmSync(aside, { force: true });
  }
}

function isSame(a: Lease, b: Lease): boolean {
  return a.folder === b.folder && a.name === b.name;
}

/** False: there is something already. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** All leases; those of folders that are gone and those beyond the bound are taken away. */
function clearedUp(place: string): readonly { readonly port: number; readonly lease: Lease }[] {
  const all = namesIn(place).flatMap((name) => {
    const path = join(place, name);
    const port = /^\d{1,5}$/.test(name) ? Number(name) : 0;
    const lease = port > 0 && port < 65_536 ? leaseIn(path) : undefined;
    return lease === undefined ? [] : [{ port, lease, path }];
  });
  const kept = all.filter(({ lease, path }) => {
    if (!isGone(lease.folder)) return true;
    giveUp(path, lease);
    return false;
  });
  if (kept.length <= mostLeases) return kept;
  const byUse = kept.map((each) => ({ each, used: usedAt(each.path) })).toSorted((a, b) => b.used - a.used);
  for (const { each } of byUse.slice(mostLeases)) giveUp(each.path, each.lease);
  return byUse.slice(0, mostLeases).map(({ each }) => each);
}

/** Takes a lease away, if it still is this one. */
function giveUp(path: string, lease: Lease): void {
  try {
    const there = leaseIn(path);
    if (there !== undefined && isSame(there, lease)) clearAway(path, lease);
  } catch {
    // It is gone already, or may not be touched.
  }
}

function leaseIn(path: string): Lease | undefined {
  const told = readFields(path);
  const folder = asLine(told?.['folder']);
  const name = told?.['name'] === '' ? '' : asLine(told?.['name'], 200);
  return folder === undefined || name === undefined || !isAbsolute(folder) ? undefined : { folder, name };
}

function usedAt(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    // It is gone.
    return 0;
  }
}

/** Only what the system says is not there: a folder that may not be looked at is. */
export function isGone(folder: string): boolean {
  try {
    lstatSync(folder);
    return false;
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '');
  }
}

/** So many leased ports in a row are no chance any more. */
const mostTries = 20;

/**
 * Finds free ports for instances as `find` does, but none that is leased: whoever has it would find it taken when they
 * come back.
 */
export function unleased(
  find: (preferred?: number) => Promise<number>,
  leases: Pick<PortLeases, 'isLeased'>,
): (preferred?: number) => Promise<number> {
  return async (preferred) => {
    for (let tries = 0; ; tries++) {
      const port = await find(preferred);
      if (port === preferred || tries === mostTries || !leases.isLeased(port)) return port;
    }
  };
}
