/** Tells other programs who runs a folder: a small file of whoever has its control socket. */

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { realFolder, storageOf } from './storage.ts';

export type HostKind = 'editor' | 'up' | 'daemon';

export interface WhoRuns {
  readonly kind: HostKind;
  readonly pid: number;
  /** In milliseconds since the epoch. */
  readonly since: number;
}

const names: Readonly<Record<HostKind, string>> = {
  editor: 'an editor',
  up: '"runtimes up"',
  daemon: 'a daemon',
};

/** `a daemon, pid 123, since 10:15:02`; local time, with the day when it is another. */
export function inWords({ kind, pid, since }: WhoRuns, now = new Date()): string {
  const begun = new Date(since);
  const isToday = begun.toDateString() === now.toDateString();
  return `${names[kind]}, pid ${pid}, since ${isToday ? begun.toLocaleTimeString() : begun.toLocaleString()}`;
}

function fileOf(folder: string): string {
  return join(storageOf(realFolder(folder)), 'host.json');
}

/** Of the host that has the control socket, which is the proof that nobody else writes here. Gives what takes it away. */
export function tellWhoRuns(folder: string, kind: HostKind): () => void {
  const path = fileOf(folder);
  const text = JSON.stringify({ kind, pid: process.pid, since: Date.now() } satisfies WhoRuns);
  try {
    writeFileSync(path, text, { mode: 0o600 });
  } catch {
    // It is found all the same; only who it is remains untold.
    return () => undefined;
  }
  return () => {
    if (readText(path) === text) rmSync(path, { force: true });
  };
}

/** What the folder's last host told, which may be dead; undefined when it has told nothing. */
export function readWhoRuns(folder: string): WhoRuns | undefined {
  try {
    const told: unknown = JSON.parse(readText(fileOf(folder)) ?? '');
    return isWhoRuns(told) ? told : undefined;
  } catch {
    // Half written, or of a host that could not write it.
    return undefined;
  }
}

function isWhoRuns(told: unknown): told is WhoRuns {
  if (typeof told !== 'object' || told === null) return false;
  const { kind, pid, since } = told as Partial<Record<string, unknown>>;
  return (
    typeof kind === 'string' &&
    Object.hasOwn(names, kind) &&
    typeof pid === 'number' &&
    typeof since === 'number'
  );
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // There is none.
    return undefined;
  }
}
