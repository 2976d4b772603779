/** One living child: its exit, its signals, and what it leaves behind. */

import type { ChildProcess } from 'node:child_process';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import type { Child, Exit, InputOutcome } from '../core/outside.ts';
import type { ChildStdin } from './child-stdin.ts';
import { signalOf, signalOwn, signalOwnGroup } from './kill.ts';
import type { ChildOutput } from './output.ts';
import type { ProcessTable } from './process-table.ts';
import { sweep } from './sweep.ts';

/** A grandchild may hold the pipe open for ever, so after the exit nobody waits longer for the last words. */
const drainMs = 100;

const unhurriedMs = 50;

export class RealChild implements Child {
  readonly pid: number;
  readonly output: ChildOutput;
  readonly exited: Promise<Exit>;
  readonly #mark: string;
  readonly #stdin: ChildStdin;
  readonly #table: ProcessTable;
  readonly #onEmpty: () => void;
  #sweep: Promise<void> | undefined;
  #reaped = false;
  #empty = false;

  constructor(options: {
    readonly process: ChildProcess;
    readonly pid: number;
    readonly output: ChildOutput;
    readonly stdin: ChildStdin;
    readonly mark: string;
    readonly table: ProcessTable;
    /** Nothing of its group is left. What left the group is found by its mark. */
    onEmpty(): void;
  }) {
    this.pid = options.pid;
    this.output = options.output;
    this.#stdin = options.stdin;
    this.#mark = options.mark;
    this.#table = options.table;
    this.#onEmpty = () => options.onEmpty();
    const { promise, resolve } = Promise.withResolvers<Exit>();
    options.process.once('exit', (code, signal) => {
      this.#reaped = true;
      this.#stdin.close();
      // Mostly nothing of the group is left, and the number may soon be somebody else's.
      this.signal('0');
      resolve(exitOf(code, signal));
    });
    this.exited = promise.then(async (exit) => {
      await this.#drain();
      return exit;
    });
  }

  signal(name: string, to: 'group' | 'process' = 'group'): boolean {
    // With the last member gone the group's number is free for a stranger, so it is never used again; the same
    // goes for the first process once it is reaped.
    if (this.#empty || (to === 'process' && this.#reaped)) return false;
    const signal = signalOf(name);
    if (signal === undefined) return false;
    // Who dies now leaves orphans, and some of them may have dropped the mark and left the group.
    if (signal !== 0 && !this.#reaped) this.#table.claim(this.pid, this.#mark);
    if (to === 'process') return signalOwn(this.pid, signal);
    const there = signalOwnGroup(this.pid, signal);
    if (!there && this.#reaped) this.#end();
    return there;
  }

  write(bytes: Uint8Array): InputOutcome {
    return this.#stdin.write(bytes);
  }

  sweep(): Promise<void> {
    this.#sweep ??= this.#sweepOnce();
    return this.#sweep;
  }

  async #sweepOnce(): Promise<void> {
    // With the group gone, only what left it can be left, which is rare. Looking for it is put off for a moment:
    // a restart comes first, and children that end together share one look.
    if (this.#empty) await pause(unhurriedMs);
    const left = await sweep(this.#table, { leaders: this.#empty ? [] : [this.pid], mark: this.#mark });
    if (left.length > 0) {
      // In a system call that cannot be interrupted; a later sweep may find it gone.
      this.#sweep = undefined;
      return;
    }
    this.#end();
  }

  #end(): void {
    if (this.#empty) return;
    this.#empty = true;
    this.#onEmpty();
  }

  async #drain(): Promise<void> {
    this.output.drain();
    const { promise: limit, resolve: stopWaiting } = Promise.withResolvers<void>();
    const timer = setTimeout(stopWaiting, drainMs);
    const inTime = await Promise.race([this.output.closed.then(() => true), limit]);
    clearTimeout(timer);
    // On a busy machine the time may be over before anybody has looked into the pipes: one look is always taken.
    if (inTime !== true) await turn();
    this.output.abandon();
  }
}

function exitOf(code: number | null, signal: NodeJS.Signals | null): Exit {
  return { ...(code === null ? {} : { code }), ...(signal === null ? {} : { signal }) };
}
