/** Signals to processes and whole groups. "No such process" is an answer, not an error (spec 6.5, RP-38). */

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { codeOf } from './error-words.ts';

/** Signals one process. False when there is none. */
export function signalProcess(pid: number, signal: NodeJS.Signals | number): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    // Not permitted means that somebody is there: a child that has become another user.
    return codeOf(error) === 'EPERM';
  }
}

/**
 * The same for a child of ours, which it must be possible to end.
 *
 * @throws Error (EPERM) when it has become another user and does not take signals from us (spec 6.5).
 */
export function signalOwnGroup(leader: number, signal: NodeJS.Signals | number): boolean {
  if (process.platform === 'win32' || signal === 0) return signalGroup(leader, signal);
  return strike(-leader, signal);
}

/**
 * The same for its first process alone. Windows knows no difference.
 *
 * @throws Error (EPERM) when it does not take signals from us.
 */
export function signalOwn(pid: number, signal: NodeJS.Signals | number): boolean {
  if (process.platform === 'win32') return signalGroup(pid, signal);
  return signal === 0 ? signalProcess(pid, signal) : strike(pid, signal);
}

function strike(target: number, signal: NodeJS.Signals | number): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
    throw error;
  }
}

/** Signals all members of the group a child leads; on Windows, which has no groups, ends its whole tree. */
export function signalGroup(leader: number, signal: NodeJS.Signals | number): boolean {
  if (process.platform !== 'win32') return signalProcess(-leader, signal);
  const there = signalProcess(leader, 0);
  if (there && signal !== 0) endTree(leader);
  return there;
}

/** Windows: a console program cannot be asked to end from outside its console, so the tree is ended. */
function endTree(pid: number): void {
  spawn('taskkill', ['/PID', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true }).on(
    'error',
    () => {
      signalProcess(pid, 'SIGKILL');
    },
  );
}

const numbers = new Map<string, number>(Object.entries(constants.signals));

/** `TERM`, `SIGTERM` and `15` all name the same signal; undefined for one that this platform does not have. */
export function signalOf(name: string): number | undefined {
  if (/^\d+$/u.test(name)) return Number(name);
  const upper = name.toUpperCase();
  return numbers.get(upper.startsWith('SIG') ? upper : `SIG${upper}`);
}
