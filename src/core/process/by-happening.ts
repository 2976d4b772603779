/** What a happening means in each state: births, failures, exits, and time (spec 6.2 to 6.5). */

import type { Exit } from '../outside.ts';
import { endParting, killSignal, nothing, onStop, starting, stopSignal } from './by-order.ts';
import { isExpected, type Policy } from './policy.ts';
import { pidOf, type ProcessState, stopped } from './state.ts';
import type { Step } from './step.ts';

/** An instance that lives less than this after RUNNING has had a short life. */
export const shortLifeMs = 1000;
/** So many short lives in a row are restarted at once; where restarts are paced, further ones wait longer each time. */
export const freeQuickRestarts = 10;
const longestQuickWaitMs = 10_000;

export function onSpawned(state: ProcessState, pid: number, policy: Policy, now: number): Step {
  switch (state.kind) {
    case 'starting':
      return {
        // What was waited for before the birth is no time that the child has stayed up.
        states: [{ ...state, pid, since: now }],
        effects: policy.proof ? [] : [{ kind: 'arm', at: now + policy.startMs + 1 }],
      };
    case 'stopping':
      // The stop came while the child was being born.
      return {
        states: [{ ...state, pid, killAt: now + policy.stopMs }],
        effects: [stopSignal(policy), { kind: 'arm', at: now + policy.stopMs }],
      };
    case 'stopped':
    case 'running':
    case 'backoff':
    case 'exited':
    case 'fatal':
    case 'unknown':
      return nothing;
  }
}

export function onSpawnFailed(state: ProcessState, policy: Policy, now: number): Step {
  if (state.kind === 'starting') return failedStart(state.attempt, policy, now);
  if (state.kind === 'stopping') return gone(state, policy, now);
  return nothing;
}

/** Nothing changes by trying again, so it is given up in the same breath. */
export function onUnfit(state: ProcessState, policy: Policy, now: number): Step {
  if (state.kind === 'stopping') return gone(state, policy, now);
  if (state.kind !== 'starting' || state.pid !== undefined) return nothing;
  const backoff: ProcessState = { kind: 'backoff', attempt: state.attempt + 1, until: now, giveUp: true };
  return { states: [backoff, { kind: 'fatal' }], effects: [{ kind: 'disarm' }] };
}

/** STARTING -> BACKOFF, and on to FATAL in the same breath when the retries are used up (spec 6.2). */
function failedStart(attemptsBefore: number, policy: Policy, now: number): Step {
  const attempt = attemptsBefore + 1;
  const until = now + attempt * 1000;
  const backoff: ProcessState = { kind: 'backoff', attempt, until, giveUp: attempt > policy.startRetries };
  if (backoff.giveUp) return { states: [backoff, { kind: 'fatal' }], effects: [{ kind: 'disarm' }] };
  // It stays as it is until it is stopped or given up.
  if (policy.final) return { states: [backoff], effects: [{ kind: 'disarm' }] };
  // "now beyond the delay" (SV-25): one millisecond past it.
  return { states: [backoff], effects: [{ kind: 'arm', at: until + 1 }] };
}

export function onReady(state: ProcessState, policy: Policy, now: number): Step {
  if (state.kind !== 'starting' || state.pid === undefined || state.ready) return nothing;
  if (now - state.since > policy.startMs || policy.startMs === 0) {
    return {
      states: [{ kind: 'running', pid: state.pid, since: now, quick: state.quick }],
      effects: [{ kind: 'disarm' }],
    };
  }
  return {
    states: [{ ...state, ready: true }],
    effects: [{ kind: 'arm', at: state.since + policy.startMs + 1 }],
  };
}

export function onHandshakeFailed(state: ProcessState, policy: Policy, now: number): Step {
  if (state.kind === 'running') return onStop(state, policy, now, 'fatal');
  if (state.kind !== 'starting' || state.pid === undefined) return nothing;
  const killAt = now + policy.stopMs;
  return {
    states: [
      {
        kind: 'backoff',
        attempt: state.attempt + 1,
        until: now,
        dying: { pid: state.pid, killAt },
        // What a program prints as its port does not change by trying again (RP-42).
        giveUp: true,
      },
    ],
    effects: [stopSignal(policy), { kind: 'arm', at: killAt }],
  };
}

export function onExited(state: ProcessState, exit: Exit, policy: Policy, now: number): Step {
  switch (state.kind) {
    case 'starting': {
      const proven = policy.proof ? state.ready : true;
      const longEnough = now - state.since >= policy.startMs;
      if (!proven || !longEnough) return failedStart(state.attempt, policy, now);
      // Long enough up, but no timer came between: it passes through RUNNING (SV-19).
      const running: ProcessState = { kind: 'running', pid: state.pid ?? 0, since: now, quick: state.quick };
      const after = exitOfRunning(running, exit, policy, now);
      return { states: [running, ...after.states], effects: after.effects };
    }
    case 'running':
      return exitOfRunning(state, exit, policy, now);
    case 'stopping':
      return gone(state, policy, now);
    case 'backoff':
      if (state.dying === undefined) return nothing;
      if (state.giveUp) return { states: [{ kind: 'fatal' }], effects: [{ kind: 'disarm' }] };
      return {
        states: [{ kind: 'backoff', attempt: state.attempt, until: state.until, giveUp: false }],
        effects: [{ kind: 'arm', at: Math.max(state.until, now) + 1 }],
      };
    case 'unknown':
      // Mended quirk of 6.2: an exit while UNKNOWN is recorded.
      return {
        states: [{ kind: 'exited', exit, expected: isExpected(exit, policy), quick: 0 }],
        effects: [{ kind: 'disarm' }],
      };
    case 'stopped':
    case 'exited':
    case 'fatal':
      return nothing;
  }
}

function exitOfRunning(
  state: Extract<ProcessState, { kind: 'running' }>,
  exit: Exit,
  policy: Policy,
  now: number,
): Step {
  const expected = isExpected(exit, policy);
  const wanted = policy.restart === 'always' || (policy.restart === 'unexpected' && !expected);
  const again = wanted && !policy.final;
  const quick = now - state.since < shortLifeMs ? state.quick + 1 : 0;
  if (!again) {
    return { states: [{ kind: 'exited', exit, expected, quick: 0 }], effects: [{ kind: 'disarm' }] };
  }
  const wait = policy.paced ? Math.min(Math.max(quick - freeQuickRestarts, 0) * 1000, longestQuickWaitMs) : 0;
  if (wait > 0) {
    return {
      states: [{ kind: 'exited', exit, expected, restartAt: now + wait, quick }],
      effects: [{ kind: 'arm', at: now + wait }],
    };
  }
  return {
    states: [{ kind: 'exited', exit, expected, quick }, starting(now, 0, quick)],
    effects: [{ kind: 'disarm' }, { kind: 'spawn' }],
  };
}

function gone(state: Extract<ProcessState, { kind: 'stopping' }>, policy: Policy, now: number): Step {
  const { attempt } = state;
  const rest: ProcessState = attempt === undefined ? stopped : { kind: 'stopped', attempt };
  if (state.next === 'start' && !policy.final) {
    return {
      states: [rest, starting(now, attempt)],
      effects: [{ kind: 'disarm' }, { kind: 'spawn' }],
    };
  }
  return { states: [state.next === 'fatal' ? { kind: 'fatal' } : rest], effects: [{ kind: 'disarm' }] };
}

/** It has taken leave of its requests, or the time for that is over. */
export function onParted(state: ProcessState, policy: Policy, now: number): Step {
  if (state.kind !== 'stopping' || state.parting !== true) return nothing;
  return endParting(state, policy.killsParted ? killSignal(policy) : stopSignal(policy), policy, now);
}

/** The child lives and takes no signals from us (SV-34). Its pid is kept, so that its end is seen. */
export function onSignalFailed(state: ProcessState): Step {
  const pid = pidOf(state);
  if (pid === undefined || state.kind === 'unknown') return nothing;
  return { states: [{ kind: 'unknown', pid }], effects: [{ kind: 'disarm' }] };
}

export function onTime(state: ProcessState, policy: Policy, now: number): Step {
  switch (state.kind) {
    case 'starting': {
      if (state.pid === undefined) return nothing;
      const due = state.since + policy.startMs + 1;
      if (now < due) return { states: [], effects: [{ kind: 'arm', at: due }] };
      if (policy.proof && !state.ready) return nothing;
      return {
        states: [{ kind: 'running', pid: state.pid, since: now, quick: state.quick }],
        effects: [],
      };
    }
    case 'backoff':
      if (state.dying !== undefined) {
        if (now < state.dying.killAt)
          return { states: [], effects: [{ kind: 'arm', at: state.dying.killAt }] };
        return killAgain({ ...state, dying: { ...state.dying, killAt: now + policy.stopMs } }, policy, now);
      }
      if (policy.final) return nothing;
      if (now <= state.until) return { states: [], effects: [{ kind: 'arm', at: state.until + 1 }] };
      return { states: [starting(now, state.attempt)], effects: [{ kind: 'spawn' }] };
    case 'stopping':
      // There is nobody to kill yet; the birth begins the wait anew.
      if (state.pid === undefined) return nothing;
      if (now < state.killAt) return { states: [], effects: [{ kind: 'arm', at: state.killAt }] };
      if (state.parting === true) return onParted(state, policy, now);
      return killAgain({ ...state, killAt: now + policy.stopMs }, policy, now);
    case 'exited':
      if (state.restartAt === undefined) return nothing;
      if (policy.final) {
        const { restartAt: _never, ...rest } = state;
        return { states: [rest], effects: [{ kind: 'disarm' }] };
      }
      if (now < state.restartAt) return { states: [], effects: [{ kind: 'arm', at: state.restartAt }] };
      return { states: [starting(now, 0, state.quick)], effects: [{ kind: 'spawn' }] };
    case 'stopped':
    case 'running':
    case 'fatal':
    case 'unknown':
      return nothing;
  }
}

/** SIGKILL, repeated every `stopMs` until the exit is seen (SV-31). */
function killAgain(state: ProcessState, policy: Policy, now: number): Step {
  return {
    states: [state],
    // Never a hot loop, even with a stop time of nothing.
    effects: [killSignal(policy), { kind: 'arm', at: now + Math.max(policy.stopMs, 100) }],
  };
}
