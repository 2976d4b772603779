/**
 * Listening at a path: a socket file that is ours alone, taken over only from the dead.
 *
 * The file gets its mode and owner under another name and appears under its own by one link, so that nobody ever meets
 * it half made, and two that come at once cannot both have it.
 */

import { chmod, chown, link, lstat, rm, stat } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { codeOf } from '../node/error-words.ts';
import { findGroup, findUser } from '../node/users.ts';

export interface SocketFile {
  readonly path: string;
  readonly mode: number;
  /** `user`, `user:group`, or their numbers. */
  readonly owner?: string;
}

/** Somebody living listens there. */
export class SocketInUse extends Error {
  override readonly name = 'SocketInUse';

  constructor(path: string) {
    super(`another program listens at ${path}`);
  }
}

/** Rejects with `SocketInUse`, or with whatever stands against it. Gives what takes the file away again. */
export async function listenAtPath(server: Server, file: SocketFile): Promise<() => Promise<void>> {
  const beside = join(dirname(file.path), `.${process.pid}.${Date.now().toString(36)}`);
  await listening(server, beside);
  try {
    await chmod(beside, file.mode);
    if (file.owner !== undefined) await give(beside, file.owner);
    await appear(beside, file.path);
  } catch (error) {
    server.close();
    throw error;
  } finally {
    await rm(beside, { force: true });
  }
  const { ino, dev } = await stat(file.path);
  return async () => {
    // Somebody else may have come in our place meanwhile.
    const now = await stat(file.path).catch(() => undefined);
    if (now?.ino === ino && now.dev === dev) await rm(file.path, { force: true });
  };
}

/** Whether anybody accepts connections at a path. */
export function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => {
      // Nobody there, or no socket. What may not be asked is not taken for dead.
      resolve(!['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'].includes(codeOf(error) ?? ''));
    });
  });
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function appear(beside: string, path: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await link(beside, path);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST' || attempt > 2) throw error;
    }
    const there = await lstat(path).catch(() => undefined);
    // A person's own file stays, whatever the config says.
    if (there !== undefined && !there.isSocket()) throw new Error('there is a file that is no socket');
    if (await isAlive(path)) throw new SocketInUse(path);
    await rm(path, { force: true });
  }
}

async function give(path: string, owner: string): Promise<void> {
  const [name = '', group] = owner.split(':');
  const user = await findUser(name);
  if (user === undefined) throw new Error(`there is no user "${name}"`);
  const gid = group === undefined ? user.gid : await findGroup(group);
  if (gid === undefined) throw new Error(`there is no group "${group}"`);
  await chown(path, user.uid, gid);
}
