/** How Supervisor's tools describe a process in one line (spec 6.13, SV-86). */

import type { InstanceView } from '../model.ts';

type Described = Pick<InstanceView, 'state' | 'process' | 'pid' | 'startedAt' | 'stoppedAt' | 'spawnError'>;

/** `pid 12, uptime 0:00:05`, `Nov 21 05:12 PM`, a spawn error, or nothing. `now` is in milliseconds since the epoch. */
export function describeProcess(view: Described, now: number): string {
  switch (view.state) {
    case 'RUNNING':
      return `pid ${view.pid ?? 0}, uptime ${uptime(now, view.startedAt ?? now)}`;
    case 'FATAL':
    case 'BACKOFF':
      return view.spawnError ?? `unknown error (try "tail ${view.process}")`;
    case 'STOPPED':
    case 'EXITED':
      // One whose starts have all failed to spawn has never stopped.
      return view.startedAt === undefined || view.stoppedAt === undefined
        ? 'Not started'
        : moment(view.stoppedAt);
    case 'STARTING':
    case 'STOPPING':
    case 'UNKNOWN':
      return '';
  }
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Nov 21 05:12 PM`, in the local time zone and always in English. */
function moment(epochMs: number): string {
  const at = new Date(epochMs);
  const hour = at.getHours();
  return (
    `${months[at.getMonth()]} ${two(at.getDate())} ` +
    `${two(hour % 12 === 0 ? 12 : hour % 12)}:${two(at.getMinutes())} ${hour < 12 ? 'AM' : 'PM'}`
  );
}

/** `0:00:05`, `1 day, 2:03:04`; whole seconds on both sides, never negative. */
function uptime(nowMs: number, startMs: number): string {
  const seconds = Math.max(0, Math.floor(nowMs / 1000) - Math.floor(startMs / 1000));
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3600);
  const clock = `${hours}:${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return days === 0 ? clock : `${days} ${days === 1 ? 'day' : 'days'}, ${clock}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
