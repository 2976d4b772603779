/** One instance as the faces see it. */

import { handshakes } from '../handshake/launch.ts';
import type { ExitView, InstanceView } from '../model.ts';
import type { Clock } from '../outside.ts';
import type { Run } from './run.ts';
import { pidOf, type ProcessState, stateName } from './state.ts';

/** What whoever sends it requests knows of it. */
export interface RequestFacts {
  /** Its own address at the front door. */
  readonly url?: string | undefined;
  readonly traffic?: InstanceView['traffic'] | undefined;
  /** Requests it still has while it is being stopped. */
  readonly draining?: number | undefined;
  /** Why it gets none although it runs. */
  readonly outOfService?: string | undefined;
  /** Nobody wants it, so it is at rest until somebody does. */
  readonly asleep?: boolean | undefined;
}

export interface ViewFacts {
  readonly state: ProcessState;
  readonly run: Run;
  readonly exit: ExitView | undefined;
  readonly reason: string | undefined;
  readonly fault: InstanceView['fault'] | undefined;
  readonly waitingFor: InstanceView['waitingFor'] | undefined;
  readonly health: InstanceView['health'] | undefined;
  readonly requests: RequestFacts;
  /** What is known of it anyway: names, times, files. */
  readonly known: Omit<InstanceView, 'state' | 'service'>;
}

export function viewOf(facts: ViewFacts, clock: Pick<Clock, 'now' | 'wall'>): InstanceView {
  const { state, run, exit, reason, fault, waitingFor, health } = facts;
  const pid = pidOf(state);
  const live = state.kind === 'running' || state.kind === 'starting';
  // What was only hinted at is nobody's port before it was found.
  const isHint = handshakes[run.spec.handshake].reports === 'sockets' && run.host === undefined;
  const port = isHint ? undefined : run.port;
  const attempt = state.kind === 'starting' || state.kind === 'backoff' ? state.attempt : undefined;
  const nextTry = nextTryAt(state, clock);
  return {
    ...facts.known,
    service: run.spec.name,
    state: stateName(state),
    ...(pid === undefined || pid === 0 ? {} : { pid }),
    ...(live && run.host !== undefined ? { host: run.host } : {}),
    ...(live && port !== undefined ? { port } : {}),
    ...(attempt === undefined || attempt === 0 ? {} : { attempt }),
    ...(nextTry === undefined ? {} : { nextTryAt: nextTry }),
    ...(exit === undefined ? {} : { exit }),
    ...(reason === undefined ? {} : { reason }),
    ...(fault === undefined ? {} : { fault }),
    ...(waitingFor === undefined || waitingFor.length === 0 ? {} : { waitingFor }),
    ...(health === undefined ? {} : { health }),
    ...requestsIn(state, facts.requests),
    ...(state.kind === 'starting' && run.preparing !== undefined ? { preparing: run.preparing } : {}),
    ...(live && run.inspector !== undefined ? { inspector: run.inspector } : {}),
  };
}

/** Each only in the states in which it means something, so that what was told late contradicts nothing. */
function requestsIn(state: ProcessState, facts: RequestFacts): Partial<InstanceView> {
  const { url, traffic, draining = 0, outOfService, asleep } = facts;
  return {
    ...(url === undefined ? {} : { url }),
    ...(traffic === undefined ? {} : { traffic }),
    ...(state.kind === 'stopping' && draining > 0 ? { draining } : {}),
    ...(state.kind === 'running' && outOfService !== undefined ? { outOfService } : {}),
    ...(state.kind === 'stopped' && asleep === true ? { asleep } : {}),
  };
}

/** On the wall clock, when the next start is due. */
function nextTryAt(state: ProcessState, clock: Pick<Clock, 'now' | 'wall'>): number | undefined {
  const due =
    state.kind === 'backoff' && !state.giveUp
      ? state.until
      : state.kind === 'exited'
        ? state.restartAt
        : undefined;
  return due === undefined ? undefined : Math.round(clock.wall() + (due - clock.now()));
}
