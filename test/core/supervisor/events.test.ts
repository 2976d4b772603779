import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import {
  communicationEvent,
  eventTypes,
  groupEvent,
  logEvent,
  remoteEvent,
  stateEvent,
  subscribedBy,
  type SupervisorEvent,
  supervisorEvent,
  tickEvent,
} from '../../../src/core/supervisor/events.ts';

const about = { process: 'web_1', group: 'web' };
const facts = { tries: 2, expected: true, pid: 77 };
const data = Buffer.from('hello\n');

suite('Events', () => {
  const payloads: readonly (readonly [SupervisorEvent, string, string])[] = [
    [
      stateEvent(about, 'STOPPED', 'STARTING', { ...facts, tries: 0 }),
      'PROCESS_STATE_STARTING',
      'processname:web_1 groupname:web from_state:STOPPED tries:0',
    ],
    [
      stateEvent(about, 'STARTING', 'BACKOFF', facts),
      'PROCESS_STATE_BACKOFF',
      'processname:web_1 groupname:web from_state:STARTING tries:2',
    ],
    [
      stateEvent(about, 'STARTING', 'RUNNING', facts),
      'PROCESS_STATE_RUNNING',
      'processname:web_1 groupname:web from_state:STARTING pid:77',
    ],
    [
      stateEvent(about, 'RUNNING', 'STOPPING', facts),
      'PROCESS_STATE_STOPPING',
      'processname:web_1 groupname:web from_state:RUNNING pid:77',
    ],
    [
      stateEvent(about, 'STOPPING', 'STOPPED', facts),
      'PROCESS_STATE_STOPPED',
      'processname:web_1 groupname:web from_state:STOPPING pid:77',
    ],
    [
      stateEvent(about, 'RUNNING', 'EXITED', facts),
      'PROCESS_STATE_EXITED',
      'processname:web_1 groupname:web from_state:RUNNING expected:1 pid:77',
    ],
    [
      stateEvent(about, 'RUNNING', 'EXITED', { ...facts, expected: false }),
      'PROCESS_STATE_EXITED',
      'processname:web_1 groupname:web from_state:RUNNING expected:0 pid:77',
    ],
    [
      stateEvent(about, 'BACKOFF', 'FATAL', facts),
      'PROCESS_STATE_FATAL',
      'processname:web_1 groupname:web from_state:BACKOFF',
    ],
    [
      stateEvent(about, 'STOPPING', 'UNKNOWN', facts),
      'PROCESS_STATE_UNKNOWN',
      'processname:web_1 groupname:web from_state:STOPPING',
    ],
    [
      logEvent(about, 77, 'stdout', data),
      'PROCESS_LOG_STDOUT',
      'processname:web_1 groupname:web pid:77 channel:stdout\nhello\n',
    ],
    [
      logEvent(about, 77, 'stderr', data),
      'PROCESS_LOG_STDERR',
      'processname:web_1 groupname:web pid:77 channel:stderr\nhello\n',
    ],
    [
      communicationEvent(about, 77, 'stdout', data),
      'PROCESS_COMMUNICATION_STDOUT',
      'processname:web_1 groupname:web pid:77\nhello\n',
    ],
    [
      communicationEvent(about, 77, 'stderr', data),
      'PROCESS_COMMUNICATION_STDERR',
      'processname:web_1 groupname:web pid:77\nhello\n',
    ],
    [remoteEvent('deploy', 'done'), 'REMOTE_COMMUNICATION', 'type:deploy\ndone'],
    [supervisorEvent('RUNNING'), 'SUPERVISOR_STATE_CHANGE_RUNNING', ''],
    [supervisorEvent('STOPPING'), 'SUPERVISOR_STATE_CHANGE_STOPPING', ''],
    [tickEvent(5, 1_700_000_005), 'TICK_5', 'when:1700000005'],
    [tickEvent(60, 1_700_000_040), 'TICK_60', 'when:1700000040'],
    [tickEvent(3600, 1_699_999_200), 'TICK_3600', 'when:1699999200'],
    [groupEvent('ADDED', 'web'), 'PROCESS_GROUP_ADDED', 'groupname:web\n'],
    [groupEvent('REMOVED', 'web'), 'PROCESS_GROUP_REMOVED', 'groupname:web\n'],
  ];
  for (const [event, name, payload] of payloads) {
    test(`${name} tells ${JSON.stringify(payload)} (SV-67)`, () => {
      assert.equal(event.name, name);
      assert.equal(Buffer.from(event.payload).toString(), payload);
    });
  }

  test('keep bytes that are no text as they are (SV-67)', () => {
    const { payload } = logEvent(about, 1, 'stdout', Uint8Array.of(0xff, 0xfe, 0x0a));
    assert.deepEqual([...payload.subarray(-4)], [0x0a, 0xff, 0xfe, 0x0a]);
  });

  const names: readonly (readonly [readonly string[], readonly string[]])[] = [
    [['PROCESS_STATE_RUNNING'], ['PROCESS_STATE_RUNNING']],
    [
      ['PROCESS_STATE'],
      ['STOPPED', 'EXITED', 'STARTING', 'STOPPING', 'BACKOFF', 'FATAL', 'RUNNING', 'UNKNOWN'].map(
        (state) => `PROCESS_STATE_${state}`,
      ),
    ],
    [['PROCESS_COMMUNICATION'], ['PROCESS_COMMUNICATION_STDOUT', 'PROCESS_COMMUNICATION_STDERR']],
    [['PROCESS_LOG'], ['PROCESS_LOG_STDOUT', 'PROCESS_LOG_STDERR']],
    [['SUPERVISOR_STATE_CHANGE'], ['SUPERVISOR_STATE_CHANGE_RUNNING', 'SUPERVISOR_STATE_CHANGE_STOPPING']],
    [['TICK'], ['TICK_5', 'TICK_60', 'TICK_3600']],
    [['PROCESS_GROUP'], ['PROCESS_GROUP_ADDED', 'PROCESS_GROUP_REMOVED']],
    [
      ['TICK_5', 'TICK', 'TICK_5'],
      ['TICK_5', 'TICK_60', 'TICK_3600'],
    ],
    [['NOTHING'], []],
    [['TICK_6', 'PROCESS'], []],
  ];
  for (const [given, expected] of names) {
    test(`"${given.join(',')}" means ${expected.length} of them (SV-68)`, () => {
      assert.deepEqual([...subscribedBy(given)].toSorted(), expected.toSorted());
    });
  }

  test('are all meant by EVENT (SV-68)', () => {
    const all = subscribedBy(['EVENT']);
    assert.equal(all.size, 20);
    for (const name of eventTypes) for (const each of subscribedBy([name])) assert.ok(all.has(each), each);
  });
});
