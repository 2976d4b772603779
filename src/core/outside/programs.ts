/** Tools that are asked something or that make something, and end by themselves. */

import type { Exit, Line, SpawnFailure } from './processes.ts';

/** Programs that are asked something or that make something, and end by themselves. Nothing of it rejects. */
export interface Programs {
  /**
   * The first program that is there and that we may run: at all of these names in each folder, in order. Folders are
   * absolute; on Windows the usual extensions are tried where a name has none.
   */
  find(names: readonly string[], folders: readonly string[]): Promise<string | undefined>;
  /**
   * Runs a program to its end and gives what it printed, as far as that is kept. Undefined: it cannot be run, or it took
   * longer than `timeoutMs`; then nothing of it is left.
   */
  ask(question: ProgramCall & { readonly timeoutMs: number }): Promise<ProgramAnswer | undefined>;
  /** Runs a step of a build. What it prints is told as it comes, and no faster than it is taken. */
  run(step: ProgramCall & { readonly said: Said }): ProgramRun;
}

/** Takes lines. Gives when it takes more, where it cannot at once. */
export type Said = (lines: readonly Line[]) => Promise<void> | undefined;

export interface ProgramCall {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** The complete environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** The last 256 KiB of each stream are kept. */
export interface ProgramAnswer {
  readonly exit: Exit;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramRun {
  /** Resolves when it has ended and nothing of its process group is left; with a failure where it could not be run. */
  readonly ended: Promise<ProgramAnswer | SpawnFailure>;
  /** Kills its whole process group. */
  cancel(): void;
}
