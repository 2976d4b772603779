import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { InstanceView, StateName } from '../../../src/core/model.ts';
import { describeProcess } from '../../../src/core/process/description.ts';

const second = 1000;
const day = 86_400 * second;
/** Ten to nine in the evening, here. */
const evening = new Date(2026, 10, 1, 20, 50, 10).getTime();

describe('the description of a process (SV-86)', () => {
  const cases: readonly {
    readonly title: string;
    readonly view: Partial<InstanceView> & { readonly state: StateName };
    readonly now?: number;
    readonly text: string;
  }[] = [
    {
      title: 'RUNNING: pid and uptime',
      view: { state: 'RUNNING', pid: 7, startedAt: 500 },
      now: 3_725_400,
      text: 'pid 7, uptime 1:02:05',
    },
    {
      title: 'RUNNING for a day',
      view: { state: 'RUNNING', pid: 7, startedAt: 0 },
      now: day + 5 * second,
      text: 'pid 7, uptime 1 day, 0:00:05',
    },
    {
      title: 'RUNNING for days',
      view: { state: 'RUNNING', pid: 7, startedAt: 0 },
      now: 2 * day,
      text: 'pid 7, uptime 2 days, 0:00:00',
    },
    {
      title: 'RUNNING since a time to come: never negative',
      view: { state: 'RUNNING', pid: 7, startedAt: 9 * second },
      now: 3 * second,
      text: 'pid 7, uptime 0:00:00',
    },
    {
      title: 'FATAL: its spawn error',
      view: { state: 'FATAL', spawnError: "can't find command 'x'" },
      text: "can't find command 'x'",
    },
    { title: 'BACKOFF without one', view: { state: 'BACKOFF' }, text: 'unknown error (try "tail web")' },
    { title: 'STOPPED, never started', view: { state: 'STOPPED' }, text: 'Not started' },
    {
      title: 'STOPPED, when only spawning was tried',
      view: { state: 'STOPPED', startedAt: evening },
      text: 'Not started',
    },
    {
      title: 'STOPPED: when, in the evening',
      view: { state: 'STOPPED', startedAt: 1, stoppedAt: evening },
      text: 'Nov 01 08:50 PM',
    },
    {
      title: 'EXITED: when, at midnight',
      view: { state: 'EXITED', startedAt: 1, stoppedAt: new Date(2026, 0, 9, 0, 5).getTime() },
      text: 'Jan 09 12:05 AM',
    },
    {
      title: 'EXITED: when, at noon',
      view: { state: 'EXITED', startedAt: 1, stoppedAt: new Date(2026, 11, 31, 12, 0).getTime() },
      text: 'Dec 31 12:00 PM',
    },
    { title: 'STARTING', view: { state: 'STARTING', pid: 7 }, text: '' },
    { title: 'STOPPING', view: { state: 'STOPPING', pid: 7 }, text: '' },
    { title: 'UNKNOWN', view: { state: 'UNKNOWN', pid: 7 }, text: '' },
  ];
  for (const { title, view, now = 0, text } of cases) {
    it(title, () => {
      assert.equal(describeProcess({ process: 'web', ...view }, now), text);
    });
  }
});
