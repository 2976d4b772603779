/** TCP listeners of Linux: the kernel's socket tables, joined with the descriptors of processes by inode. */

import { readdirSync, readlinkSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Listener } from '../core/outside.ts';
import { codeOf } from './error-words.ts';
import type { ListenerTable } from './listeners.ts';
import { listProc, readProc } from './processes-linux.ts';
import { type ListenerRow, parseListeners } from './proc-net-tcp.ts';

const tables = ['/proc/net/tcp', '/proc/net/tcp6'];
/** A page: the tables are walked only as far as is read, and the listeners come first. */
const block = 4_096;

export function linuxListeners(): ListenerTable {
  return {
    async of(pids) {
      const found = pids.map((pid) => [pid, socketsOf(pid)] as const);
      // Nothing can be said of a child whose descriptors are closed to us, such as one that is another user.
      if (found.length > 0 && found.every(([, sockets]) => sockets === undefined)) return undefined;
      const owners = new Map(found.flatMap(([pid, sockets]) => (sockets ?? []).map((inode) => [inode, pid])));
      if (owners.size === 0) return [];
      const rows = await listenerRows();
      return rows?.flatMap(({ inode, host, port }): Listener[] => {
        const pid = owners.get(inode);
        return pid === undefined ? [] : [{ host, port, pid }];
      });
    },
    async on(port) {
      const inodes = new Set(
        (await listenerRows())?.filter((row) => row.port === port).map((row) => row.inode),
      );
      if (inodes.size === 0) return [];
      const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
      return pids.filter((pid) => socketsOf(pid)?.some((inode) => inodes.has(inode)) === true);
    },
    stamp(pids) {
      const stamps = pids.map((pid) => linksOf(pid)?.join(' '));
      return stamps.every((stamp) => stamp === undefined) ? undefined : stamps.join('\n');
    },
    command(pid) {
      const text = readProc(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim();
      return Promise.resolve(text === '' ? readProc(`/proc/${pid}/comm`)?.trim() : text);
    },
  };
}

const socketLink = /^\d+=socket:\[(\d+)\]$/u;

/** The inodes of all sockets a process has open; undefined when it has gone or is closed to us. */
function socketsOf(pid: number): readonly string[] | undefined {
  return linksOf(pid)?.flatMap((link) => socketLink.exec(link)?.[1] ?? []);
}

/** `3=socket:[1234]` for each open descriptor. */
function linksOf(pid: number): readonly string[] | undefined {
  const folder = `/proc/${pid}/fd`;
  return listProc(folder)?.flatMap((name) => {
    try {
      return [`${name}=${readlinkSync(`${folder}/${name}`)}`];
    } catch (error) {
      // Closed since it was listed.
      if (['ENOENT', 'ESRCH', 'EACCES'].includes(codeOf(error) ?? '')) return [];
      throw error;
    }
  });
}

/** All listening sockets; undefined where the tables cannot be read. */
async function listenerRows(): Promise<readonly ListenerRow[] | undefined> {
  const rows = await Promise.all(tables.map(readTable));
  return rows.every((table) => table === undefined) ? undefined : rows.flatMap((table) => table ?? []);
}

/** Reads up to the first row that is no listener. Away from the main loop: a walk of the table takes 2 to 4 ms. */
async function readTable(path: string): Promise<readonly ListenerRow[] | undefined> {
  try {
    await using file = await open(path);
    let text = '';
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(block), 0, block, null);
      text += buffer.toString('latin1', 0, bytesRead);
      const { rows, complete } = parseListeners(text);
      if (complete || bytesRead === 0) return rows;
    }
  } catch (error) {
    // Without IPv6 there is no tcp6; in a locked-down container perhaps neither.
    if (['ENOENT', 'EACCES', 'EPERM'].includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
}
