/** Users and groups of this machine, by name or number. */

import { readFile } from 'node:fs/promises';
import { ask } from './ask.ts';

export interface User {
  readonly uid: number;
  /** Of its own group. */
  readonly gid: number;
}

/** @param who A name or a uid. Undefined when there is none. */
export async function findUser(who: string): Promise<User | undefined> {
  const isNumber = /^-?\d+$/u.test(who);
  for (const [name, , uid, gid] of await rowsOf('/etc/passwd')) {
    if (isNumber ? Number(uid) === Number(who) : name === who) return { uid: Number(uid), gid: Number(gid) };
  }
  // Kept by a directory service, which the file does not tell.
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => ask('id', [flag, '--', who])));
  if (uid?.code !== 0 || gid?.code !== 0) return undefined;
  return { uid: Number(uid.text.trim()), gid: Number(gid.text.trim()) };
}

/** @param which A name or a gid. Undefined when there is none. */
export async function findGroup(which: string): Promise<number | undefined> {
  if (/^\d+$/u.test(which)) return Number(which);
  for (const [name, , gid] of await rowsOf('/etc/group')) if (name === which) return Number(gid);
  const { code, text } = await ask('getent', ['group', which]);
  return code === 0 ? Number(text.split(':')[2]) : undefined;
}

async function rowsOf(path: string): Promise<readonly (readonly string[])[]> {
  try {
    return (await readFile(path, 'utf8')).split('\n').map((line) => line.split(':'));
  } catch {
    // Kept elsewhere on this machine.
    return [];
  }
}
