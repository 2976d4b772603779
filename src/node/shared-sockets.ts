/** Listening sockets for children to accept from (spec 6.12), each held by a thread that sleeps. */

import { lstat, stat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { SharedSocket, SharedSockets } from '../core/outside.ts';
import { codeOf } from './error-words.ts';
import { holderScript, type HolderData, type HolderNews, type SocketSpec } from './socket-holder.ts';
import { findGroup, findUser } from './users.ts';

/** The system takes what it allows of it (`net.core.somaxconn`). */
const mostBacklog = 65_535;

export interface RealSharedSockets extends SharedSockets {
  /** Closes all that are open still. */
  close(): Promise<void>;
}

class HeldSocket implements SharedSocket {
  readonly url: string;
  readonly descriptor: number;
  readonly #release: () => Promise<void>;
  #closing: Promise<void> | undefined;

  constructor(url: string, descriptor: number, release: () => Promise<void>) {
    this.url = url;
    this.descriptor = descriptor;
    this.#release = release;
  }

  get isOpen(): boolean {
    return this.#closing === undefined;
  }

  close(): Promise<void> {
    this.#closing ??= this.#release();
    return this.#closing;
  }
}

/** @throws Error when the socket is not one of ours, or closed: its number may be somebody else's by now. */
export function descriptorOf(socket: SharedSocket): number {
  if (socket instanceof HeldSocket && socket.isOpen) return socket.descriptor;
  throw new Error(`the socket ${socket.url} is not open`);
}

export function createSharedSockets(platform: NodeJS.Platform = process.platform): RealSharedSockets {
  const open = new Set<HeldSocket>();
  return {
    async open(spec) {
      // A child would be started with nothing in its hands, and say nothing of it.
      if (platform === 'win32') throw new Error('on Windows no program can be handed a listening socket');
      const owner = await ownerOf(spec);
      if (spec.at.kind === 'unix') await makeWay(spec.at.path);
      const socket = await hold(spec, owner, () => open.delete(socket));
      open.add(socket);
      return socket;
    },
    async close() {
      await Promise.all([...open].map((socket) => socket.close()));
    },
  };
}

async function hold(spec: SocketSpec, owner: HolderData['owner'], onClose: () => void): Promise<HeldSocket> {
  const held = new Int32Array(new SharedArrayBuffer(4));
  const data: HolderData = {
    at: spec.at,
    backlog: spec.backlog ?? mostBacklog,
    held,
    ...(owner === undefined ? {} : { owner }),
  };
  const thread = new Worker(holderScript, { eval: true, workerData: data, stdin: false, execArgv: [] });
  // Whoever forgets to close it is not kept alive by it.
  thread.unref();
  const gone = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
  const news = await firstNews(thread);
  if ('descriptor' in news) {
    return new HeldSocket(spec.url, news.descriptor, async () => {
      thread.ref();
      Atomics.store(held, 0, 1);
      Atomics.notify(held, 0);
      await gone;
      onClose();
    });
  }
  thread.ref();
  await gone;
  throw systemError(news.code, news.message);
}

function firstNews(thread: Worker): Promise<HolderNews> {
  return new Promise((resolve) => {
    thread.once('message', resolve);
    thread.once('error', (error) => resolve({ code: codeOf(error) ?? '', message: error.message }));
    // The news keeps us waiting for it.
    thread.ref();
  }).finally(() => thread.unref()) as Promise<HolderNews>;
}

/** The folder must be there and what an earlier one left must go; a socket at which somebody living listens stays. */
async function makeWay(path: string): Promise<void> {
  try {
    await stat(dirname(path));
    const there = await lstat(path);
    if (there.isSocket() && (await isAnswered(path)))
      throw Object.assign(new Error('another program listens there'), { code: 'EADDRINUSE' });
    // As Supervisor does: whatever else has this name is in the way.
    await unlink(path);
  } catch (error) {
    const code = codeOf(error) ?? '';
    if (code === 'ENOENT' && (await isThere(dirname(path)))) return;
    throw systemError(code, String(error));
  }
}

/** Whether anybody has it open. What may not be asked is not taken for dead. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => resolve(!['ECONNREFUSED', 'ENOENT'].includes(codeOf(error) ?? '')));
  });
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function ownerOf({ at }: SocketSpec): Promise<HolderData['owner']> {
  if (at.kind === 'tcp' || at.owner === undefined) return undefined;
  const [name = '', group] = at.owner.split(':');
  const user = await findUser(name);
  if (user === undefined) throw new Error(`there is no user "${name}"`);
  const gid = group === undefined ? user.gid : await findGroup(group);
  if (gid === undefined) throw new Error(`there is no group "${group}"`);
  return { uid: user.uid, gid };
}

/** The system's own words for an error: `address already in use`. */
function systemError(code: string, otherwise: string): Error {
  const known = [...getSystemErrorMap().values()].find(([name]) => name === code);
  return Object.assign(new Error(known?.[1] ?? otherwise), { code });
}
