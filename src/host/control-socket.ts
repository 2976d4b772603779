/**
 * The socket at which a terminal finds what runs in a folder, whoever runs it: an editor, `runtimes up`, a daemon.
 *
 * It serves the one door as it is, to whoever may open a file of ours.
 */

import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { connect as connectTo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SocketMessageReader, SocketMessageWriter } from 'vscode-jsonrpc/node';
import type { Disposable } from '../base/disposable.ts';
import { codeOf } from '../node/error-words.ts';
import type { RuntimeApi } from '../protocol/api.ts';
import { connect, serve, type Wire } from '../protocol/rpc.ts';
import type { Clients } from './clients.ts';
import { realFolder, storageOf } from './storage.ts';
import { isAlive } from './turn-taking.ts';
import { listenAtPath, SocketInUse } from './unix-socket.ts';
import { type HostKind, readWhoRuns, tellWhoRuns, type WhoRuns } from './who-runs.ts';

export interface ControlSocket {
  /** Nobody finds it from now on. */
  hide(): Promise<void>;
  close(): Promise<void>;
}

/** A longer path cannot be bound (108 bytes with its end, of which our link needs a few more beside it). */
const longestPath = 90;

/** The same for every way of writing the folder, and for every host of it. */
function controlPath(folder: string): string {
  const storage = storageOf(realFolder(folder));
  const key = createHash('sha256').update(storage).digest('hex').slice(0, 24);
  if (process.platform === 'win32') return String.raw`\\.\pipe\local-runtimes-${key}`;
  const path = join(storage, 'control.sock');
  return path.length <= longestPath ? path : join(tmpdir(), `local-runtimes-${key}.sock`);
}

/** Opens it. Rejects with `SocketInUse` when another host of the folder has it, which goes on having it. */
export async function openControlSocket(
  folder: string,
  clients: Clients,
  kind: HostKind = 'editor',
): Promise<ControlSocket> {
  const path = controlPath(folder);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const client = clients.join();
    const served = serve(wireOver(socket), client);
    // Whoever leaves in the middle of an answer leaves; 'close' follows.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      served.dispose();
      client.dispose();
    });
  });
  const removeFile = await listen(server, path);
  const untell = tellWhoRuns(folder, kind);
  // One that stays is dead soon, and whoever comes next takes its place.
  const hide = (): Promise<void> => {
    untell();
    return removeFile().catch(() => undefined);
  };
  return {
    hide,
    async close() {
      await hide();
      for (const socket of sockets) socket.end();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        // A client that does not close its side is not waited for.
        setTimeout(() => {
          for (const socket of sockets) socket.destroy();
        }, lastWordsMs).unref();
      });
    },
  };
}

/** How long a client has to hear the answer to its last call. */
const lastWordsMs = 200;

async function listen(server: Server, path: string): Promise<() => Promise<void>> {
  if (process.platform !== 'win32') {
    mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
    // Whoever can open it can run commands as us.
    return listenAtPath(server, { path, mode: 0o600 });
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(codeOf(error) === 'EADDRINUSE' ? new SocketInUse(path) : error));
    // A pipe is open to its owner alone, and goes with its last handle.
    server.listen(path, () => resolve());
  });
  return () => Promise.resolve();
}

export interface ControlClient extends Disposable {
  readonly api: RuntimeApi;
  /** Resolves when the host is gone, or was left. */
  readonly closed: Promise<void>;
}

function wireOver(socket: Socket): Wire {
  const reader = new SocketMessageReader(socket);
  // Its timer for the rest of a message begins again for ever, also where the socket is gone: nothing would ever end.
  reader.partialMessageTimeout = 0;
  return { reader, writer: new SocketMessageWriter(socket) };
}

/** The host that runs a folder now, or undefined when nobody does. */
export async function connectToHost(folder: string): Promise<ControlClient | undefined> {
  const path = controlPath(folder);
  if (!(await isOurs(path))) return undefined;
  const socket = await new Promise<Socket | undefined>((resolve) => {
    const attempt = connectTo(path);
    attempt.once('connect', () => resolve(attempt));
    attempt.once('error', () => resolve(undefined));
  });
  if (socket === undefined) return undefined;
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      api.dispose();
      resolve();
    });
  });
  socket.on('error', () => undefined);
  const api = connect(wireOver(socket));
  return { api, closed, dispose: () => socket.destroy() };
}

/** In the temporary folder anybody may put a socket under our name; what is said at it runs as whoever put it there. */
async function isOurs(path: string): Promise<boolean> {
  if (process.getuid === undefined || join(path, '..') !== join(tmpdir())) return true;
  const there = await lstat(path).catch(() => undefined);
  return there?.uid === process.getuid();
}

/** Whether somebody runs the folder. */
export function isRun(folder: string): Promise<boolean> {
  return isAlive(controlPath(folder));
}

/** The living host of a folder; `unknown` when it does not tell who it is, undefined when there is none. */
export async function whoRuns(folder: string): Promise<WhoRuns | 'unknown' | undefined> {
  return (await isRun(folder)) ? (readWhoRuns(folder) ?? 'unknown') : undefined;
}
