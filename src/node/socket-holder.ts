/**
 * The program of a thread that holds a listening socket and accepts from it never, so that those who have it as
 * descriptor 0 get all connections.
 *
 * Node accepts by itself whenever its loop looks for news. This thread listens and, before its loop has looked once,
 * falls asleep until the socket is to be closed. It is a text, so that no bundle has to have a file for it.
 */

import type { SharedSockets } from '../core/outside.ts';

export type SocketSpec = Parameters<SharedSockets['open']>[0];

/** What the thread is given. */
export interface HolderData {
  readonly at: SocketSpec['at'];
  readonly backlog: number;
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** One number: 0 while the socket is held. */
  readonly held: Int32Array;
}

/** What the thread says, once. */
export type HolderNews =
  | { readonly descriptor: number }
  | { readonly code: string; readonly message: string };

export const holderScript = `
const { chmodSync, chownSync, rmSync } = require('node:fs');
const { createServer } = require('node:net');
const { parentPort, workerData } = require('node:worker_threads');
const { at, backlog, owner, held } = workerData;
const server = createServer();
const end = (error) => {
  server.close();
  if (error === undefined) return;
  if (at.kind === 'unix') rmSync(at.path, { force: true });
  parentPort.postMessage({ code: error.code ?? '', message: error.message });
};
server.once('error', (error) => parentPort.postMessage({ code: error.code ?? '', message: error.message }));
server.listen(at.kind === 'tcp' ? { host: at.host, port: at.port, backlog } : { path: at.path, backlog }, () => {
  try {
    if (at.kind === 'unix') {
      if (owner !== undefined) chownSync(at.path, owner.uid, owner.gid);
      chmodSync(at.path, at.mode);
    }
  } catch (error) {
    end(error);
    return;
  }
  parentPort.postMessage({ descriptor: server._handle.fd });
  Atomics.wait(held, 0, 0);
  end();
});
`;
