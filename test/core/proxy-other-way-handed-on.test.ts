/** What a way of dispatching hands on to the one that takes its place, besides the requests under way. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usualRequests } from '../../src/config/requests.ts';
import type { RequestSpec, ScalingSpec, ServiceSpec } from '../../src/config/spec.ts';
import type { Decision } from '../../src/core/outside.ts';
import { Stage } from '../support/stage.ts';

const basic: ScalingSpec = { kind: 'basic', maxInstances: 1, idleMs: 900_000 };
const manual: ScalingSpec = { kind: 'manual' };
const automatic: ScalingSpec = {
  kind: 'automatic',
  minPendingMs: 100,
  maxPendingMs: 500,
  minIdle: 1,
  maxIdle: 1000,
  maxInstances: 1,
  rounding: 'down',
};

const api = (requests: Partial<RequestSpec>, scaling?: ScalingSpec): Partial<ServiceSpec> => ({
  requests: { ...usualRequests, ...requests },
  ...(scaling === undefined ? {} : { scaling }),
});

async function become(stage: Stage, service: Partial<ServiceSpec>): Promise<void> {
  stage.config = stage.configOf([service]);
  await stage.runtime.reload();
  await stage.world.settle();
}

/** What was decided, in the order it came to it. */
function ask(stage: Stage, count: number): Decision[] {
  const decided: Decision[] = [];
  for (let each = 0; each < count; each += 1)
    void stage.ask({}, 'api').then((decision) => decided.push(decision));
  return decided;
}

describe('idleness', () => {
  const ways: readonly (readonly [string, ScalingSpec])[] = [
    ['manual', manual],
    ['automatic', automatic],
  ];
  for (const [from, before] of ways)
    it(`is looked for as soon as "stopWhenIdle" takes the place of ${from} scaling`, async () => {
      const stage = await new Stage([api({}, before)]).up();
      await stage.world.settle();
      assert.equal(stage.view().state, 'RUNNING');
      await become(stage, api({ idleMs: 5000 }));
      await stage.world.pass(4000);
      assert.equal(stage.view().state, 'RUNNING');
      await stage.world.pass(1500);
      assert.equal(stage.view().state, 'STOPPING');
    });
});

describe('the time of those who wait', () => {
  const ways: readonly (readonly [string, ScalingSpec | undefined, ScalingSpec | undefined])[] = [
    ['balanced and manual', undefined, manual],
    ['manual and balanced', manual, undefined],
    ['manual and basic', manual, basic],
    ['balanced and automatic', undefined, automatic],
  ];
  for (const [names, first, second] of ways)
    it(`goes on, however often the way is another one, with ${names}`, async () => {
      const requests = { concurrency: 1, queueMs: 10_000 };
      const stage = await new Stage([api(requests, first)]).up();
      await stage.world.settle();
      const decided = ask(stage, 2);
      await stage.world.settle();
      assert.equal(decided.length, 1);
      for (const scaling of [second, first]) {
        await stage.world.pass(4000);
        await become(stage, api(requests, scaling));
      }
      await stage.world.pass(1900);
      assert.equal(decided.length, 1);
      await stage.world.pass(200);
      assert.deepEqual(
        decided.map(({ kind }) => kind),
        ['forward', 'answer'],
      );
    });
});
