/** What a way of dispatching hands on to the one that takes its place, besides the requests under way. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usualRequests } from '../../src/config/requests.ts';
import type { RequestSpec, ScalingSpec, ServiceSpec } from '../../src/config/spec.ts';
import type { Decision, HttpClient } from '../../src/core/outside.ts';
import { Stage } from '../support/stage.ts';
import { appOf } from './appengine/support.ts';

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

const api = (
  requests: Partial<RequestSpec>,
  scaling?: ScalingSpec,
  more: Partial<ServiceSpec> = {},
): Partial<ServiceSpec> => ({
  requests: { ...usualRequests, ...requests },
  ...(scaling === undefined ? {} : { scaling }),
  ...more,
});

/** What was decided, in the order it came to it. */
function ask(stage: Stage, count: number): Decision[] {
  const decided: Decision[] = [];
  for (let each = 0; each < count; each += 1)
    void stage.ask({}, 'api').then((decision) => decided.push(decision));
  return decided;
}

const answered: Awaited<ReturnType<HttpClient['send']>> = {
  ...{ status: 200, reason: 'OK', headers: [], body: new Uint8Array(), length: 0, broken: false },
};

/** Requests of ours to this path are answered when `answer` says so; all others at once. */
function heldBack(stage: Stage, path: string): { answer(): void; calledOff: number } {
  const open: (() => void)[] = [];
  const held = {
    answer: () => {
      for (const each of open.splice(0)) each();
    },
    calledOff: 0,
  };
  stage.world.answers = ({ head, sent, calledOff }) => {
    sent?.();
    if (head.target !== path) return Promise.resolve(answered);
    void calledOff?.then(() => {
      held.calledOff += 1;
    });
    return new Promise((resolve) => void open.push(() => resolve(answered)));
  };
  return held;
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
      await stage.become(api({ idleMs: 5000 }));
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
        await stage.become(api(requests, scaling));
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

describe('a backend that is defined anew', () => {
  const source = { file: '/w/runtimes.yaml', line: 1, column: 1, endLine: 1, endColumn: 2 };
  const topology = { app: 'web', minPort: 0, source };
  const own: Partial<ServiceSpec> = {
    role: 'backend',
    backend: { name: 'api', class: 'B2', public: true, dynamic: false, failFast: false, index: 1 },
  };
  const web: Partial<ServiceSpec> = { name: 'web', role: 'app' };
  const worker = (concurrency: number): Partial<ServiceSpec> => api({ concurrency }, undefined, own);

  async function busy(): Promise<{ stage: Stage; decided: Decision[] }> {
    const stage = await new Stage([worker(1), web], true, { topology }).up();
    stage.world.answers = () => Promise.resolve(answered);
    await stage.world.pass(1001);
    const decided = ask(stage, 3);
    await stage.world.settle();
    assert.deepEqual(
      decided.map(({ kind }) => kind),
      ['forward'],
    );
    return { stage, decided };
  }

  const over = (decision: Decision | undefined): void => {
    if (decision?.kind === 'forward') decision.done();
  };

  it('has those who wait go on waiting where it is none any more', async () => {
    const { stage, decided } = await busy();
    stage.config = stage.configOf([api({ concurrency: 2 }, automatic), web]);
    await stage.runtime.reload();
    await stage.world.settle();
    assert.equal(stage.view().state, 'STOPPING');
    assert.deepEqual([decided.length, stage.service('api').queue], [1, 2]);
    over(decided[0]);
    await stage.world.settle();
    for (const child of stage.world.children) child.end({ signal: 'SIGTERM' });
    await stage.world.settle();
    stage.open();
    await stage.world.pass(1001);
    assert.deepEqual(
      decided.map(({ kind }) => kind),
      ['forward', 'forward', 'forward'],
    );
  });

  it('serves as many more at once as its definition says from now on, while it is one', async () => {
    const { stage, decided } = await busy();
    stage.config = stage.configOf([worker(2), web], { topology });
    await stage.runtime.reload();
    await stage.world.settle();
    assert.equal(decided.length, 2);
    over(decided[0]);
    await stage.world.settle();
    assert.equal(decided[2]?.kind, 'forward');
  });
});

describe('requests of our own that are not answered yet', () => {
  const both = { concurrency: 2 };

  it('keep an instance from having others, whatever way waits for the start request', async () => {
    const stage = new Stage([api(both, manual)]);
    const start = heldBack(stage, '/_ah/start');
    await stage.up();
    const decided = ask(stage, 1);
    await stage.become(api(both, basic));
    await stage.world.pass(100);
    assert.equal(decided.length, 0);
    await stage.become(api(both, manual));
    await stage.world.pass(100);
    assert.equal(decided.length, 0);
    start.answer();
    await stage.world.settle();
    assert.equal(decided[0]?.kind, 'forward');
    assert.equal(stage.world.asked.filter(({ head }) => head.target === '/_ah/start').length, 1);
  });

  it('are called off by whoever stops the instance by then', async () => {
    const stage = new Stage([api(both, manual)]);
    const start = heldBack(stage, '/_ah/start');
    await stage.up();
    await stage.become(api(both, basic));
    assert.equal(start.calledOff, 0);
    void stage.runtime.stop({ kind: 'all' });
    await stage.world.settle();
    assert.equal(start.calledOff, 1);
  });

  it('are sent by the way that finds the instance starting', async () => {
    const stage = new Stage([api(both, manual)]);
    const start = heldBack(stage, '/_ah/start');
    await stage.runtime.start({ kind: 'all' });
    await stage.world.settle();
    assert.equal(stage.view().state, 'STARTING');
    await stage.become(api(both, basic));
    const decided = ask(stage, 1);
    stage.open();
    await stage.world.pass(100);
    assert.equal(stage.view().state, 'RUNNING');
    assert.equal(decided.length, 0);
    start.answer();
    await stage.world.settle();
    assert.equal(decided[0]?.kind, 'forward');
  });

  it('hold the places of background threads until they are over', async () => {
    const scaled = (scaling: ScalingSpec): Partial<ServiceSpec> =>
      api(both, scaling, { profile: 'appengine', appengine: appOf({ backgroundThreads: 1 }) });
    const stage = await new Stage([scaled(manual)]).up();
    await stage.world.settle();
    const thread = heldBack(stage, '/_ah/background');
    await stage.runtime.background('api.0');
    for (const way of [basic, manual]) {
      await stage.become(scaled(way));
      await assert.rejects(stage.runtime.background('api.0'), /no additional background thread capacity/);
    }
    thread.answer();
    await stage.world.settle();
    await stage.runtime.background('api.0');
  });
});
