/**
 * What Supervisor says of a process, word for word (spec 6.2 to 6.5, 6.9): its tools, its users' scripts and their
 * log watchers know these texts. `name` is always Supervisor's own name of the process.
 */

import { repr } from '../../config/formats/python/repr.ts';
import type { Exit, SpawnFailure } from '../outside.ts';

// ------------------------------------------------------------------------------------------- spawn errors

/** Why a start failed, for the spawn error of spec 6.3. */
export function spawnErrorOf(
  failure: Pick<SpawnFailure, 'cause' | 'errno' | 'path' | 'reason' | 'stage'>,
  plan: { readonly name: string; readonly program: string; readonly cwd: string },
): string {
  const { name, program, cwd } = plan;
  const found = repr(failure.path ?? program);
  if (failure.cause === undefined) {
    const stage = failure.stage === 'pipes' ? 'making dispatchers' : 'during fork';
    return `unknown error ${stage} for '${name}': ${failure.errno ?? failure.reason}`;
  }
  switch (failure.cause) {
    case 'not-found':
      return program.trim() === '' ? 'command is empty' : `can't find command ${repr(program)}`;
    case 'is-directory':
      return `command at ${found} is a directory`;
    case 'not-executable':
      return `command at ${found} is not executable`;
    case 'no-permission':
      return `no permission to run command ${found}`;
    case 'too-many-files':
      return `too many open files to spawn '${name}'`;
    case 'too-many-processes':
      return `Too many processes in process table to spawn '${name}'`;
    case 'no-directory':
      // Supervisor learns of it from the child, which writes this to its stderr.
      return `couldn't chdir to ${cwd}: ${failure.errno ?? 'ENOENT'}`;
  }
}

export const exitedTooQuickly = 'Exited too quickly (process log may have details)';

export function badExitCode(exit: Exit): string {
  return `Bad exit code ${statusOf(exit)}`;
}

// -------------------------------------------------------------------------------------------------- exits

/** The exit status as Supervisor's tools show it: −1 for whatever did not exit by itself (SV-21). */
export function statusOf(exit: Exit): number {
  return exit.code ?? -1;
}

/** `exit status 1`, `terminated by SIGTERM`. Whether a core was dumped is not told to us. */
export function exitText(exit: Exit): string {
  if (exit.code !== undefined) return `exit status ${exit.code}`;
  if (exit.signal !== undefined) return `terminated by ${exit.signal}`;
  // Nobody knows the status any more, so there is none to show.
  return 'unknown termination cause 0xffff';
}

// ------------------------------------------------------------------------------------- lines for the journal

export const lines = {
  spawnError: (text: string) => `spawnerr: ${text}`,
  spawned: (name: string, pid: number) => `spawned: '${name}' with pid ${pid}`,
  alreadyRunning: (name: string) => `process '${name}' already running`,
  succeeded: (name: string, startMs: number) =>
    `success: ${name} entered RUNNING state, process has stayed up for > than ${startMs / 1000} seconds (startsecs)`,
  exited: (name: string, exit: Exit, expected: boolean) =>
    `exited: ${name} (${exitText(exit)}; ${expected ? 'expected' : 'not expected'})`,
  stopped: (name: string, exit: Exit) => `stopped: ${name} (${exitText(exit)})`,
  gaveUp: (name: string) => `gave up: ${name} entered FATAL state, too many start retries too quickly`,
  killing: (name: string, pid: number, signal: string, to: 'group' | 'process') =>
    `killing ${name} (pid ${pid}) ${to === 'group' ? 'process group ' : ''}with signal ${withSig(signal)}`,
  killingAtLast: (name: string, pid: number) => `killing '${name}' (${pid}) with SIGKILL`,
  notToBeKilled: (name: string, signal: string) =>
    `attempted to kill ${name} with sig ${withSig(signal)} but it wasn't running`,
  stoppedInBackoff: (name: string) => `Attempted to kill ${name}, which is in BACKOFF state.`,
  justExited: (name: string, pid: number) =>
    `unable to signal ${name} (pid ${pid}), it probably just exited on its own: [Errno 3] No such process`,
  killFailed: (name: string, pid: number, reason: string) =>
    `unknown problem killing ${name} (${pid}):${reason}`,
  waiting: (name: string) => `waiting for ${name} to stop`,
  signalling: (name: string, pid: number, signal: string) =>
    `sending ${name} (pid ${pid}) sig ${withSig(signal)}`,
  notToBeSignalled: (name: string, signal: string) =>
    `attempted to send ${name} sig ${withSig(signal)} but it wasn't running`,
  signalFailed: (name: string, pid: number, reason: string) =>
    `unknown problem sending sig ${name} (${pid}):${reason}`,
  badState: (name: string, state: string, allowed: readonly string[]) =>
    `Assertion failed for ${name}: ${state} not in ${allowed.join(' ')}`,
} as const;

/** Why nothing can be written to a process's stdin (SV-66). */
export const stdinRefusals = {
  gone: 'Process already closed',
  none: 'Process has no stdin channel',
  closed: "Process' stdin channel is closed",
  // Supervisor would keep it, however much it is.
  full: 'Process does not read its stdin',
} as const;

/** `SIGTERM` of `TERM`; a number stays one. */
function withSig(name: string): string {
  const upper = name.toUpperCase();
  return upper.startsWith('SIG') || /^\d+$/u.test(upper) ? upper : `SIG${upper}`;
}

/** A group's socket cannot be created (spec 6.12). */
export function noSocket(url: string, reason: string): string {
  return `Could not create FastCGI socket ${url}: ${reason}`;
}
