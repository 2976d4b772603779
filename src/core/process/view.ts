/** One instance as the faces see it. */

import { handshakes } from '../handshake/launch.ts';
import type { ExitView, InstanceView } from '../model.ts';
import type { Clock } from '../outside.ts';
import type { Run } from './run.ts';
import { pidOf, type ProcessState, stateName } from './state.ts';

export interface ViewFacts {
  readonly state: ProcessState;
  readonly run: Run;
  readonly exit: ExitView | undefined;
  readonly reason: string | undefined;
  readonly fault: InstanceView['fault'] | undefined;
  readonly waitingFor: InstanceView['waitingFor'] | undefined;
  readonly health: InstanceView['health'] | undefined;
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
    ...(live && run.inspector !== undefined ? { inspector: run.inspector } : {}),
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
