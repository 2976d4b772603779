/** Which instances a service comes to run while its definition gives it another way of dispatching its requests. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usualRequests } from '../../src/config/requests.ts';
import type { ScalingSpec, ServiceSpec } from '../../src/config/spec.ts';
import type { Decision } from '../../src/core/outside.ts';
import { Stage } from '../support/stage.ts';

const requests = { ...usualRequests, concurrency: 1 };
const basic: ScalingSpec = { kind: 'basic', maxInstances: 1, idleMs: 900_000 };
const manual: ScalingSpec = { kind: 'manual' };
const automatic: ScalingSpec = {
  kind: 'automatic',
  minPendingMs: 100,
  maxPendingMs: 500,
  minIdle: 3,
  maxIdle: 1000,
  maxInstances: 3,
  rounding: 'up',
};

const api = (scaling?: ScalingSpec, more: Partial<ServiceSpec> = {}): Partial<ServiceSpec> => ({
  requests,
  ...(scaling === undefined ? {} : { scaling }),
  ...more,
});

/** Time goes by, in which every child comes to listen. */
async function passing(stage: Stage, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    stage.open();
    await stage.world.pass(1001);
  }
}

const three = 'api.0 RUNNING, api.1 RUNNING, api.2 RUNNING';

describe('the instances of a service that comes to have another way', () => {
  const ways: readonly (readonly [string, ScalingSpec | undefined])[] = [
    ['balanced', undefined],
    ['manual', manual],
    ['basic', basic],
  ];
  for (const [from, before] of ways) {
    it(`are started where it is to have some to spare, from ${from} to automatic`, async () => {
      const stage = await new Stage([api(before)]).up();
      await stage.become(api(automatic));
      await passing(stage, 5);
      assert.equal(stage.states, three);
      const decided: Decision[] = [];
      for (let each = 0; each < 3; each += 1)
        void stage.ask({}, 'api').then((decision) => decided.push(decision));
      await passing(stage, 1);
      assert.deepEqual(
        decided.map(({ kind }) => kind),
        ['forward', 'forward', 'forward'],
      );
    });
  }

  for (const [to, after] of ways) {
    if (after === basic) continue;
    it(`are started all, those that are new among them, from basic and asleep to ${to}`, async () => {
      const stage = await new Stage([api(basic)]).up();
      assert.equal(stage.states, 'api.0 STOPPED');
      await stage.become(api(after, { instances: 3 }));
      await passing(stage, 3);
      assert.equal(stage.states, three);
    });
  }

  it('are not started where nobody wanted the service before', async () => {
    const stage = new Stage([api(basic)]);
    await stage.become(api(automatic));
    await passing(stage, 3);
    assert.equal(stage.states, 'api.0 STOPPED');
  });

  it('have each of their lines told once', async () => {
    const stage = await new Stage([api()]).up();
    await stage.become(api(automatic));
    await passing(stage, 3);
    stage.told.length = 0;
    for (const { output } of stage.world.children) output.print('one line');
    await stage.world.settle();
    assert.deepEqual(stage.told, ['api.0 one line', 'api.1 one line', 'api.2 one line']);
  });
});
