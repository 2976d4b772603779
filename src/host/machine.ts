/** What a `supervisord.conf` asks of the machine it is read on: users, folders, included files, limits. */

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import type { Machine } from '../config/input.ts';

export function realMachine(): Machine {
  const limits = readLimits();
  // Read when first asked for, and no more than once for one reading of a config.
  const tables = new Map<Database, string>();
  const row = (database: Database, name: string): readonly string[] | undefined => {
    if (name === '' || process.platform === 'win32') return undefined;
    const table = tables.get(database) ?? readText(`/etc/${database}`);
    tables.set(database, table);
    return find(table, name) ?? find(asked(database, name), name);
  };
  return {
    windows: process.platform === 'win32',
    hostName: hostname(),
    glob,
    isFolder: (path) => kindOf(path) === 'folder',
    hasUser: (name) => row('passwd', name) !== undefined,
    hasUserGroup: (name) => row('group', name) !== undefined,
    homeOf: (user) => (user === undefined ? homedir() : row('passwd', user)?.[5]),
    ...(limits === undefined ? {} : { limits }),
  };
}

type Database = 'passwd' | 'group';

/** The fields of a user or of a group, by name or number. */
function find(text: string, name: string): readonly string[] | undefined {
  const rows = text.split('\n').map((line) => line.split(':'));
  return rows.find((fields) => fields.length > 2 && (fields[0] === name || fields[2] === name));
}

/** Who comes from elsewhere than the file (a directory service) is known to `getent` alone, which costs a process. */
function asked(database: string, name: string): string {
  try {
    return execFileSync('getent', [database, name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    // It ends with 2 for who is not there, and some systems lack it.
    return '';
  }
}

/** Paths that match `*`, `?` and `[…]`, as Python's `glob` finds them: names with a dot only where it is written. */
function glob(pattern: string): readonly string[] {
  const [root = '', ...parts] = pattern.split('/');
  let found = [root];
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    if (!/[*?[]/.test(part)) {
      found = found.map((path) => `${path}/${part}`);
      continue;
    }
    const expression = matcher(part);
    found = found.flatMap((path) =>
      namesIn(path === '' ? '/' : path)
        .filter((name) => expression.test(name) && (part.startsWith('.') || !name.startsWith('.')))
        .map((name) => `${path}/${name}`),
    );
    if (!isLast) found = found.filter((path) => kindOf(path) === 'folder');
  }
  return found.filter((path) => kindOf(path) === 'file');
}

function kindOf(path: string): 'file' | 'folder' | undefined {
  try {
    const found = statSync(path);
    return found.isDirectory() ? 'folder' : 'file';
  } catch {
    // What may not be looked at is as good as not there.
    return undefined;
  }
}

function matcher(part: string): RegExp {
  const source = part.replaceAll(/\[(!?)(\]?[^\]]*)\]|[^[]|\[/g, (piece, not?: string, set?: string) => {
    if (set !== undefined)
      return `[${not === '!' ? '^' : ''}${set.replaceAll(/[\\\]^[]/g, String.raw`\$&`)}]`;
    if (piece === '*') return '.*';
    return piece === '?' ? '.' : piece.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
  });
  try {
    return new RegExp(`^${source}$`, 's');
  } catch {
    // A range that runs backwards matches nothing, as in Python.
    return /(?!)/;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Nothing is in a folder that cannot be read.
    return [];
  }
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
