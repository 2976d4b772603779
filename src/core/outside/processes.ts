/** Children: what is decided before one starts, how it is reached while it lives, and what it prints. */

import type { Disposable } from '../../base/disposable.ts';
import type { LogPlan } from './logs.ts';
import type { SharedSocket } from './sockets.ts';

/** Everything needed to start one child; decided before anything happens. */
export interface SpawnPlan {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** The complete environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Bytes for stdin, which is then closed; without it stdin is /dev/null. */
  readonly stdin?: Uint8Array;
  /** Keeps stdin open after that, for `Child.write`. */
  readonly openStdin?: boolean;
  /** Where all output goes besides the tail. */
  readonly log?: LogPlan;
  /** A file for each stream instead of `log`. */
  readonly logs?: { readonly stdout?: LogPlan; readonly stderr?: LogPlan };
  /** stderr is the same pipe as stdout (SV-13). */
  readonly redirectStderr?: boolean;
  /** Colour codes are taken out of what the log files get (SV-56). */
  readonly stripAnsi?: boolean;
  /** Bytes of the capture buffer of a stream; 0 or absent: capture is off (SV-58). */
  readonly capture?: { readonly stdout?: number; readonly stderr?: number };
  readonly umask?: number;
  /** A name or a uid. A user who cannot be switched to makes the child exit with 127 (SV-11). */
  readonly user?: string;
  /** Becomes descriptor 0 (SV-81). */
  readonly socket?: SharedSocket;
  /**
   * As for Supervisor, a folder that cannot be entered and a program that the system will not run are no failures
   * to spawn: the child says so on its stderr and exits with 127 (SV-11).
   */
  readonly asSupervisor?: true;
}

export interface Exit {
  readonly code?: number;
  /** With `SIG`. */
  readonly signal?: string;
}

/** Why a command could not be run at all, in words (spec 6.3). */
export interface SpawnFailure {
  readonly reason: string;
  /** What to do about it. */
  readonly way: string;
  /** What kind of failure, for spec 6.3's exact texts; absent: none of these. */
  readonly cause?: SpawnFailureCause;
  /** The system's name of the error: `EMFILE`. */
  readonly errno?: string;
  /** What was found in the place of the program, such as a directory; absent: it was not found. */
  readonly path?: string;
  /** Its pipes or logs could not be made, so nothing was started yet; absent: the start itself failed. */
  readonly stage?: 'pipes';
}

export type SpawnFailureCause =
  | 'not-found'
  | 'is-directory'
  | 'not-executable'
  | 'no-permission'
  | 'too-many-files'
  | 'too-many-processes'
  | 'no-directory';

export type Stream = 'stdout' | 'stderr';

export interface Line {
  readonly stream: Stream;
  readonly text: string;
}

export interface Spawner {
  /**
   * Starts a child as the leader of its own process group. Never throws: a failure comes back as a value.
   * Output is read from the first byte on (spec 1.7, mended).
   */
  spawn(plan: SpawnPlan): Promise<Child | SpawnFailure>;
  /** Looks whether the command could be run, and runs nothing (SV-4, SV-5). */
  examine(plan: Pick<SpawnPlan, 'argv' | 'cwd' | 'env'>): Promise<SpawnFailure | undefined>;
}

/**
 * What became of an attempt to write to a child's stdin. `none`: it has none that is open for writing; `closed`: the
 * child has closed it; `full`: it has not read what it was given before, and nothing more is kept for it.
 */
export type InputOutcome = 'written' | 'none' | 'closed' | 'full';

export interface Child {
  readonly pid: number;
  readonly output: Output;
  /** Resolves once the child is reaped and its output drained (at most 100 ms after the exit). */
  readonly exited: Promise<Exit>;
  /** Signals the whole group, or the first process alone; `TERM` without `SIG`. True when there was something to signal. */
  signal(name: string, to?: 'group' | 'process'): boolean;
  /** Writes to stdin (SV-66). */
  write(bytes: Uint8Array): InputOutcome;
  /** Kills whatever of the group or of its descendants is left, and returns when none is. */
  sweep(): Promise<void>;
}

/** The tee: what a child printed, in bounded memory. */
export interface Output {
  /** The last lines, at most `lines` of them (spec RP-34: 100 by default), of one stream or of both. */
  tail(lines?: number, stream?: Stream): readonly Line[];
  /** Lines (without their line ends; a last fragment when the stream ends) as they come. Costs something only while listened to. */
  onLines(listener: (lines: readonly Line[]) => void): Disposable;
  /** Something was printed; for looking at the child again. */
  onActivity(listener: () => void): Disposable;
  /** The first line of stdout with its newline, if it had one; '' when stdout ended without one. It does not reach the tail or `onLines` when asked for before the first byte. */
  firstLine(): Promise<string>;
  /** While paused the child feels backpressure: its pipe fills. */
  pause(): void;
  resume(): void;
  /** All bytes read so far. */
  readonly bytes: number;
  /**
   * Bytes as they come, before lines are cut, without what is captured, and without colours where the plan says so.
   * Costs something only while listened to.
   */
  onBytes(listener: (stream: Stream, bytes: Uint8Array) => void): Disposable;
  /** What stood between the capture tokens (spec 6.9), as it came; only where the plan asks for capture. */
  onCaptured(listener: (stream: Stream, bytes: Uint8Array) => void): Disposable;
}
