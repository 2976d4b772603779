/**
 * One small process beside the host that outlives it, however it ends, and kills what it started.
 *
 * It learns of the end from a pipe, which closes when the last process that holds its other end is gone, and the
 * host is the only one.
 */

import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { Socket } from 'node:net';
import type { Disposable } from '../base/disposable.ts';
import { guardScript, windowsGuardScript } from './guard-script.ts';

export interface Guard extends Disposable {
  /** Starts it, once; before the first child, so that no moment is unguarded. */
  start(): void;
  /** A group to kill when the host dies. Members that still have the host's mark are found without. */
  add(group: number): void;
  remove(group: number): void;
  /** Tells it to leave without doing anything. */
  dispose(): void;
}

/** A guard that was killed is replaced, but not for ever. */
const replacements = 5;

export function createGuard(options: { readonly mark: string }): Guard {
  const groups = new Set<number>();
  let input: Socket | undefined;
  let starts = 0;
  let disposed = false;
  /** Groups that are gone and of which it was not told yet. */
  let gone: number[] = [];
  let isToTell = false;

  const say = (line: string): void => {
    input?.write(`${line}\n`);
  };

  const start = (): void => {
    if (input !== undefined || disposed || starts > replacements) return;
    starts += 1;
    // A new one knows of the groups from its birth: the host may die before it could say a word to it.
    const child = spawnGuard(options.mark, [...groups].map(String));
    child.on('error', lost);
    const pipe = child.stdio[3];
    if (child.pid === undefined || !(pipe instanceof Socket)) return;
    // It says nothing; the end of the pipe is the news that it is gone.
    pipe.on('close', lost).on('error', lost).resume();
    child.unref();
    pipe.unref();
    input = pipe;
    // Of what has gone before, a new one has never heard.
    gone = [];
  };

  const tellGone = (): void => {
    // Told to leave, it wants to know nothing more.
    if (!disposed && gone.length > 0) say(gone.map((group) => `-${group}`).join('\n'));
    gone = [];
    isToTell = false;
  };

  const lost = (): void => {
    if (input === undefined) return;
    input.destroy();
    input = undefined;
    start();
  };

  return {
    start,
    add(group) {
      groups.add(group);
      // The number is another's by now: told that the one before is gone, the guard would let go of this one.
      const others = gone.filter((before) => before !== group);
      const isKnown = others.length < gone.length;
      gone = others;
      if (!isKnown) say(`+${group}`);
    },
    remove(group) {
      if (!groups.delete(group)) return;
      // Many may end in one turn of the loop.
      if (!isToTell) setImmediate(tellGone);
      isToTell = true;
      gone.push(group);
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      input?.end('.\n');
    },
  };
}

function spawnGuard(mark: string, groups: readonly string[]): ChildProcess {
  // Its environment lacks the mark, or it would find itself; and it must not hold a folder that may be deleted.
  // Its orders come on descriptor 3: Node closes the stdin of a child whose first process has left, which the
  // guard's does at once, and that would be the sign that the host is dead.
  const stdio: StdioOptions = ['ignore', 'ignore', 'ignore', 'pipe'];
  const common = { stdio, detached: true, windowsHide: true };
  if (process.platform === 'win32') {
    return spawn(process.execPath, ['-e', windowsGuardScript, ...groups], {
      ...common,
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    });
  }
  const path = [process.env['PATH'], '/usr/bin', '/bin'].filter(Boolean).join(':');
  return spawn('/bin/sh', ['-c', guardScript, 'local-runtimes-guard', mark, ...groups], {
    ...common,
    cwd: '/',
    env: { PATH: path },
  });
}
