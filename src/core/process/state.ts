/** The states one instance can be in: each variant owns exactly its data, so two facts cannot disagree. */

import type { StateName } from '../model.ts';
import type { Exit } from '../outside.ts';

/** What follows once a child that is being stopped is gone. */
export type AfterStop = 'stopped' | 'start' | 'fatal';

export type ProcessState =
  | {
      readonly kind: 'stopped';
      /** Failed starts that the next start goes on counting from; absent: none. */
      readonly attempt?: number;
    }
  | {
      readonly kind: 'starting';
      /** When it was ordered, and from its birth on when that was. */
      readonly since: number;
      /** Failed starts before this one. */
      readonly attempt: number;
      /** Absent between the order to spawn and the child's birth. */
      readonly pid?: number;
      /** The handshake or ready check is met; `startMs` may still have to pass. */
      readonly ready: boolean;
      /** Short lives in a row, carried along so that a crash loop is paced. */
      readonly quick: number;
    }
  | { readonly kind: 'running'; readonly pid: number; readonly since: number; readonly quick: number }
  | {
      readonly kind: 'backoff';
      readonly attempt: number;
      readonly until: number;
      /** A child whose handshake failed and that is being put down. No start before it is gone. */
      readonly dying?: { readonly pid: number; readonly killAt: number };
      /** Trying again cannot help: FATAL once the child is gone. */
      readonly giveUp: boolean;
    }
  | {
      readonly kind: 'stopping';
      /** Absent when the stop came before the child was born; the birth is then answered with the signal. */
      readonly pid?: number;
      /** It has not been signalled yet: it may finish the requests it has, at the latest until `killAt`. */
      readonly parting?: true;
      readonly killAt: number;
      readonly next: AfterStop;
      /** As in `stopped`. */
      readonly attempt?: number;
    }
  | {
      readonly kind: 'exited';
      readonly exit: Exit;
      readonly expected: boolean;
      /** A paced restart is due then. */
      readonly restartAt?: number;
      readonly quick: number;
    }
  | { readonly kind: 'fatal' }
  | { readonly kind: 'unknown'; readonly pid: number };

export const stopped: ProcessState = { kind: 'stopped' };

const names: { readonly [K in ProcessState['kind']]: StateName } = {
  stopped: 'STOPPED',
  starting: 'STARTING',
  running: 'RUNNING',
  backoff: 'BACKOFF',
  stopping: 'STOPPING',
  exited: 'EXITED',
  fatal: 'FATAL',
  unknown: 'UNKNOWN',
};

/** Supervisor's name of a state (spec 6.1). */
export function stateName(state: ProcessState): StateName {
  return names[state.kind];
}

/** Nothing of it runs and nothing is planned: STOPPED, EXITED without a due restart, FATAL. */
export function isAtRest(state: ProcessState): boolean {
  return (
    state.kind === 'stopped' ||
    state.kind === 'fatal' ||
    (state.kind === 'exited' && state.restartAt === undefined)
  );
}

/** It is being stopped and has not been signalled yet, so that it can finish the requests it has. */
export function isParting(state: ProcessState): boolean {
  return state.kind === 'stopping' && state.parting === true;
}

export function pidOf(state: ProcessState): number | undefined {
  switch (state.kind) {
    case 'starting':
    case 'running':
    case 'stopping':
    case 'unknown':
      return state.pid;
    case 'backoff':
      return state.dying?.pid;
    case 'stopped':
    case 'exited':
    case 'fatal':
      return undefined;
  }
}
