/**
 * What a `supervisord.conf` asks of the machine it is read on: users, folders, included files, limits.
 *
 * It is asked before anybody has trusted the folder: nothing is run, and nothing takes longer than a bound.
 */

import { opendirSync, readFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { isPattern, nameMatcher } from '../base/glob.ts';
import type { Machine } from '../config/input.ts';
import { kindOfPath } from '../node/path-kind.ts';
import { readAccounts } from './accounts.ts';

/** As many names as are looked at for one reading of a config, in all folders and for all patterns together. */
const mostNames = 50_000;

export function realMachine(): Machine {
  const limits = readLimits();
  const accounts = readAccounts();
  const budget = { names: mostNames };
  return {
    windows: process.platform === 'win32',
    hostName: hostname(),
    glob: (pattern) => glob(pattern, budget),
    isFolder: (path) => kindOfPath(path) === 'folder',
    hasUser: (name) => accounts.has('passwd', name),
    hasUserGroup: (name) => accounts.has('group', name),
    homeOf: (user) => (user === undefined ? homedir() : accounts.homeOf(user)),
    ...(limits === undefined ? {} : { limits }),
  };
}

interface Budget {
  names: number;
}

/**
 * Paths that match `*`, `?` and `[…]`, as Python's `glob` finds them: names with a dot only where it is written.
 * Undefined when that takes looking at too many names.
 */
function glob(pattern: string, budget: Budget): readonly string[] | undefined {
  const [root = '', ...parts] = pattern.split('/');
  let found = [root];
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    if (!isPattern(part)) {
      found = found.map((path) => `${path}/${part}`);
      continue;
    }
    const matches = nameMatcher(part);
    found = found.flatMap((path) =>
      namesIn(path === '' ? '/' : path, budget)
        .filter((name) => (part.startsWith('.') || !name.startsWith('.')) && matches(name))
        .map((name) => `${path}/${name}`),
    );
    if (budget.names < 0) return undefined;
    if (!isLast) found = found.filter((path) => kindOfPath(path) === 'folder');
  }
  budget.names -= found.length;
  return budget.names < 0 ? undefined : found.filter((path) => kindOfPath(path) === 'other');
}

/** No more than the budget has left, of which this takes its share. */
function namesIn(path: string, budget: Budget): readonly string[] {
  const names: string[] = [];
  try {
    const folder = opendirSync(path);
    try {
      for (let entry = folder.readSync(); entry !== null && budget.names >= 0; entry = folder.readSync()) {
        names.push(entry.name);
        budget.names -= 1;
      }
    } finally {
      folder.closeSync();
    }
  } catch {
    // Nothing is in a folder that cannot be read.
  }
  return names;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Whoever looks for something in it finds nothing.
    return '';
  }
}

/** The hard limits, up to which a process may raise its own. */
function readLimits(): Machine['limits'] {
  const text = readText('/proc/self/limits');
  const hard = (name: string): number | undefined => {
    const [, value] = new RegExp(String.raw`^${name}\s+\S+\s+(\d+)`, 'm').exec(text) ?? [];
    return value === undefined ? undefined : Number(value);
  };
  const files = hard('Max open files');
  const processes = hard('Max processes');
  if (files === undefined && processes === undefined) return undefined;
  return {
    ...(files === undefined ? {} : { files }),
    ...(processes === undefined ? {} : { processes }),
  };
}
