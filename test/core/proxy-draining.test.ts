/** Instances that are stopped while they have requests, and what views are told of requests. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usualRequests } from '../../src/config/requests.ts';
import type { RequestSpec, ServiceSpec } from '../../src/config/spec.ts';
import type { Forward } from '../../src/core/outside.ts';
import { Stage } from '../support/stage.ts';

const api = (requests: Partial<RequestSpec>, more: Partial<ServiceSpec> = {}): Partial<ServiceSpec> => ({
  ...more,
  requests: { ...usualRequests, ...requests },
});
const one = { kind: 'instance', instance: 'api.0' } as const;

async function ask(stage: Stage): Promise<Forward> {
  const decision = await stage.ask({}, 'api');
  if (decision.kind !== 'forward') throw new Error('It was not forwarded.');
  return decision;
}

describe('an instance that is stopped', () => {
  it('answers what it has before it is signalled, and gets nothing new meanwhile', async () => {
    const stage = await new Stage([api({ drainMs: 5000 }, { instances: 2 })]).up();
    const request = await ask(stage);
    void stage.runtime.stop(one);
    await stage.world.pass(2000);
    const [child] = stage.world.children;
    assert.deepEqual([stage.view().state, stage.view().draining, child?.signals], ['STOPPING', 1, []]);
    for (let turn = 0; turn < 3; turn += 1) assert.equal((await ask(stage)).instance, 'api.1');
    request.answered?.(200);
    request.done();
    await stage.world.settle();
    assert.deepEqual(child?.signals, ['TERM']);
  });

  it('is waited for no longer than its service says', async () => {
    const stage = await new Stage([api({ drainMs: 5000 })]).up();
    await ask(stage);
    void stage.runtime.stop(one);
    await stage.world.pass(4999);
    assert.deepEqual(stage.world.child.signals, []);
    await stage.world.pass(2);
    assert.deepEqual(stage.world.child.signals, ['TERM']);
  });

  it('is not waited for because of exchanges that last', async () => {
    const stage = await new Stage([api({ drainMs: 60_000 })]).up();
    const socket = await ask(stage);
    const stream = await ask(stage);
    socket.lasting?.();
    void stage.runtime.stop(one);
    await stage.world.settle();
    assert.deepEqual(stage.world.child.signals, []);
    stream.lasting?.();
    await stage.world.settle();
    assert.deepEqual(stage.world.child.signals, ['TERM']);
  });

  it('and has nothing to do is signalled at once', async () => {
    const stage = await new Stage([api({ drainMs: 60_000 })]).up();
    (await ask(stage)).done();
    void stage.runtime.stop(one);
    await stage.world.settle();
    assert.deepEqual(stage.world.child.signals, ['TERM']);
  });

  it('because of a smaller number of instances finishes what it has as well', async () => {
    const stage = await new Stage([api({ drainMs: 60_000 }, { instances: 2 })]).up();
    const requests = [await ask(stage), await ask(stage)];
    await stage.runtime.scale('api', 1);
    await stage.world.pass(1000);
    const child = stage.world.children[1];
    assert.deepEqual(child?.signals, []);
    assert.equal(requests[1]?.instance, 'api.1');
    requests[1]?.done();
    await stage.world.settle();
    assert.deepEqual(child?.signals, ['TERM']);
  });
});

describe('a view', () => {
  it('is told of requests at most once a second, and no more once nothing changes', async () => {
    const stage = await new Stage([{}]).up();
    let told = 0;
    stage.runtime.subscribe(({ kind }) => {
      if (kind === 'instance') told += 1;
    });
    for (let turn = 0; turn < 500; turn += 1) {
      const request = await ask(stage);
      request.answered?.(turn % 100 === 0 ? 500 : 200);
      request.done();
      await stage.world.pass(10);
    }
    assert.ok(told >= 4 && told <= 6, `${told} in five seconds`);
    const { traffic } = stage.view();
    assert.deepEqual([traffic?.requests, traffic?.errors, traffic?.busy], [500, 5, 0]);
    await stage.world.pass(120_000);
    assert.equal(stage.view().traffic?.perSecond, 0);
    told = 0;
    await stage.world.pass(60_000);
    assert.equal(told, 0);
  });

  it('does not count a client that has left as an error, but a request that nobody answered', async () => {
    const stage = await new Stage([{}]).up();
    (await ask(stage)).done();
    const lost = await ask(stage);
    void lost.failed({ kind: 'unreachable', reason: 'it was reset', refused: false });
    lost.done();
    // Nobody else could be asked, so the instance was, once more, and answered.
    const repeated = await ask(stage);
    assert.equal(repeated.elsewhere?.(), undefined);
    repeated.answered?.(200);
    repeated.done();
    await stage.world.pass(1001);
    assert.deepEqual([stage.view().traffic?.requests, stage.view().traffic?.errors], [3, 1]);
  });
});
