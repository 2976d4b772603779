import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import type { SupervisorEvent } from '../../../src/core/supervisor/events.ts';
import { type Period, sliced, type Slices, Ticks } from '../../../src/core/supervisor/ticks.ts';
import { World } from '../../support/world.ts';

const told = ({ name, payload }: SupervisorEvent): string => `${name} ${Buffer.from(payload).toString()}`;

suite('Ticks', () => {
  test('at 6, 61 and 3601 s after 0 are 1, 3 and 6 in total, at the start of their slices (SV-69)', () => {
    const all: string[] = [];
    const totals: number[] = [];
    let last: Slices = {};
    for (const seconds of [0, 6, 61, 3601]) {
      const { slices, ticks } = sliced(last, seconds * 1000);
      last = slices;
      all.push(...ticks.map(told));
      totals.push(all.length);
    }
    assert.deepEqual(totals, [0, 1, 3, 6]);
    assert.deepEqual(all, [
      'TICK_5 when:5',
      'TICK_5 when:60',
      'TICK_60 when:60',
      'TICK_5 when:3600',
      'TICK_60 when:3600',
      'TICK_3600 when:3600',
    ]);
  });

  test('come again when the clock was set back into another slice', () => {
    const { slices } = sliced({}, 61_000);
    assert.deepEqual(sliced(slices, 58_000).ticks.map(told), ['TICK_5 when:55', 'TICK_60 when:0']);
  });

  test('come at the slices of the wall clock while somebody wants them, and no timer runs otherwise', async () => {
    const world = new World();
    const wanted = new Set<Period>();
    const fired: string[] = [];
    const ticks = new Ticks({
      clock: world.clock,
      wanted: (period) => wanted.has(period),
      fire: (tick) => fired.push(told(tick)),
    });
    // The world begins at a multiple of 5 s.
    await world.pass(2000);
    ticks.arrange();
    assert.equal(world.clock.nextDue(), undefined);

    wanted.add(5);
    ticks.arrange();
    await world.pass(2999);
    assert.equal(fired.length, 0);
    await world.pass(5001);
    assert.deepEqual(
      fired.filter((each) => each.startsWith('TICK_5 ')),
      ['TICK_5 when:1700000005', 'TICK_5 when:1700000010'],
    );

    wanted.clear();
    ticks.arrange();
    assert.equal(world.clock.nextDue(), undefined);

    // What passed while nobody wanted it is nobody's.
    await world.pass(7000);
    const before = fired.length;
    wanted.add(5);
    ticks.arrange();
    assert.equal(fired.length, before);
    ticks.dispose();
    assert.equal(world.clock.nextDue(), undefined);
  });
});
