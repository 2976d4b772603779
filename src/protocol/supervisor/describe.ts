/** The description that Supervisor's tools show beside a process (spec 6.13, SV-86). */

import type { InstanceView } from '../api.ts';

/** `now` is in milliseconds since the epoch. */
export function describe(instance: InstanceView, now: number): string {
  switch (instance.state) {
    case 'RUNNING':
      return `pid ${instance.pid ?? 0}, uptime ${span(seconds(now) - seconds(instance.startedAt ?? now))}`;
    case 'FATAL':
    case 'BACKOFF':
      return instance.spawnError ?? `unknown error (try "tail ${instance.process}")`;
    case 'STOPPED':
    case 'EXITED':
      return instance.startedAt === undefined ? 'Not started' : shortDate(instance.stoppedAt ?? now);
    case 'STARTING':
    case 'STOPPING':
    case 'UNKNOWN':
      return '';
  }
}

/** Whole seconds, as Supervisor tells times. */
export function seconds(ms: number): number {
  return Math.trunc(ms / 1000);
}

/** `0:00:07`, `1 day, 2:03:04`, never below zero: the clock may have been set back. */
function span(total: number): string {
  const left = Math.max(0, total);
  const days = Math.floor(left / 86_400);
  const hours = Math.floor((left % 86_400) / 3600);
  const minutes = Math.floor((left % 3600) / 60);
  const clock = `${hours}:${twoDigits(minutes)}:${twoDigits(left % 60)}`;
  return days === 0 ? clock : `${days} ${days === 1 ? 'day' : 'days'}, ${clock}`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Nov 21 05:09 PM`, in local time. */
function shortDate(ms: number): string {
  const date = new Date(ms);
  const hour = date.getHours();
  const clock = `${twoDigits(hour % 12 === 0 ? 12 : hour % 12)}:${twoDigits(date.getMinutes())}`;
  return `${months[date.getMonth()] ?? ''} ${twoDigits(date.getDate())} ${clock} ${hour < 12 ? 'AM' : 'PM'}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
