/** Codes and classes of Supervisor's process states (spec 6.1), for tools that speak in numbers. */

import type { StateName } from '../api.ts';

export const stateCodes: Readonly<Record<StateName, number>> = {
  STOPPED: 0,
  STARTING: 10,
  RUNNING: 20,
  BACKOFF: 30,
  STOPPING: 40,
  EXITED: 100,
  FATAL: 200,
  UNKNOWN: 1000,
};

const running: ReadonlySet<StateName> = new Set(['STARTING', 'RUNNING', 'BACKOFF']);
const stopped: ReadonlySet<StateName> = new Set(['STOPPED', 'EXITED', 'FATAL', 'UNKNOWN']);
const signallable: ReadonlySet<StateName> = new Set(['RUNNING', 'STARTING', 'STOPPING']);

/** It runs, or will by itself. */
export const isRunning = (state: StateName): boolean => running.has(state);
export const isStopped = (state: StateName): boolean => stopped.has(state);
/** It has a process that a signal can reach. */
export const isSignallable = (state: StateName): boolean => signallable.has(state);
