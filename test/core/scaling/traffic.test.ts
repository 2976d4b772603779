/** The numbers that a view shows of an instance's requests. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { Traffic } from '../../../src/core/scaling/traffic.ts';

class HandTurned {
  at = 0;
  now(): number {
    return this.at;
  }
}

function traffic(): { clock: HandTurned; counted: Traffic; request: (ms: number, status?: number) => void } {
  const clock = new HandTurned();
  const counted = new Traffic(clock);
  return {
    clock,
    counted,
    request: (ms, status = 200) => {
      const since = counted.begin();
      clock.at += ms;
      counted.end(since, status);
    },
  };
}

describe('the traffic of an instance', () => {
  it('is nothing to tell of before its first request', () => {
    assert.equal(traffic().counted.view(), undefined);
  });

  it('counts requests, those under way, and as errors those of 500 and above and those without an answer', () => {
    const { counted } = traffic();
    for (const status of [200, 404, 500, 503, undefined]) counted.end(counted.begin(), status);
    counted.begin();
    const { requests, errors, busy } = counted.view()!;
    assert.deepEqual({ requests, errors, busy }, { requests: 6, errors: 3, busy: 1 });
  });

  it('forgets times and rate after a minute, and never how many there were', () => {
    const { clock, counted, request } = traffic();
    for (let count = 0; count < 30; count += 1) request(100);
    assert.ok(counted.view()!.perSecond === 10);
    clock.at += 65_000;
    assert.deepEqual(counted.view(), {
      requests: 30,
      errors: 0,
      busy: 0,
      perSecond: 0,
      median: 0,
      p95: 0,
      p99: 0,
    });
  });

  it('leaves the length of exchanges that last out of the times', () => {
    const { clock, counted, request } = traffic();
    for (let count = 0; count < 9; count += 1) request(10);
    const since = counted.begin();
    clock.at += 50_000;
    counted.end(since, 101, true);
    assert.ok(counted.view()!.p99 < 11);
  });

  it('gives percentiles that are within a tenth of the true ones, whatever the times', () => {
    const times = fc.array(fc.double({ min: 0.06, max: 500, noNaN: true }), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(times, (all) => {
        const { counted, request } = traffic();
        for (const ms of all) request(ms);
        const view = counted.view()!;
        const sorted = all.toSorted((a, b) => a - b);
        for (const [part, told] of [
          [0.5, view.median],
          [0.95, view.p95],
          [0.99, view.p99],
        ] as const) {
          const exact = sorted[Math.ceil(sorted.length * part) - 1]!;
          assert.ok(Math.abs(told - exact) <= exact * 0.1, `${told} for ${exact}`);
        }
      }),
    );
  });
});
