/** What an order means in each state: start, stop, restart, and giving up (spec 6.2 and 6.5). */

import type { Policy } from './policy.ts';
import { type AfterStop, type ProcessState, stopped } from './state.ts';
import type { Effect, Step } from './step.ts';

export const nothing: Step = { states: [], effects: [] };

export function starting(now: number, attempt = 0, quick = 0): ProcessState {
  return { kind: 'starting', since: now, attempt, ready: false, quick };
}

function startAgain(now: number, attempt = 0): Step {
  return { states: [starting(now, attempt)], effects: [{ kind: 'disarm' }, { kind: 'spawn' }] };
}

export function onStart(state: ProcessState, now: number): Step {
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

export function onStop(state: ProcessState, policy: Policy, now: number, next: AfterStop): Step {
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
      // Where a stranger answers on its port there is nothing to take leave of.
      if (policy.partMs > 0 && next !== 'fatal') return part(state.pid, policy, now, next);
      return {
        states: [{ kind: 'stopping', pid: state.pid, killAt, next }],
        effects: [stopSignal(policy), { kind: 'arm', at: killAt }],
      };
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
      // Whoever says it twice does not want to wait for requests.
      if (state.parting === true) return endParting({ ...state, next }, stopSignal(policy), policy, now);
      return state.next === next ? nothing : { states: [{ ...state, next }], effects: [] };
    case 'stopped':
    case 'fatal':
      return nothing;
  }
}

/** STOPPING without a signal yet: no new requests go there, and those it has may finish. */
function part(pid: number, policy: Policy, now: number, next: AfterStop): Step {
  const killAt = now + policy.partMs;
  return {
    states: [{ kind: 'stopping', pid, parting: true, killAt, next }],
    effects: [{ kind: 'part' }, { kind: 'arm', at: killAt }],
  };
}

/** The parting is over, and the time to end by a signal begins. */
export function endParting(
  { parting: _over, ...state }: Extract<ProcessState, { kind: 'stopping' }>,
  signal: Effect,
  policy: Policy,
  now: number,
): Step {
  const killAt = now + policy.stopMs;
  return { states: [{ ...state, killAt }], effects: [signal, { kind: 'arm', at: killAt }] };
}

export function killSignal(policy: Policy): Effect {
  return { kind: 'signal', name: 'KILL', to: policy.killTo };
}

export function stopSignal(policy: Policy): Effect {
  return { kind: 'signal', name: policy.stopSignal, to: policy.stopTo };
}

/** The failed starts that outlive a stop. */
function kept(attempt: number, policy: Policy): { attempt?: number } {
  return policy.keepsCount && attempt > 0 ? { attempt } : {};
}

/** BACKOFF -> FATAL by order; whoever is in another state is stopped instead. */
export function onGiveUp(state: ProcessState): Step {
  if (state.kind !== 'backoff') return nothing;
  if (state.dying !== undefined) return { states: [{ ...state, giveUp: true }], effects: [] };
  return { states: [{ kind: 'fatal' }], effects: [{ kind: 'disarm' }] };
}

export function onRestart(state: ProcessState, policy: Policy, now: number): Step {
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
