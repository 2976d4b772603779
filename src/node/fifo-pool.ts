/**
 * FIFOs made ahead, for the output of children.
 *
 * A child that writes a line at a time is read twice as fast through a FIFO as through the socket pair that Node
 * gives it. Making one takes a run of `mkfifo` (3 to 6 ms), so several are made at once, before they are needed.
 * Each is open at both ends and has no name any more when it is given out: nothing is left in the file system.
 */

import { spawn } from 'node:child_process';
import { closeSync, constants, openSync, rmSync, unlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Disposable } from '../base/disposable.ts';
import { codeOf } from './error-words.ts';

/** Both ends, as descriptors that are closed when another program is run. Whoever takes them closes them. */
export interface Fifo {
  readonly read: number;
  readonly write: number;
}

export interface FifoPool extends Disposable {
  /**
   * Gives so many FIFOs, or undefined where there are none to be had. Waits only when there are not enough ready.
   *
   * @throws Error (EMFILE, ENFILE) when there are no descriptors left.
   */
  take(count: number): Promise<readonly Fifo[] | undefined>;
  /** So many more will be taken soon: the next run makes them together. */
  expect(count: number): void;
  /** Resolves when nothing is left of it. */
  close(): Promise<void>;
}

/** Below this many, more are made: what some children take that start while `mkfifo` runs. */
const low = 8;
/** How many are made at once, and kept when nobody takes any. */
const batch = 16;
/** When many start at once the batches double, up to this, since each costs a spawn of its own. */
const largestBatch = 128;
/** What is more than needed is let go after this. */
const idleMs = 1_000;

export function createFifoPool(options: { readonly program?: string } = {}): FifoPool {
  const ready: Fifo[] = [];
  let making: Promise<void> | undefined;
  let size = batch;
  let expected = 0;
  let shortage: unknown;
  /** Descriptors have run out before: no more than is wanted is made any more. */
  let scarce = false;
  let broken = false;
  let closed = false;
  let idle: NodeJS.Timeout | undefined;
  /** Where FIFOs have names, for the moment between making and opening them. */
  let folder: string | undefined;

  const letGo = (keep: number): void => {
    for (const { read, write } of ready.splice(keep)) {
      closeSync(read);
      closeSync(write);
    }
  };

  const make = async (count: number, wanted: number): Promise<void> => {
    shortage = undefined;
    try {
      folder = await makeFolder();
      const root = folder;
      const paths = Array.from({ length: count }, (_, index) => join(root, String(index)));
      if (!(await mkfifo(options.program ?? 'mkfifo', paths))) {
        broken = true;
        return;
      }
      for (const path of paths) {
        if (closed) return;
        ready.push(openBoth(path));
      }
    } catch (error) {
      // Without a folder for temporary files there are none to be had, now or later.
      broken = !shortages.has(codeOf(error) ?? '');
      scarce = true;
      // Those who want some now get theirs, and the descriptors that a spawn takes besides.
      letGo(wanted);
      if (ready.length < wanted) shortage = error;
    } finally {
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
      folder = undefined;
    }
  };

  const refill = (wanted: number): void => {
    if (making !== undefined || broken || closed) return;
    if (ready.length >= (scarce ? wanted : Math.max(low, wanted))) return;
    const missing = wanted - ready.length;
    making = make(scarce ? missing : Math.max(size, missing, Math.min(expected, largestBatch)), wanted)
      // A folder that cannot be deleted is left, and is empty.
      .catch(() => undefined)
      .finally(() => {
        making = undefined;
      });
    size = Math.min(size * 2, largestBatch);
    idle?.refresh();
    idle ??= setTimeout(() => {
      idle = undefined;
      size = batch;
      letGo(batch);
    }, idleMs).unref();
  };

  refill(0);
  const shut = (): void => {
    closed = true;
    clearTimeout(idle);
    letGo(0);
  };
  // Who leaves in that moment leaves no folder, either.
  const leave = (): void => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', leave);
  return {
    async take(count) {
      for (;;) {
        if (ready.length >= count || broken || closed) break;
        refill(count);
        await making;
        if (shortage !== undefined && ready.length < count) throw shortage;
      }
      if (broken || closed) return undefined;
      const taken = ready.splice(0, count);
      refill(0);
      return taken;
    },
    expect(count) {
      expected = count;
    },
    dispose: shut,
    async close() {
      shut();
      await making;
      letGo(0);
      process.off('exit', leave);
    },
  };
}

/** In memory where there is such a place: on a disk, making and deleting costs several times as much. */
export const fifoFolders: readonly string[] = ['/dev/shm', tmpdir()];

async function makeFolder(): Promise<string> {
  const [first, ...others] = fifoFolders.map((place) => join(place, 'local-runtimes-fifos-'));
  try {
    return await mkdtemp(first ?? '');
  } catch {
    // Not on this machine, or not for us.
    return mkdtemp(others[0] ?? '');
  }
}

/** The reader first, which waits for nobody; with it there, the writer need not wait either, and stays blocking. */
function openBoth(path: string): Fifo {
  const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return { read, write: openSync(path, constants.O_WRONLY) };
  } catch (error) {
    closeSync(read);
    throw error;
  } finally {
    unlinkSync(path);
  }
}

/** What passes; anything else means that there is no `mkfifo` here. */
const shortages = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM']);

/**
 * Open to all, in a folder that is not: a child that has become another user may open `/dev/stderr` again.
 *
 * @returns false when it cannot be done here.
 */
async function mkfifo(program: string, paths: readonly string[]): Promise<boolean> {
  const ended = Promise.withResolvers<boolean>();
  spawn(program, ['-m', '666', ...paths], { stdio: 'ignore', windowsHide: true })
    .on('error', ended.reject)
    .on('exit', (code) => ended.resolve(code === 0));
  return ended.promise;
}
