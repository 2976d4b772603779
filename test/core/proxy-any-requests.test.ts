/** Whatever happens to instances while requests come and go: each request gets one answer, and nothing is left over. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { usualRequests } from '../../src/config/requests.ts';
import type { RequestSpec, ServiceSpec } from '../../src/config/spec.ts';
import type { Decision, Forward } from '../../src/core/outside.ts';
import { Stage } from '../support/stage.ts';

type Happening =
  | { readonly kind: 'request'; readonly index: number | undefined }
  | { readonly kind: 'answered' | 'lasts' | 'leaves'; readonly which: number }
  | { readonly kind: 'refused' | 'broken'; readonly which: number }
  | { readonly kind: 'dies' | 'comes up'; readonly which: number }
  | { readonly kind: 'stop' | 'start' | 'restart'; readonly index: number | undefined }
  | { readonly kind: 'time'; readonly ms: number };

const which = fc.nat(7);
const index = fc.option(fc.nat(3), { nil: undefined, freq: 3 });
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { arbitrary: fc.record({ kind: fc.constant('request' as const), index }), weight: 6 },
  {
    arbitrary: fc.record({
      kind: fc.constantFrom('answered' as const, 'lasts' as const, 'leaves' as const),
      which,
    }),
    weight: 5,
  },
  {
    arbitrary: fc.record({ kind: fc.constantFrom('refused' as const, 'broken' as const), which }),
    weight: 3,
  },
  { arbitrary: fc.record({ kind: fc.constantFrom('dies' as const, 'comes up' as const), which }), weight: 4 },
  {
    arbitrary: fc.record({
      kind: fc.constantFrom('stop' as const, 'start' as const, 'restart' as const),
      index,
    }),
    weight: 2,
  },
  {
    arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.constantFrom(1, 50, 400, 2500) }),
    weight: 3,
  },
);

const requests: fc.Arbitrary<RequestSpec> = fc
  .record({
    concurrency: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
    idleMs: fc.option(fc.constantFrom(100, 1000), { nil: undefined }),
    affinity: fc.constantFrom('none' as const, 'cookie' as const),
    startOnRequest: fc.boolean(),
    drainMs: fc.constantFrom(0, 300),
    queueMs: fc.constantFrom(0, 1000),
  })
  .map(({ concurrency, idleMs, ...rest }) => ({
    ...usualRequests,
    ...rest,
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(idleMs === undefined ? {} : { idleMs }),
  }));

/** Requests under way, and what became of all. */
class Traffic {
  readonly #stage: Stage;
  readonly #most: number;
  readonly open: Forward[] = [];
  readonly #lasting = new Set<Forward>();
  asked = 0;
  decided = 0;

  constructor(stage: Stage, most: number) {
    this.#stage = stage;
    this.#most = most;
  }

  ask(at: number | undefined): void {
    this.asked += 1;
    const name = at === undefined ? 'api.localhost' : `api.${at}.localhost`;
    void this.#stage
      .ask(
        {
          headers: [
            ['Host', name],
            ['Cookie', `local-runtimes-api=${this.asked % 5}`],
          ],
        },
        'api',
      )
      .then((decision) => this.#take(decision, at));
  }

  #take(decision: Decision, at: number | undefined): void {
    this.decided += 1;
    if (decision.kind !== 'forward') return;
    this.#add(decision);
    if (at !== undefined) assert.equal(decision.instance, `api.${at}`);
  }

  #add(forward: Forward): void {
    this.open.push(forward);
    const busy = this.open.filter((each) => each.instance === forward.instance && !this.#lasting.has(each));
    assert.ok(busy.length <= this.#most, `${forward.instance} has ${busy.length} at once`);
  }

  #pick(at: number): Forward | undefined {
    return this.open.length === 0 ? undefined : this.open.splice(at % this.open.length, 1)[0];
  }

  finish(at: number, status: number | undefined): void {
    const forward = this.#pick(at);
    if (forward === undefined) return;
    if (status !== undefined) forward.answered?.(status);
    forward.done();
    // A second time changes nothing.
    forward.done();
  }

  last(at: number): void {
    const forward = this.open[at % Math.max(1, this.open.length)];
    if (forward === undefined || this.#lasting.has(forward)) return;
    this.#lasting.add(forward);
    forward.lasting?.();
  }

  fail(at: number, refused: boolean): void {
    const forward = this.#pick(at);
    if (forward === undefined) return;
    const next = refused ? forward.elsewhere?.() : undefined;
    if (next === undefined) void forward.failed({ kind: 'unreachable', reason: 'it was closed', refused });
    else assert.notEqual(next.instance, forward.instance);
    forward.done();
    if (next !== undefined) this.#add(next);
  }
}

async function happens(stage: Stage, traffic: Traffic, what: Happening): Promise<void> {
  const { world, runtime } = stage;
  const living = world.children.filter(({ swept, hasClosedStdin }) => !swept && !hasClosedStdin);
  switch (what.kind) {
    case 'request':
      traffic.ask(what.index);
      break;
    case 'answered':
      traffic.finish(what.which, what.which === 0 ? 500 : 200);
      break;
    case 'leaves':
      traffic.finish(what.which, undefined);
      break;
    case 'lasts':
      traffic.last(what.which);
      break;
    case 'refused':
    case 'broken':
      traffic.fail(what.which, what.kind === 'refused');
      break;
    case 'dies':
      living[what.which % Math.max(1, living.length)]?.end({ code: 1 });
      break;
    case 'comes up': {
      const child = living[what.which % Math.max(1, living.length)];
      if (child !== undefined) world.openPorts.add(Number(child.plan.env['PORT']));
      break;
    }
    case 'stop':
    case 'start':
    case 'restart': {
      const { index: at } = what;
      const target =
        at === undefined || at > 2
          ? ({ kind: 'all' } as const)
          : ({ kind: 'instance', instance: `api.${at}` } as const);
      void runtime[what.kind](target);
      break;
    }
    case 'time':
      await world.pass(what.ms);
  }
  // Whoever is told to end does.
  await world.settle();
  for (const child of world.children) if (child.signals.length > 0) child.end({ code: 0 });
  await world.settle();
}

test('each request gets exactly one answer, never too many at once go anywhere, and all counts end at zero', async () => {
  const story = fc.asyncProperty(
    requests,
    fc.constantFrom<ServiceSpec['balance']>('round-robin', 'least-busy', 'first-free'),
    fc.array(happening, { maxLength: 40 }),
    async (how, balance, happenings) => {
      const stage = await new Stage([{ instances: 3, requests: how, balance, ready: readiness }]).up();
      const traffic = new Traffic(stage, how.concurrency ?? Number.POSITIVE_INFINITY);
      for (const each of happenings) await happens(stage, traffic, each);
      while (traffic.open.length > 0) traffic.finish(0, 200);
      for (let turn = 0; turn < 40; turn += 1) {
        stage.open();
        await happens(stage, traffic, { kind: 'time', ms: 500 });
        while (traffic.open.length > 0) traffic.finish(0, 200);
      }
      assert.equal(traffic.decided, traffic.asked);
      assert.equal(stage.service('api').queue, undefined);
      const views = stage.runtime.snapshot().services.flatMap(({ instances }) => instances);
      for (const { traffic: counted, draining } of views)
        assert.deepEqual([counted?.busy ?? 0, draining ?? 0], [0, 0]);
      // And everything is as it was: a start, and the next request is served.
      await stage.runtime.start({ kind: 'service', service: 'api' });
      const before = traffic.decided;
      traffic.ask(undefined);
      for (let turn = 0; turn < 40 && traffic.decided === before; turn += 1) {
        await happens(stage, traffic, { kind: 'time', ms: 50 });
        stage.open();
      }
      assert.deepEqual([traffic.decided, traffic.open.length], [before + 1, 1]);
    },
  );
  await fc.assert(story, { numRuns: 100 });
});

const readiness = { tcp: true, intervalMs: 100, timeoutMs: 1000, failures: 3 } as const;
