import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describe as describeProcess } from '../../src/protocol/supervisor/describe.ts';
import { namespecOf, parseNamespec } from '../../src/protocol/supervisor/namespec.ts';
import { processInfo } from '../../src/protocol/supervisor/process-info.ts';
import { instanceOf } from '../support/runtime-double.ts';

/** In local time, as the descriptions are. */
const now = new Date(2026, 10, 21, 17, 9, 30, 900).getTime();
const seconds = (count: number): number => now - count * 1000;

describe('the description of a process', () => {
  const running = (startedAt: number): string =>
    describeProcess(instanceOf('web.0', { state: 'RUNNING', pid: 42, startedAt }), now);

  it('tells the pid of a running one and how long it is up, with days, and never less than nothing (SV-86)', () => {
    assert.equal(running(seconds(0)), 'pid 42, uptime 0:00:00');
    assert.equal(running(seconds(3_725)), 'pid 42, uptime 1:02:05');
    assert.equal(running(seconds(86_400 + 59)), 'pid 42, uptime 1 day, 0:00:59');
    assert.equal(running(seconds(12 * 86_400 + 36_000)), 'pid 42, uptime 12 days, 10:00:00');
    assert.equal(running(now + 60_000), 'pid 42, uptime 0:00:00');
  });

  it('tells why one cannot be started, or where to look when that is not known (SV-86)', () => {
    for (const state of ['BACKOFF', 'FATAL'] as const) {
      const spawnError = "can't find command '/bin/none'";
      assert.equal(describeProcess(instanceOf('web.0', { state, spawnError }), now), spawnError);
      assert.equal(
        describeProcess(instanceOf('web.0', { state, process: 'web' }), now),
        'unknown error (try "tail web")',
      );
    }
  });

  it('tells when a stopped one stopped, or that it never started (SV-86)', () => {
    for (const state of ['STOPPED', 'EXITED'] as const) {
      const once = { state, startedAt: seconds(60) } as const;
      const stopped = (hour: number): string =>
        describeProcess(
          instanceOf('web.0', { ...once, stoppedAt: new Date(2026, 0, 3, hour, 5).getTime() }),
          now,
        );
      assert.equal(stopped(0), 'Jan 03 12:05 AM');
      assert.equal(stopped(11), 'Jan 03 11:05 AM');
      assert.equal(stopped(12), 'Jan 03 12:05 PM');
      assert.equal(stopped(23), 'Jan 03 11:05 PM');
      assert.equal(describeProcess(instanceOf('web.0', { state }), now), 'Not started');
    }
  });

  it('says nothing of one that is on its way or unknown (SV-86)', () => {
    for (const state of ['STARTING', 'STOPPING', 'UNKNOWN'] as const)
      assert.equal(describeProcess(instanceOf('web.0', { state, startedAt: now }), now), '');
  });
});

describe('what is told of a process', () => {
  it('is in whole seconds, with zeros and empty texts for what is not there', () => {
    assert.deepEqual(processInfo(instanceOf('web.0', { process: 'web', group: 'shop' }), now), {
      name: 'web',
      group: 'shop',
      start: 0,
      stop: 0,
      now: Math.trunc(now / 1000),
      state: 0,
      statename: 'STOPPED',
      spawnerr: '',
      exitstatus: 0,
      logfile: '',
      stdout_logfile: '',
      stderr_logfile: '',
      pid: 0,
      description: 'Not started',
    });
  });

  it('tells a death by signal as -1, and keeps no status of what runs or never came up', () => {
    const status = (more: Parameters<typeof instanceOf>[1]): unknown =>
      processInfo(instanceOf('web.0', more), now)['exitstatus'];
    const killed = { exit: { signal: 'SIGKILL', expected: false } } as const;
    assert.equal(status({ state: 'EXITED', ...killed }), -1);
    assert.equal(status({ state: 'EXITED', exit: { code: 3, expected: false } }), 3);
    for (const state of ['RUNNING', 'BACKOFF', 'FATAL'] as const)
      assert.equal(status({ state, ...killed }), 0);
  });
});

describe('a full name', () => {
  it('is one word for a process named as its group, group:process otherwise, and group: or group:* for all (SV-95)', () => {
    assert.deepEqual(parseNamespec('web'), { group: 'web', process: 'web' });
    assert.deepEqual(parseNamespec('shop:web'), { group: 'shop', process: 'web' });
    assert.deepEqual(parseNamespec('shop:'), { group: 'shop' });
    assert.deepEqual(parseNamespec('shop:*'), { group: 'shop' });
    assert.deepEqual(parseNamespec('a:b:c'), { group: 'a', process: 'b:c' });
    assert.equal(namespecOf('web', 'web'), 'web');
    assert.equal(namespecOf('shop', 'web'), 'shop:web');
  });
});
