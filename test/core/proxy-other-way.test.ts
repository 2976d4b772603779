/** What a service's requests come to while its definition gives it another way of dispatching them. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usualRequests } from '../../src/config/requests.ts';
import type { RequestSpec, ScalingSpec, ServiceSpec } from '../../src/config/spec.ts';
import type { Decision } from '../../src/core/outside.ts';
import { Stage } from '../support/stage.ts';
import { forwarded } from '../support/decisions.ts';

const automatic = (part: Partial<Extract<ScalingSpec, { kind: 'automatic' }>> = {}): ScalingSpec => ({
  kind: 'automatic',
  minPendingMs: 100,
  maxPendingMs: 500,
  minIdle: 0,
  maxIdle: 1000,
  maxInstances: 1,
  rounding: 'down',
  ...part,
});
const basic: ScalingSpec = { kind: 'basic', maxInstances: 1, idleMs: 5000 };

const api = (requests: Partial<RequestSpec>, scaling?: ScalingSpec): Partial<ServiceSpec> => ({
  requests: { ...usualRequests, ...requests },
  ...(scaling === undefined ? {} : { scaling }),
});

const both = { concurrency: 2 };
/** Each way of having one instance, with two requests at once. */
const ways: readonly (readonly [string, Partial<ServiceSpec>])[] = [
  ['balanced', api(both)],
  ['manual', api(both, { kind: 'manual' })],
  ['basic', api(both, basic)],
  ['automatic', api(both, automatic())],
];

/** What was decided, in the order it came to it. */
function ask(stage: Stage, count: number): Decision[] {
  const decided: Decision[] = [];
  for (let each = 0; each < count; each += 1)
    void stage.ask({}, 'api').then((decision) => decided.push(decision));
  return decided;
}

/** The service is there, and so is its instance, whoever had to wake it. */
async function awake(service: Partial<ServiceSpec>): Promise<Stage> {
  const stage = await new Stage([service]).up();
  const first = ask(stage, 1);
  await stage.world.settle();
  stage.open();
  await stage.world.pass(1001);
  forwarded(first[0]).done();
  return stage;
}

describe('a service that comes to have another way', () => {
  for (const [from, before] of ways) {
    for (const [to, after] of ways) {
      if (from === to) continue;
      it(`keeps who waits, and counts what is under way, from ${from} to ${to}`, async () => {
        const stage = await awake(before);
        const decided = ask(stage, 8);
        await stage.world.settle();
        assert.equal(decided.length, 2);
        await stage.become(after);
        assert.deepEqual(
          decided.map(({ kind }) => kind),
          ['forward', 'forward'],
        );
        await stage.world.pass(1001);
        assert.equal(stage.service('api').queue, 6);
        for (let over = 0; over < 8; over += 1) {
          assert.equal(decided.length, Math.min(8, over + 2), 'no more than two at once');
          forwarded(decided[over]).done();
          await stage.world.settle();
        }
        await stage.world.pass(1001);
        assert.equal(stage.service('api').queue, undefined);
        assert.deepEqual(stage.moves().slice(2), [], 'it went on all the while');
      });
    }
  }

  it('does not put down for idleness what has a request of the way before', async () => {
    const stage = await awake(api({}));
    const [request] = [await stage.ask({}, 'api'), await stage.become(api({ idleMs: 2000 }, automatic()))];
    await stage.become(api({ idleMs: 2000 }));
    await stage.world.pass(10_000);
    assert.equal(stage.view().state, 'RUNNING');
    forwarded(request).done();
    await stage.world.pass(2001);
    assert.equal(stage.view().state, 'STOPPING');
  });

  it('gives room back for what has come to last, and still knows of it', async () => {
    const stage = await awake(api({ concurrency: 1 }, automatic()));
    const socket = forwarded(await stage.ask({}, 'api'));
    const decided = ask(stage, 1);
    await stage.become(api({ concurrency: 1, idleMs: 2000 }));
    assert.equal(decided.length, 0);
    socket.lasting?.();
    await stage.world.settle();
    forwarded(decided[0]).done();
    await stage.world.pass(10_000);
    assert.equal(stage.view().state, 'RUNNING');
    socket.done();
    await stage.world.pass(2001);
    assert.equal(stage.view().state, 'STOPPING');
  });

  it('serves those who wait for a request that wakes it where nothing sleeps any more', async () => {
    const stage = await new Stage([api({ startOnRequest: true })]).up();
    assert.equal(stage.world.children.length, 0);
    await stage.become(api({}, automatic({ minIdle: 1 })));
    const decided = ask(stage, 1);
    await stage.world.settle();
    stage.open();
    await stage.world.pass(1001);
    forwarded(decided[0]).done();
  });

  it('turns nobody away where only the limit or the balance is another one', async () => {
    const stage = await awake(api({ concurrency: 1 }));
    const decided = ask(stage, 4);
    await stage.world.settle();
    assert.equal(decided.length, 1);
    await stage.become({ ...api({ concurrency: 3 }), balance: 'least-busy' });
    assert.equal(decided.length, 3);
    forwarded(decided[0]).done();
    await stage.world.settle();
    assert.equal(decided.length, 4);
    for (const decision of decided) assert.equal(decision.kind, 'forward');
  });
});
