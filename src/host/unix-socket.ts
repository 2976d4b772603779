/**
 * Listening at a path: a socket file that is ours alone, taken over only from the dead.
 *
 * The file gets its mode and owner under another name and appears under its own by one link, so that nobody ever meets
 * it half made, and two that come at once cannot both have it.
 */

import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { chmod, chown, lstat, rm } from 'node:fs/promises';
import type { Server } from 'node:net';
import { dirname, join } from 'node:path';
import { findGroup, findUser } from '../node/users.ts';
import { inTurn, isAlive, linked, NoTurn } from './turn-taking.ts';

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

/** Others may come in between, each of whom dies at once. */
const attempts = 10;

/** Rejects with `SocketInUse`, or with whatever stands against it. Gives what takes the file away again. */
export async function listenAtPath(server: Server, file: SocketFile): Promise<() => Promise<void>> {
  const beside = join(dirname(file.path), `.${randomBytes(5).toString('hex')}`);
  await listening(server, beside);
  let ours: Stats;
  try {
    await chmod(beside, file.mode);
    if (file.owner !== undefined) await give(beside, file.owner);
    ours = await lstat(beside);
    await appear(beside, file.path);
  } catch (error) {
    server.close();
    throw error;
  } finally {
    await rm(beside, { force: true });
  }
  return async () => {
    // Somebody else may have come in our place meanwhile.
    const now = await lstat(file.path).catch(() => undefined);
    if (isSame(ours, now)) await rm(file.path, { force: true });
  };
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
  if (await linked(beside, path)) return;
  try {
    // Between finding that its owner is dead and clearing it away, another must not have come in its place.
    await inTurn(beside, path, () => takeOver(beside, path));
  } catch (error) {
    throw error instanceof NoTurn ? new SocketInUse(path) : error;
  }
}

async function takeOver(beside: string, path: string): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const there = await lstat(path).catch(() => undefined);
    // A person's own file stays, whatever the config says.
    if (there !== undefined && !there.isSocket()) throw new Error('there is a file that is no socket');
    if (there !== undefined && (await isAlive(path))) throw new SocketInUse(path);
    // Another program, which takes no turns, may have come all the same.
    if (there !== undefined && isSame(there, await lstat(path).catch(() => undefined)))
      await rm(path, { force: true });
    if (await linked(beside, path)) return;
  }
  throw new SocketInUse(path);
}

function isSame(one: Stats, other: Stats | undefined): boolean {
  return one.ino === other?.ino && one.dev === other.dev;
}

async function give(path: string, owner: string): Promise<void> {
  const [name = '', group] = owner.split(':');
  const user = await findUser(name);
  if (user === undefined) throw new Error(`there is no user "${name}"`);
  const gid = group === undefined ? user.gid : await findGroup(group);
  if (gid === undefined) throw new Error(`there is no group "${group}"`);
  await chown(path, user.uid, gid);
}
