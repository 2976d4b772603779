/**
 * Supervisor's events: their names, which of them a name means, and their payloads (spec 6.10).
 *
 * An event is made once, as bytes, so that nothing that changes later can change what it tells.
 */

import type { StateName } from '../model.ts';
import type { Stream } from '../outside.ts';
import { bytesOf, joined } from './bytes.ts';

/** The names events have. Abstract names are none of these: they only stand for several. */
const concrete = [
  'PROCESS_STATE_STOPPED',
  'PROCESS_STATE_EXITED',
  'PROCESS_STATE_STARTING',
  'PROCESS_STATE_STOPPING',
  'PROCESS_STATE_BACKOFF',
  'PROCESS_STATE_FATAL',
  'PROCESS_STATE_RUNNING',
  'PROCESS_STATE_UNKNOWN',
  'PROCESS_COMMUNICATION_STDOUT',
  'PROCESS_COMMUNICATION_STDERR',
  'PROCESS_LOG_STDOUT',
  'PROCESS_LOG_STDERR',
  'REMOTE_COMMUNICATION',
  'SUPERVISOR_STATE_CHANGE_RUNNING',
  'SUPERVISOR_STATE_CHANGE_STOPPING',
  'TICK_5',
  'TICK_60',
  'TICK_3600',
  'PROCESS_GROUP_ADDED',
  'PROCESS_GROUP_REMOVED',
] as const;

export type EventName = (typeof concrete)[number];

/** Stand for every event whose name begins with them, and `EVENT` for all. */
const abstract = [
  'EVENT',
  'PROCESS_STATE',
  'PROCESS_COMMUNICATION',
  'PROCESS_LOG',
  'SUPERVISOR_STATE_CHANGE',
  'TICK',
  'PROCESS_GROUP',
] as const;

/** Everything that may stand under `events` of a listener. */
export const eventTypes: readonly string[] = [...concrete, ...abstract];

/** The events that the names under `events` mean; each once, however often it is meant. */
export function subscribedBy(names: readonly string[]): ReadonlySet<EventName> {
  return new Set(concrete.filter((event) => names.some((name) => means(name, event))));
}

function means(name: string, event: EventName): boolean {
  if (name === 'EVENT' || name === event) return true;
  return abstract.some((each) => each === name) && event.startsWith(`${name}_`);
}

export interface SupervisorEvent {
  readonly name: EventName;
  readonly payload: Uint8Array;
}

/** Who an event is about. */
export interface About {
  readonly process: string;
  readonly group: string;
}

/** What the events about a change of state tell besides the states. */
export interface StateFacts {
  readonly tries: number;
  readonly expected: boolean;
  /** 0 when there is none, as in STOPPED after BACKOFF. */
  readonly pid: number;
}

export function stateEvent(about: About, from: StateName, to: StateName, facts: StateFacts): SupervisorEvent {
  const pairs = [...pairsOf(about), `from_state:${from}`, ...extra(to, facts)];
  return { name: `PROCESS_STATE_${to}`, payload: bytesOf(pairs.join(' ')) };
}

function extra(to: StateName, { tries, expected, pid }: StateFacts): readonly string[] {
  switch (to) {
    case 'STARTING':
    case 'BACKOFF':
      return [`tries:${tries}`];
    case 'RUNNING':
    case 'STOPPING':
    case 'STOPPED':
      return [`pid:${pid}`];
    case 'EXITED':
      return [`expected:${expected ? 1 : 0}`, `pid:${pid}`];
    case 'FATAL':
    case 'UNKNOWN':
      return [];
  }
}

/** What a process printed. The bytes are passed on as they are, whatever their encoding. */
export function logEvent(about: About, pid: number, stream: Stream, data: Uint8Array): SupervisorEvent {
  const head = [...pairsOf(about), `pid:${pid}`, `channel:${stream}`].join(' ');
  return { name: `PROCESS_LOG_${upper(stream)}`, payload: joined(bytesOf(`${head}\n`), data) };
}

/** What a process printed for us, between the capture tokens. */
export function communicationEvent(
  about: About,
  pid: number,
  stream: Stream,
  data: Uint8Array,
): SupervisorEvent {
  const head = [...pairsOf(about), `pid:${pid}`].join(' ');
  return { name: `PROCESS_COMMUNICATION_${upper(stream)}`, payload: joined(bytesOf(`${head}\n`), data) };
}

export function remoteEvent(type: string, data: string): SupervisorEvent {
  return { name: 'REMOTE_COMMUNICATION', payload: bytesOf(`type:${type}\n${data}`) };
}

export function supervisorEvent(to: 'RUNNING' | 'STOPPING'): SupervisorEvent {
  return { name: `SUPERVISOR_STATE_CHANGE_${to}`, payload: bytesOf('') };
}

export function groupEvent(what: 'ADDED' | 'REMOVED', group: string): SupervisorEvent {
  return { name: `PROCESS_GROUP_${what}`, payload: bytesOf(`groupname:${group}\n`) };
}

/** @param when start of the time slice, in seconds since the epoch. */
export function tickEvent(period: 5 | 60 | 3600, when: number): SupervisorEvent {
  return { name: `TICK_${period}`, payload: bytesOf(`when:${when}`) };
}

function pairsOf({ process, group }: About): readonly string[] {
  return [`processname:${process}`, `groupname:${group}`];
}

function upper(stream: Stream): 'STDOUT' | 'STDERR' {
  return stream === 'stdout' ? 'STDOUT' : 'STDERR';
}
