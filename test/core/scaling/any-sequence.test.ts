/** Whatever happens in whatever order, no request is lost, given twice, or given to an instance that is not ready. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { ScalingSpec } from '../../../src/config/spec.ts';
import type { Outcome, Taken, Wish } from '../../../src/core/scaling/dispatch.ts';
import { answered, automatic, basic, Crew, refusedConnection } from './crew.ts';

const concurrency = 2;

type Happening =
  | { readonly kind: 'ask'; readonly directed?: number; readonly without: readonly string[] }
  | { readonly kind: 'done' | 'lasting' | 'failed'; readonly which: number }
  | { readonly kind: 'begin' | 'end' | 'listen' | 'deaf' | 'reap' }
  | { readonly kind: 'die' | 'restart' | 'stop'; readonly index: number }
  | { readonly kind: 'fails'; readonly fails: boolean }
  | { readonly kind: 'pass'; readonly ms: number };

const index = fc.nat({ max: 2 });
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ kind: 'ask' as const, without: [] }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('ask' as const), directed: index, without: fc.constant([]) }),
  },
  fc.record({ kind: fc.constant('ask' as const), without: fc.constantFrom(['web.0'], ['web.1']) }),
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('done' as const), which: fc.nat({ max: 20 }) }) },
  fc.record({ kind: fc.constantFrom('lasting' as const, 'failed' as const), which: fc.nat({ max: 20 }) }),
  { weight: 3, arbitrary: fc.constantFrom({ kind: 'begin' as const }, { kind: 'listen' as const }) },
  fc.constantFrom({ kind: 'end' as const }, { kind: 'deaf' as const }, { kind: 'reap' as const }),
  fc.record({ kind: fc.constantFrom('die' as const, 'restart' as const, 'stop' as const), index }),
  fc.record({ kind: fc.constant('fails' as const), fails: fc.boolean() }),
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(50, 150, 350, 1_200, 11_000),
    }),
  },
);

class Story {
  readonly crew: Crew;
  readonly held: Taken[] = [];
  asked = 0;
  /** Requests for any instance that have not ended. */
  anyWaits = 0;
  readonly ended: string[] = [];
  isDeaf = false;

  constructor(scaling: ScalingSpec, profile: 'plain' | 'appengine') {
    const count = scaling.kind === 'automatic' ? 1 : 3;
    this.crew = new Crew({ scaling, profile, requests: { concurrency } }, count);
    const { world } = this.crew;
    // Looking at ports that stay closed costs most of the time here, so they are open unless told otherwise.
    world.connects = () => !this.isDeaf;
    world.answers = () =>
      new Promise((resolve) => {
        world.clock.after(300, () =>
          resolve({ status: 200, reason: '', headers: [], body: new Uint8Array(), length: 0, broken: false }),
        );
      });
  }

  #over(outcome: Outcome): void {
    this.ended.push(outcome.kind);
    if (outcome.kind !== 'taken') return;
    this.held.push(outcome);
  }

  #ask(wish: Partial<Wish>): void {
    this.asked += 1;
    const outcome = this.crew.take(wish);
    if (outcome instanceof Promise) {
      assert.deepEqual(wish.without, []);
      const isAny = wish.directed === undefined;
      if (isAny) this.anyWaits += 1;
      void outcome.then((late) => {
        if (isAny) this.anyWaits -= 1;
        this.#over(late);
      });
      return;
    }
    if (outcome.kind === 'taken') {
      assert.equal(outcome.instance.stateName, 'RUNNING');
      assert.equal(this.crew.way.outOfService(outcome.instance), undefined);
      assert.ok(!(wish.without ?? []).includes(outcome.instance.name));
      assert.ok(wish.directed === undefined || outcome.instance.index === wish.directed);
    }
    this.#over(outcome);
  }

  async happens(event: Happening): Promise<void> {
    const { crew } = this;
    const { world } = crew;
    switch (event.kind) {
      case 'ask':
        this.#ask({
          without: event.without,
          ...(event.directed === undefined ? {} : { directed: event.directed }),
        });
        break;
      case 'done':
      case 'failed':
        this.held
          .splice(event.which % Math.max(1, this.held.length), 1)[0]
          ?.done(event.kind === 'done' ? answered : refusedConnection);
        break;
      case 'lasting':
        this.held[event.which % Math.max(1, this.held.length)]?.lasting();
        break;
      case 'begin':
        for (const instance of crew.way.begin()) instance.start(false);
        break;
      case 'end':
        crew.way.end();
        for (const instance of crew.instances) void instance.stop();
        break;
      case 'listen':
        this.isDeaf = false;
        await world.pass(20);
        break;
      case 'deaf':
        this.isDeaf = true;
        break;
      case 'reap':
        for (const child of world.children) if (child.signals.length > 0) child.end({ code: 0 });
        break;
      case 'die':
        world.children.at(-1 - event.index)?.end({ code: 1 });
        break;
      case 'restart':
        crew.instances[event.index]?.restart();
        break;
      case 'stop':
        void crew.instances[event.index]?.stop();
        break;
      case 'fails':
        world.spawnFailure = event.fails ? { reason: 'no', way: '' } : undefined;
        break;
      case 'pass':
        await world.pass(event.ms);
        break;
    }
    await world.settle();
    this.#check();
  }

  #check(): void {
    const { crew } = this;
    for (const instance of crew.instances) {
      const busy = crew.way.busy(instance);
      assert.ok(busy >= 0 && busy <= concurrency, `${instance.name} has ${busy} requests`);
    }
    assert.equal(crew.way.waiting, this.asked - this.ended.length, 'whoever is not answered waits');
    if (this.anyWaits === 0) return;
    // Whoever comes now must find nothing that those could have had.
    const another = crew.take({ without: ['web.9'] });
    assert.ok(!(another instanceof Promise));
    if (another.kind !== 'taken') return;
    another.done(answered);
    assert.fail('somebody waits although there is room');
  }

  async ends(): Promise<void> {
    const { crew } = this;
    crew.way.end();
    for (const taken of this.held) taken.done(answered);
    // Requests of our own are under way, too.
    await crew.world.pass(20_000);
    crew.way.dispose();
    await crew.world.settle();
    assert.equal(this.ended.length, this.asked, 'each request has ended once');
    assert.equal(crew.way.waiting, 0);
    for (const instance of crew.instances) assert.equal(crew.way.busy(instance), 0);
  }
}

const ways: Record<string, ScalingSpec> = {
  manual: { kind: 'manual' },
  basic: basic(3, 5_000),
  automatic: automatic({ minIdle: 1, maxIdle: 1, maxInstances: 3, rounding: 'up' }),
};

describe('any sequence of requests, starts, stops and deaths', () => {
  for (const [name, scaling] of Object.entries(ways))
    it(`leaves no request of ${name} scaling without its one end, and no instance with more than it may have`, async () => {
      const story = fc.array(happening, { maxLength: 30 });
      await fc.assert(
        fc.asyncProperty(
          story,
          fc.constantFrom('plain' as const, 'appengine' as const),
          async (events, profile) => {
            const told = new Story(scaling, profile);
            for (const kind of ['begin', 'listen'] as const) await told.happens({ kind });
            await told.happens({ kind: 'pass', ms: 1_000 });
            for (const event of events) await told.happens(event);
            await told.ends();
          },
        ),
        { numRuns: 100 },
      );
    });
});
