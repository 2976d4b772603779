/**
 * Decides what happens next to one instance (spec 6.1 to 6.5).
 *
 * Knows nothing of processes, clocks or sockets: it is told what happened and when, and answers what to do, so
 * every story an instance can live through can be told in a test.
 */

import type { Exit } from '../outside.ts';
import {
  onExited,
  onHandshakeFailed,
  onParted,
  onReady,
  onSignalFailed,
  onSpawned,
  onSpawnFailed,
  onTime,
  onUnfit,
} from './by-happening.ts';
import { onGiveUp, onRestart, onStart, onStop } from './by-order.ts';
import type { Policy, SignalTarget } from './policy.ts';
import type { ProcessState } from './state.ts';

export type ProcessEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'restart' }
  /** BACKOFF is to try no more: its whole group is being stopped (SV-40). */
  | { readonly kind: 'giveUp' }
  | { readonly kind: 'spawned'; readonly pid: number }
  | { readonly kind: 'spawnFailed' }
  /** There is no use in spawning it before something is changed. */
  | { readonly kind: 'unfit' }
  /** The handshake and the ready check are met. */
  | { readonly kind: 'ready' }
  /** The handshake cannot be met any more: the child told no usable port, or its port is a stranger's. */
  | { readonly kind: 'handshakeFailed' }
  | { readonly kind: 'exited'; readonly exit: Exit }
  /** What is being stopped has answered the requests it had, and was asked to end by itself if its definition says so. */
  | { readonly kind: 'parted' }
  /** A signal could not be sent for a reason other than "no such process". */
  | { readonly kind: 'signalFailed' }
  /** The armed time has come. */
  | { readonly kind: 'time' };

export type Effect =
  | { readonly kind: 'spawn' }
  | { readonly kind: 'signal'; readonly name: string; readonly to: SignalTarget }
  /** No requests reach it any more, and those it has may finish; `parted` tells that they have. */
  | { readonly kind: 'part' }
  /** One timer an instance; arming again replaces it. */
  | { readonly kind: 'arm'; readonly at: number }
  | { readonly kind: 'disarm' };

export interface Step {
  /** The states passed through, the last one being where it is now. Empty: nothing changed. */
  readonly states: readonly ProcessState[];
  readonly effects: readonly Effect[];
}

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
    case 'unfit':
      return onUnfit(state, policy, now);
    case 'ready':
      return onReady(state, policy, now);
    case 'handshakeFailed':
      return onHandshakeFailed(state, policy, now);
    case 'exited':
      return onExited(state, event.exit, policy, now);
    case 'parted':
      return onParted(state, policy, now);
    case 'signalFailed':
      return onSignalFailed(state);
    case 'time':
      return onTime(state, policy, now);
  }
}
