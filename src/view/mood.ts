/** What states look like: one icon, one colour and one rank for each, so that every picture agrees. */

import type { InstanceView, StateName } from '../protocol/api.ts';
import { isWaiting } from './needs.ts';
import { isUnhealthy } from './reasons.ts';
import { isAside, isAsleep } from './traffic.ts';

/** A codicon and, where it has one, a colour of the theme, both by name. */
export interface Icon {
  readonly id: string;
  readonly color?: string;
}

/**
 * How an instance or a service fares. A troubled one needs a person. `waiting` is for its next try; `pending` is for
 * another service to get ready, and `stuck` when that will not happen by itself. One that is `aside` runs and is left out
 * when requests are given away; one that is `asleep` starts with the first of them.
 */
export type Mood =
  | 'troubled'
  | 'waiting'
  | 'stuck'
  | 'busy'
  | 'pending'
  | 'doubtful'
  | 'aside'
  | 'partly'
  | 'running'
  | 'finished'
  | 'asleep'
  | 'calm'
  | 'unknown';

// Shapes differ as well as colours, for eyes that do not tell red from green.
export const icons: Readonly<Record<Mood, Icon>> = {
  troubled: { id: 'error', color: 'problemsErrorIcon.foreground' },
  waiting: { id: 'history', color: 'problemsWarningIcon.foreground' },
  stuck: { id: 'watch', color: 'problemsWarningIcon.foreground' },
  busy: { id: 'loading~spin' },
  pending: { id: 'watch' },
  doubtful: { id: 'warning', color: 'problemsWarningIcon.foreground' },
  aside: { id: 'circle-slash', color: 'problemsWarningIcon.foreground' },
  partly: { id: 'color-mode', color: 'testing.iconPassed' },
  running: { id: 'pass-filled', color: 'testing.iconPassed' },
  finished: { id: 'pass' },
  asleep: { id: 'eye-closed' },
  calm: { id: 'circle-outline' },
  unknown: { id: 'question', color: 'problemsWarningIcon.foreground' },
};

/** The worst first: a collapsed service shows the first of these that one of its instances is in. */
const gravest: readonly Mood[] = [
  'troubled',
  'waiting',
  'stuck',
  'unknown',
  'busy',
  'pending',
  'doubtful',
  'aside',
];

/** A settled state is one that nothing but a person (or a dependency) changes. */
export function isSettled(state: StateName): boolean {
  return state === 'STOPPED' || state === 'EXITED' || state === 'FATAL' || state === 'UNKNOWN';
}

const moodIn: Readonly<Record<StateName, (instance: InstanceView) => Mood>> = {
  FATAL: () => 'troubled',
  BACKOFF: () => 'waiting',
  STARTING: () => 'busy',
  STOPPING: () => 'busy',
  RUNNING: (instance) => {
    const mood = instance.fault === undefined ? 'running' : faultMood(instance.fault.severity);
    if (mood !== 'running') return mood;
    if (isUnhealthy(instance)) return 'doubtful';
    return isAside(instance) ? 'aside' : mood;
  },
  EXITED: (instance) => {
    if (instance.exit?.expected === false) return 'troubled';
    return isAsleep(instance) ? 'asleep' : 'finished';
  },
  STOPPED: (instance) => {
    if (instance.fault?.severity === 'error') return 'troubled';
    return isAsleep(instance) ? 'asleep' : 'calm';
  },
  UNKNOWN: () => 'unknown',
};

export function moodOf(instance: InstanceView): Mood {
  if (isWaiting(instance))
    return instance.waitingFor?.some(({ stuck }) => stuck) === true ? 'stuck' : 'pending';
  return moodIn[instance.state](instance);
}

function faultMood(severity: string): Mood {
  if (severity === 'error') return 'troubled';
  return severity === 'warning' ? 'doubtful' : 'running';
}

const asShouldBe: ReadonlySet<Mood> = new Set(['running', 'finished', 'asleep']);

/** One mood for several: the gravest, else whether all, some or none run. */
export function rollUp(moods: readonly Mood[]): Mood {
  const grave = gravest.find((mood) => moods.includes(mood));
  if (grave !== undefined) return grave;
  const running = moods.filter((mood) => mood === 'running').length;
  // What is done, and what nobody wants just now, is as it should be.
  if (running > 0) return moods.every((mood) => asShouldBe.has(mood)) ? 'running' : 'partly';
  if (moods.includes('asleep')) return 'asleep';
  return moods.includes('finished') ? 'finished' : 'calm';
}
