/** The process table of Linux, read from /proc. */

import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { codeOf } from './error-words.ts';
import { childMark, type ProcessRow, type ProcessTable } from './process-table.ts';
import { sharedLook } from './shared-look.ts';

interface Stat {
  readonly parent: number;
  readonly group: number;
  readonly state: string;
  /** Tells a process from a later one with the same pid. */
  readonly started: string;
}

interface Known {
  readonly started: string;
  readonly mark: string | undefined;
}

/**
 * How many processes are read before others get their turn: about a millisecond's worth. Reading them
 * asynchronously would cost ten times as much.
 */
const stretch = 64;

export function linuxTable(): ProcessTable {
  const known = new Map<number, Known>();

  const markOf = (pid: number, stat: Stat): string | undefined => {
    const before = known.get(pid);
    if (before?.started === stat.started) return before.mark;
    const environment = environmentOf(pid);
    const mark = environment?.get(childMark);
    // An environment is fixed at birth and inherited, so it is read once for each process: a stranger does not
    // become ours later, and one of ours that drops the mark stays known. Except in the middle of an `exec`,
    // where it is empty; for the threads of the kernel, children of process 2, it always is.
    if (environment?.size !== 0 || stat.parent === 2) known.set(pid, { started: stat.started, mark });
    return mark;
  };

  const look = async (): Promise<{ rows: ProcessRow[]; vanished: boolean }> => {
    const before = [...known.keys()];
    const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
    const listed = new Set(pids);
    const rows: ProcessRow[] = [];
    let vanished = false;
    for (const [index, pid] of pids.entries()) {
      if (index % stretch === stretch - 1) await turn();
      const stat = statOf(pid);
      if (stat === undefined) vanished = true;
      if (stat === undefined || stat.state === 'Z' || stat.state === 'X') continue;
      const mark = markOf(pid, stat);
      rows.push({ pid, parent: stat.parent, group: stat.group, ...(mark === undefined ? {} : { mark }) });
    }
    for (const pid of before) if (!listed.has(pid)) known.delete(pid);
    return { rows, vanished };
  };

  return {
    // One that ended between being listed and being read may have left a child that was born after the listing,
    // hence the second look.
    scan: sharedLook(async () => {
      const first = await look();
      return first.vanished ? (await look()).rows : first.rows;
    }),
    family: (pid) => Promise.resolve(familyOf(pid)),
    familyNow: familyOf,
    claim(pid, mark) {
      const family = familyOf(pid);
      // One that is alone leaves nobody, and is itself known by its number.
      if (family.length < 2) return;
      for (const member of family) {
        const stat = statOf(member);
        if (stat !== undefined) known.set(member, { started: stat.started, mark });
      }
    },
  };
}

function statOf(pid: number): Stat | undefined {
  const text = readProc(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The name is in parentheses and may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    state: fields[0] ?? 'X',
    parent: Number(fields[1]),
    group: Number(fields[2]),
    started: fields[19] ?? '',
  };
}

/** The environment a process began with; undefined when it has gone or belongs to somebody else. */
function environmentOf(pid: number): ReadonlyMap<string, string> | undefined {
  const text = readProc(`/proc/${pid}/environ`);
  if (text === undefined) return undefined;
  const entries = text.split('\0').filter((entry) => entry !== '');
  return new Map(
    entries.map((entry) => {
      const equals = entry.indexOf('=');
      return [entry.slice(0, equals), entry.slice(equals + 1)] as const;
    }),
  );
}

/** A process and its descendants, by the lists of children the kernel keeps for each thread. */
function familyOf(pid: number): readonly number[] {
  const family: number[] = [];
  const visit = [pid];
  for (let next = visit.pop(); next !== undefined; next = visit.pop()) {
    const threads = listProc(`/proc/${next}/task`);
    if (threads === undefined || family.includes(next)) continue;
    family.push(next);
    for (const thread of threads) {
      const children = readProc(`/proc/${next}/task/${thread}/children`);
      if (children === undefined || children === '') continue;
      visit.push(...children.trim().split(' ').map(Number));
    }
  }
  return family;
}

/** Text of a file below /proc; undefined when it has gone or must not be read. */
export function readProc(path: string): string | undefined {
  try {
    // Node reads UTF-8 in one go; for any other encoding it takes 64 KB for a file that does not tell its size.
    return readFileSync(path, 'utf8');
  } catch (error) {
    return ignoreGone(error);
  }
}

/** Names in a folder below /proc; undefined when it has gone or must not be read. */
export function listProc(path: string): readonly string[] | undefined {
  try {
    return readdirSync(path);
  } catch (error) {
    return ignoreGone(error);
  }
}

const gone = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENOTDIR', 'EINVAL']);

function ignoreGone(error: unknown): undefined {
  if (!gone.has(codeOf(error) ?? '')) throw error;
  return undefined;
}
