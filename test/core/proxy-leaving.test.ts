/** What becomes of requests whose client leaves before anybody has them. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usualRequests } from '../../src/config/requests.ts';
import type { RequestSpec, ScalingSpec, ServiceSpec } from '../../src/config/spec.ts';
import type { Client, Decision } from '../../src/core/outside.ts';
import { Stage } from '../support/stage.ts';
import { forwarded } from '../support/decisions.ts';

/** A client that leaves when it is told to. */
class Leaver implements Client {
  hasLeft = false;
  whenLeft: (() => void) | undefined;

  leave(): void {
    this.hasLeft = true;
    this.whenLeft?.();
  }
}

const api = (requests: Partial<RequestSpec>, more: Partial<ServiceSpec> = {}): Partial<ServiceSpec> => ({
  ...more,
  requests: { ...usualRequests, ...requests },
});

const automatic: ScalingSpec = {
  kind: 'automatic',
  minPendingMs: 100,
  maxPendingMs: 500,
  minIdle: 0,
  maxIdle: 1000,
  maxInstances: 20,
  rounding: 'down',
};

/** So many ask, and leave before there is an answer. What they would have been answered. */
async function askAndLeave(stage: Stage, count: number): Promise<readonly Promise<Decision>[]> {
  const clients = Array.from({ length: count }, () => new Leaver());
  const decisions = clients.map((client) => stage.ask({}, 'api', client));
  await stage.world.pass(60);
  for (const client of clients) client.leave();
  await stage.world.settle();
  return decisions;
}

const waysToSleep: readonly (readonly [string, Partial<ServiceSpec>])[] = [
  ['starts on request', api({ startOnRequest: true, concurrency: 1 }, { instances: 1 })],
  ['scales automatically', api({ concurrency: 1 }, { scaling: automatic })],
  ['has basic scaling', api({}, { scaling: { kind: 'basic', maxInstances: 5, idleMs: 900_000 } })],
];

describe('clients that leave while they wait', () => {
  for (const [how, service] of waysToSleep) {
    it(`count no more at a service that ${how}, and have nobody started beside the first`, async () => {
      const stage = new Stage([service]);
      await stage.runtime.start({ kind: 'all' });
      await stage.world.settle();
      const decisions = await askAndLeave(stage, 30);
      await stage.world.pass(1001);
      assert.equal(stage.service('api').queue, undefined);
      assert.equal(stage.world.children.length, 1);
      stage.open();
      await stage.world.pass(1001);
      for (const decision of await Promise.all(decisions)) assert.equal(decision.kind, 'answer');
      assert.equal(stage.world.children.length, 1);
    });
  }

  it('leave their place to whoever came after them', async () => {
    const stage = await new Stage([api({ concurrency: 1 })]).up();
    const first = forwarded(await stage.ask({}, 'api'));
    await Promise.all(await askAndLeave(stage, 3));
    const after = stage.ask({}, 'api', new Leaver());
    first.done();
    assert.equal(forwarded(await after).instance, 'api.0');
  });

  it('are not given an instance that is being waited for with patience', async () => {
    const stage = new Stage([{}]);
    await stage.runtime.start({ kind: 'all' });
    await stage.world.settle();
    const client = new Leaver();
    const decision = stage.ask({ method: 'POST' }, 'api', client);
    await stage.world.pass(100);
    client.leave();
    stage.open();
    await stage.world.pass(1001);
    assert.equal((await decision).kind, 'answer');
  });
});
