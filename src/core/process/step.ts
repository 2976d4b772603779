/**
 * Decides what happens next to one instance (spec 6.1 to 6.5).
 *
 * Knows nothing of processes, clocks or sockets: it is told what happened and when, and answers what to do, so
 * every story an instance can live through can be told in a test.
 */

import type { RestartPolicy } from '../../config/spec.ts';
import type { Exit } from '../outside.ts';
import { type AfterStop, pidOf, type ProcessState, stopped } from './state.ts';

/** The rules one instance lives by. Times are in milliseconds. */
export interface Policy {
  readonly startMs: number;
  readonly startRetries: number;
  readonly stopSignal: string;
  readonly stopMs: number;
  readonly restart: RestartPolicy;
  readonly exitCodes: readonly number[];
  /** A handshake or a ready check says when it is up; without it only time can. */
  readonly proof: boolean;
  /** Whom the stop signal is for, and whom the SIGKILL that follows it (spec 6.5). */
  readonly stopTo: SignalTarget;
  readonly killTo: SignalTarget;
  /** Short lives in a row are restarted with growing waits; Supervisor itself knows no limit. */
  readonly paced: boolean;
  /** The count of failed starts outlives a stop (SV-29). Otherwise an order begins it anew. */
  readonly keepsCount: boolean;
  /** Nothing starts by itself any more: the supervisor is being shut down (SV-22). */
  readonly final: boolean;
}

/** A child's whole process group, or the child alone. */
export type SignalTarget = 'group' | 'process';

export type ProcessEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'restart' }
  /** BACKOFF is to try no more: its whole group is being stopped (SV-40). */
  | { readonly kind: 'giveUp' }
  | { readonly kind: 'spawned'; readonly pid: number }
  | { readonly kind: 'spawnFailed' }
  /** The handshake and the ready check are met. */
  | { readonly kind: 'ready' }
  /** The handshake cannot be met any more: the child told no usable port, or its port is a stranger's. */
  | { readonly kind: 'handshakeFailed' }
  | { readonly kind: 'exited'; readonly exit: Exit }
  /** A signal could not be sent for a reason other than "no such process". */
  | { readonly kind: 'signalFailed' }
  /** The armed time has come. */
  | { readonly kind: 'time' };

export type Effect =
  | { readonly kind: 'spawn' }
  | { readonly kind: 'signal'; readonly name: string; readonly to: SignalTarget }
  /** One timer an instance; arming again replaces it. */
  | { readonly kind: 'arm'; readonly at: number }
  | { readonly kind: 'disarm' };

export interface Step {
  /** The states passed through, the last one being where it is now. Empty: nothing changed. */
  readonly states: readonly ProcessState[];
  readonly effects: readonly Effect[];
}

/** An instance that lives less than this after RUNNING has had a short life. */
export const shortLifeMs = 1000;
/** So many short lives in a row are restarted at once; where restarts are paced, further ones wait longer each time. */
export const freeQuickRestarts = 10;
const longestQuickWaitMs = 10_000;

const nothing: Step = { states: [], effects: [] };

export function step(state: ProcessState, event: ProcessEvent, policy: Policy, now: number): Step {
  switch (event.kind) {
    case 'start':
      return onStart(state, now);
    case 'stop':
      return onStop(state, policy, now, 'stopped');
    case 'restart':
      return onRestart(state, policy, now);
    case 'giveUp':
      return onGiveUp(state);
    case 'spawned':
      return onSpawned(state, event.pid, policy, now);
    case 'spawnFailed':
      return onSpawnFailed(state, policy, now);
    case 'ready':
      return onReady(state, policy, now);
    case 'handshakeFailed':
      return onHandshakeFailed(state, policy, now);
    case 'exited':
      return onExited(state, event.exit, policy, now);
    case 'signalFailed':
      return onSignalFailed(state);
    case 'time':
      return onTime(state, policy, now);
  }
}

/** The exit code is one of the expected ones; a signal never is (SV-21). */
export function isExpected(exit: Exit, policy: Policy): boolean {
  return exit.code !== undefined && policy.exitCodes.includes(exit.code);
}

function starting(now: number, attempt = 0, quick = 0): ProcessState {
  return { kind: 'starting', since: now, attempt, ready: false, quick };
}

function startAgain(now: number, attempt = 0): Step {
  return { states: [starting(now, attempt)], effects: [{ kind: 'disarm' }, { kind: 'spawn' }] };
}

function onStart(state: ProcessState, now: number): Step {
  switch (state.kind) {
    case 'stopped':
      return startAgain(now, state.attempt);
    case 'exited':
    case 'fatal':
      return startAgain(now);
    case 'backoff':
      // A person's start does not wait for the delay, but never runs a second child beside a dying one.
      if (state.dying !== undefined) {
        return {
          states: [{ kind: 'stopping', pid: state.dying.pid, killAt: state.dying.killAt, next: 'start' }],
          effects: [],
        };
      }
      return startAgain(now, state.attempt);
    case 'stopping':
      return state.next === 'start' ? nothing : { states: [{ ...state, next: 'start' }], effects: [] };
    case 'starting':
    case 'running':
    case 'unknown':
      return nothing;
  }
}

function onStop(state: ProcessState, policy: Policy, now: number, next: AfterStop): Step {
  const killAt = now + policy.stopMs;
  switch (state.kind) {
    case 'starting':
      return {
        states: [
          {
            kind: 'stopping',
            ...(state.pid === undefined ? {} : { pid: state.pid }),
            killAt,
            next,
            ...kept(state.attempt, policy),
          },
        ],
        effects: [...(state.pid === undefined ? [] : [stopSignal(policy)]), { kind: 'arm', at: killAt }],
      };
    case 'running':
    case 'unknown':
      return {
        states: [{ kind: 'stopping', pid: state.pid, killAt, next }],
        effects: [stopSignal(policy), { kind: 'arm', at: killAt }],
      };
    case 'backoff':
      // BACKOFF -> STOPPED without a signal (SV-29), unless a child with a failed handshake is still dying.
      if (state.dying !== undefined) {
        return {
          states: [{ kind: 'stopping', pid: state.dying.pid, killAt: state.dying.killAt, next }],
          effects: [],
        };
      }
      return { states: [{ kind: 'stopped', ...kept(state.attempt, policy) }], effects: [{ kind: 'disarm' }] };
    case 'exited':
      // Only a paced restart can be called off; otherwise EXITED says more than STOPPED would.
      return state.restartAt === undefined ? nothing : { states: [stopped], effects: [{ kind: 'disarm' }] };
    case 'stopping':
      return state.next === next ? nothing : { states: [{ ...state, next }], effects: [] };
    case 'stopped':
    case 'fatal':
      return nothing;
  }
}

function stopSignal(policy: Policy): Effect {
  return { kind: 'signal', name: policy.stopSignal, to: policy.stopTo };
}

/** The failed starts that outlive a stop. */
function kept(attempt: number, policy: Policy): { attempt?: number } {
  return policy.keepsCount && attempt > 0 ? { attempt } : {};
}

/** BACKOFF -> FATAL by order; whoever is in another state is stopped instead. */
function onGiveUp(state: ProcessState): Step {
  if (state.kind !== 'backoff') return nothing;
  if (state.dying !== undefined) return { states: [{ ...state, giveUp: true }], effects: [] };
  return { states: [{ kind: 'fatal' }], effects: [{ kind: 'disarm' }] };
}

function onRestart(state: ProcessState, policy: Policy, now: number): Step {
  switch (state.kind) {
    case 'starting':
    case 'running':
    case 'unknown':
      return onStop(state, policy, now, 'start');
    case 'stopped':
    case 'exited':
    case 'fatal':
    case 'backoff':
    case 'stopping':
      return onStart(state, now);
  }
}

function onSpawned(state: ProcessState, pid: number, policy: Policy, now: number): Step {
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

function onSpawnFailed(state: ProcessState, policy: Policy, now: number): Step {
  if (state.kind === 'starting') return failedStart(state.attempt, policy, now);
  if (state.kind === 'stopping') return gone(state, policy, now);
  return nothing;
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

function onReady(state: ProcessState, policy: Policy, now: number): Step {
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

function onHandshakeFailed(state: ProcessState, policy: Policy, now: number): Step {
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

function onExited(state: ProcessState, exit: Exit, policy: Policy, now: number): Step {
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

/** The child lives and takes no signals from us (SV-34). Its pid is kept, so that its end is seen. */
function onSignalFailed(state: ProcessState): Step {
  const pid = pidOf(state);
  if (pid === undefined || state.kind === 'unknown') return nothing;
  return { states: [{ kind: 'unknown', pid }], effects: [{ kind: 'disarm' }] };
}

function onTime(state: ProcessState, policy: Policy, now: number): Step {
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
      if (now < state.killAt) return { states: [], effects: [{ kind: 'arm', at: state.killAt }] };
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
    effects: [
      { kind: 'signal', name: 'KILL', to: policy.killTo },
      { kind: 'arm', at: now + Math.max(policy.stopMs, 100) },
    ],
  };
}
