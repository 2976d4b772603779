import assert from 'node:assert/strict';
import { it } from 'node:test';
import { usualRequests } from '../../../src/config/requests.ts';
import { Stage } from '../../support/stage.ts';

it('a service that another one needs begins with all the instances it is to have to spare', async () => {
  const stage = new Stage([
    {
      name: 'api',
      requests: { ...usualRequests, concurrency: 1 },
      scaling: {
        kind: 'automatic',
        minPendingMs: 100,
        maxPendingMs: 500,
        minIdle: 3,
        maxIdle: 1000,
        maxInstances: 3,
        rounding: 'up',
      },
    },
    { name: 'web', dependsOn: { api: 'ready' } },
  ]);
  await stage.runtime.start({ kind: 'service', service: 'web' });
  for (let second = 0; second < 5; second += 1) {
    stage.open();
    await stage.world.pass(1001);
  }
  assert.equal(stage.states, 'api.0 RUNNING, api.1 RUNNING, api.2 RUNNING, web.0 RUNNING');
});
