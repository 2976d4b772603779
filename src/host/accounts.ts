/**
 * Which users and groups this machine has, as far as its files tell.
 *
 * It is asked while a config is read, of a folder that nobody may have trusted yet: so nothing is run for it, and
 * what a directory service would know is not known here.
 */

import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { type Database, findRow, isNameLike } from '../node/users.ts';

export interface Accounts {
  /** Undefined: only a directory service could tell. */
  has(database: Database, name: string): boolean | undefined;
  homeOf(user: string): string | undefined;
}

/** Where the tables are; another place is for tests. */
export function readAccounts(etc = '/etc', windows = process.platform === 'win32'): Accounts {
  // Read when first asked for, and no more than once for one reading of a config.
  const texts = new Map<string, string | undefined>();
  const textOf = (name: string): string | undefined => {
    if (!texts.has(name)) texts.set(name, readText(`${etc}/${name}`));
    return texts.get(name);
  };
  const row = (database: Database, name: string): readonly string[] | undefined =>
    windows ? undefined : findRow(textOf(database) ?? '', name);
  return {
    has(database, name) {
      if (row(database, name) !== undefined) return true;
      if (windows || !isNameLike(name)) return false;
      if (isComplete(database, textOf(database), textOf('nsswitch.conf'))) return false;
      return database === 'passwd' && isOurs(name) ? true : undefined;
    },
    homeOf: (user) => row('passwd', user)?.[5] ?? (isOurs(user) ? userInfo().homedir : undefined),
  };
}

/** Whether the table has everybody: nothing else is looked into by this machine. */
function isComplete(database: Database, table: string | undefined, switches: string | undefined): boolean {
  if (table === undefined) return false;
  // A machine without that file has no directory service, but for macOS, where it is the system's own.
  if (switches === undefined) return process.platform === 'linux';
  const [, written = 'files'] = new RegExp(String.raw`^\s*${database}:([^#\n]*)`, 'm').exec(switches) ?? [];
  const sources = written
    .replaceAll(/\[[^\]]*\]/g, ' ')
    .trim()
    .split(/\s+/);
  return sources.every((source) => {
    if (source === 'files') return true;
    // Besides what is in the files, it tells of services' passing users; and of people where their homes travel.
    return source === 'systemd' && !existsSync('/run/systemd/userdb/io.systemd.Home');
  });
}

/** The person themselves is known, wherever they come from. */
function isOurs(name: string): boolean {
  try {
    const { username, uid } = userInfo();
    return name === username || name === String(uid);
  } catch {
    // A number without a name, as in some containers.
    return false;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Whoever looks for something in it finds nothing.
    return undefined;
  }
}
