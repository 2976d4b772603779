/** The table of `runtimes ps`, of views as a host tells them. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { table } from '../../src/cli/ps.ts';
import type { InstanceView } from '../../src/protocol/api.ts';

const now = Date.UTC(2026, 0, 31, 12);

function instance(part: Partial<InstanceView>): InstanceView {
  return {
    name: 'web.0',
    service: 'web',
    index: 0,
    state: 'RUNNING',
    since: now,
    process: 'web',
    group: 'web',
    pid: 7,
    startedAt: now - 5000,
    ...part,
  };
}

const traffic = { requests: 12, errors: 1, busy: 0, perSecond: 0.2, median: 12.3, p95: 20, p99: 30 };
const lines = (
  instances: readonly InstanceView[],
  queue?: number,
  url = 'http://127.0.0.1:8080/',
): readonly string[] =>
  table(instances, new Map([['web', { url, ...(queue === undefined ? {} : { queue }) }]]), now);

describe('the table of what runs', () => {
  it('tells how many requests there were, are under way and how long they take', () => {
    assert.deepEqual(lines([instance({ port: 3000, traffic: { ...traffic, busy: 2 } })]), [
      'web.0     RUNNING   pid 7, uptime 0:00:05, port 3000, 12 requests (1 error), 2 under way, median 12 ms, http://127.0.0.1:8080/',
    ]);
    assert.deepEqual(lines([instance({ traffic: { ...traffic, errors: 0, median: 0 } })]), [
      'web.0     RUNNING   pid 7, uptime 0:00:05, 12 requests, http://127.0.0.1:8080/',
    ]);
  });

  it('has no comma where nothing stands before it', () => {
    assert.deepEqual(
      lines([
        instance({
          state: 'STOPPING',
          traffic: { ...traffic, requests: 1, errors: 0, busy: 1, median: 0 },
          draining: 1,
        }),
        instance({ name: 'web.1', state: 'STARTING', port: 3001 }),
        instance({ name: 'web.2', state: 'STARTING' }),
      ]),
      [
        'web.0     STOPPING  1 request, finishing 1 request',
        'web.1     STARTING  port 3001',
        'web.2     STARTING',
      ],
    );
  });

  it('tells below the instances of a service how many requests wait for one of them', () => {
    assert.deepEqual(
      lines([instance({}), instance({ name: 'web.1' })], 3).map((line) => line.replace(/ pid.*/, '')),
      ['web.0     RUNNING  ', 'web.1     RUNNING  ', 'web       3 requests waiting for an instance'],
    );
    assert.equal(lines([instance({})], 0).length, 1);
  });
});

describe('what the config names and what cannot be run', () => {
  it('has a line that says why, below all others and in the same columns', () => {
    const source = { file: '/shop/runtimes.yaml', line: 3, column: 3, endLine: 3, endColumn: 6 };
    const leftOut = [
      { name: 'old-and-broken', source, message: 'Service "old-and-broken" needs "command".' },
    ];
    assert.deepEqual(table([instance({ state: 'STOPPED' })], new Map(), now, leftOut), [
      table([instance({ name: 'web.0         ', state: 'STOPPED' })], new Map(), now)[0],
      'old-and-broken  not run   Service "old-and-broken" needs "command".',
    ]);
  });
});
