/** Users and groups of this machine, by name or number. */

import { readFile } from 'node:fs/promises';
import { ask } from './ask.ts';

export interface User {
  readonly uid: number;
  /** Of its own group. */
  readonly gid: number;
}

export type Database = 'passwd' | 'group';

/** The fields of a user or of a group in such a table, by name or number. */
export function findRow(table: string, which: string): readonly string[] | undefined {
  if (which === '') return undefined;
  const rows = table.split('\n').map((line) => line.split(':'));
  return rows.find((fields) => fields.length > 2 && (fields[0] === which || fields[2] === which));
}

/**
 * Whether a text could be the name or number of a user or a group on any system, a domain's among them.
 *
 * What cannot is not asked of any program: a text that begins with `-` would be an option to it, and one of `getent`
 * loads a library from the folder we are in.
 */
export function isNameLike(text: string): boolean {
  return /^[\w.][\w.@\\+-]*\$?$/u.test(text);
}

/** @param who A name or a uid. Undefined when there is none. */
export async function findUser(who: string): Promise<User | undefined> {
  const isNumber = /^-?\d+$/u.test(who);
  const row = findRow(await tableOf('passwd'), isNumber ? String(Number(who)) : who);
  if (row !== undefined) return { uid: Number(row[2]), gid: Number(row[3]) };
  if (!isNameLike(who)) return undefined;
  // Kept by a directory service, which the file does not tell.
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => ask('id', [flag, '--', who])));
  if (uid?.code !== 0 || gid?.code !== 0) return undefined;
  return { uid: Number(uid.text.trim()), gid: Number(gid.text.trim()) };
}

/** @param which A name or a gid. Undefined when there is none. */
export async function findGroup(which: string): Promise<number | undefined> {
  if (/^\d+$/u.test(which)) return Number(which);
  const row = findRow(await tableOf('group'), which);
  if (row !== undefined) return Number(row[2]);
  if (!isNameLike(which)) return undefined;
  const { code, text } = await ask('getent', ['--', 'group', which]);
  return code === 0 ? Number(text.split(':')[2]) : undefined;
}

async function tableOf(database: Database): Promise<string> {
  try {
    return await readFile(`/etc/${database}`, 'utf8');
  } catch {
    // Kept elsewhere on this machine.
    return '';
  }
}
