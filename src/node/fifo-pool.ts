/**
 * FIFOs made ahead, for the output of children.
 *
 * A child that writes a line at a time is read twice as fast through a FIFO as through the socket pair that Node
 * gives it. Making one takes a run of `mkfifo` (3 to 6 ms), so several are made at once, before they are needed.
 * Each is open at both ends and has no name any more when it is given out: nothing is left in the file system.
 */

import { spawn } from 'node:child_process';
import { closeSync, constants, openSync, unlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Disposable } from '../base/disposable.ts';

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
  let shortage: unknown;
  let broken = false;
  let closed = false;
  let idle: NodeJS.Timeout | undefined;

  const letGo = (keep: number): void => {
    for (const { read, write } of ready.splice(keep)) {
      closeSync(read);
      closeSync(write);
    }
  };

  const make = async (count: number): Promise<void> => {
    shortage = undefined;
    const folder = await mkdtemp(join(tmpdir(), 'local-runtimes-fifos-'));
    try {
      const paths = Array.from({ length: count }, (_, index) => join(folder, String(index)));
      if (!(await mkfifo(options.program ?? 'mkfifo', paths))) {
        broken = true;
        return;
      }
      for (const path of paths) {
        if (closed) return;
        ready.push(openBoth(path));
      }
    } catch (error) {
      // Out of descriptors, for now.
      shortage = error;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };

  const refill = (wanted: number): void => {
    if (making !== undefined || broken || closed || ready.length >= Math.max(low, wanted)) return;
    const work = make(Math.max(size, wanted - ready.length))
      // No folder for temporary files: children get what Node makes.
      .catch(() => {
        broken = true;
      })
      .finally(() => {
        making = undefined;
      });
    making = work;
    size = Math.min(size * 2, largestBatch);
    idle?.refresh();
    idle ??= setTimeout(() => {
      idle = undefined;
      size = batch;
      letGo(batch);
    }, idleMs).unref();
  };

  refill(batch);
  const shut = (): void => {
    closed = true;
    clearTimeout(idle);
    letGo(0);
  };
  return {
    async take(count) {
      while (ready.length < count && !broken && !closed) {
        refill(count);
        await making;
        if (shortage !== undefined && ready.length < count) throw shortage;
      }
      if (broken || closed) return undefined;
      const taken = ready.splice(0, count);
      refill(low);
      return taken;
    },
    dispose: shut,
    async close() {
      shut();
      await making;
      letGo(0);
    },
  };
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

/** Open to all, in a folder that is not: a child that has become another user may open `/dev/stderr` again. */
function mkfifo(program: string, paths: readonly string[]): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  try {
    spawn(program, ['-m', '666', ...paths], { stdio: 'ignore', windowsHide: true })
      .on('error', () => resolve(false))
      .on('exit', (code) => resolve(code === 0));
  } catch {
    // Out of descriptors or memory, which `spawn` throws in some cases and tells in others.
    resolve(false);
  }
  return promise;
}
