/** What states look like: one icon, one colour and one rank for each, so that every picture agrees. */

import type { InstanceView, StateName } from '../protocol/api.ts';
import { isWaiting } from './needs.ts';
import { isUnhealthy } from './reasons.ts';

/** A codicon and, where it has one, a colour of the theme, both by name. */
export interface Icon {
  readonly id: string;
  readonly color?: string;
}

/**
 * How an instance or a service fares. A troubled one needs a person. `waiting` is for its next try; `pending` is for
 * another service to get ready, and `stuck` when that will not happen by itself.
 */
export type Mood =
  | 'troubled'
  | 'waiting'
  | 'stuck'
  | 'busy'
  | 'pending'
  | 'doubtful'
  | 'partly'
  | 'running'
  | 'finished'
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
  partly: { id: 'color-mode', color: 'testing.iconPassed' },
  running: { id: 'pass-filled', color: 'testing.iconPassed' },
  finished: { id: 'pass' },
  calm: { id: 'circle-outline' },
  unknown: { id: 'question', color: 'problemsWarningIcon.foreground' },
};

/** The worst first: a collapsed service shows the first of these that one of its instances is in. */
const gravest: readonly Mood[] = ['troubled', 'waiting', 'stuck', 'unknown', 'busy', 'pending', 'doubtful'];

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
    return mood === 'running' && isUnhealthy(instance) ? 'doubtful' : mood;
  },
  EXITED: ({ exit }) => (exit?.expected === false ? 'troubled' : 'finished'),
  STOPPED: ({ fault }) => (fault?.severity === 'error' ? 'troubled' : 'calm'),
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

/** One mood for several: the gravest, else whether all, some or none run. */
export function rollUp(moods: readonly Mood[]): Mood {
  const grave = gravest.find((mood) => moods.includes(mood));
  if (grave !== undefined) return grave;
  const running = moods.filter((mood) => mood === 'running').length;
  if (running > 0)
    return running === moods.length || moods.every((mood) => mood === 'running' || mood === 'finished')
      ? 'running'
      : 'partly';
  return moods.includes('finished') ? 'finished' : 'calm';
}
