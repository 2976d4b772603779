/** Whatever is ordered and whatever happens, in any sequence: no child is lost, none runs twice, and all can end. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '../../src/config/spec.ts';
import type { Target } from '../../src/core/model.ts';
import { Stage } from '../support/stage.ts';
import type { FakeChild } from '../support/world.ts';

/** The same sequence for the same seed (mulberry32). */
function lots(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) % below;
  };
}

const named = (name: string, more: Partial<ServiceSpec> = {}): Partial<ServiceSpec> => ({
  name,
  handshake: 'none',
  startRetries: 1,
  env: { SERVICE: name },
  ...more,
});
const health = { health: { tcp: true, intervalMs: 300, timeoutMs: 100, failures: 2 } as const };
const watch = { watch: { paths: ['**'], ignore: [], debounceMs: 20, cascade: true } } as const;

const files: readonly (readonly Partial<ServiceSpec>[])[] = [
  [
    named('db', { ...health, handshake: 'port' }),
    named('migrate', { restart: 'never', dependsOn: { db: 'healthy' } }),
    named('api', { ...watch, dependsOn: { migrate: 'exited', db: 'ready' }, instances: 2 }),
    named('web', { dependsOn: { api: 'started' }, group: 'front', startMs: 500 }),
  ],
  [
    named('api', { ...watch, dependsOn: { db: 'ready' }, env: { SERVICE: 'api', OTHER: '1' } }),
    named('db', { ...watch, handshake: 'port' }),
    named('web', { dependsOn: { api: 'ready' }, group: 'front', autostart: false }),
  ],
];

class Story {
  readonly #draw: (below: number) => number;
  readonly #stage = new Stage(files[0] ?? []);
  readonly #ended = new Set<FakeChild>();
  /** Orders that are on their way. */
  readonly #orders: Promise<unknown>[] = [];
  /** How often somebody wanted something to run. */
  #wishes = 0;

  constructor(seed: number) {
    this.#draw = lots(seed);
  }

  get #living(): readonly FakeChild[] {
    return this.#stage.world.children.filter((child) => !this.#ended.has(child));
  }

  async run(steps: number): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      this.#happen();
      await this.#stage.world.pass(this.#draw(400));
      this.#check();
    }
    await this.#end();
  }

  #happen(): void {
    const { runtime, world } = this.#stage;
    const needs = (['start', 'wait', 'ignore'] as const)[this.#draw(3)] ?? 'start';
    const child = this.#living[this.#draw(Math.max(1, this.#living.length))];
    const happenings: readonly (() => void)[] = [
      () => this.#wish(runtime.start(this.#target(), { needs })),
      () => this.#wish(runtime.start({ kind: 'all' })),
      () => this.#order(runtime.stop(this.#target())),
      () => this.#order(this.#stopAll()),
      () => this.#wish(runtime.restart(this.#target())),
      () => this.#order(runtime.scale('api', 1 + this.#draw(3))),
      () => {
        this.#stage.config = this.#stage.configOf(files[this.#draw(2)] ?? []);
        this.#order(runtime.reload());
      },
      () => this.#stage.open(),
      () => world.openPorts.clear(),
      () => world.watcher.change('/w/a.js'),
      () => child && this.#die(child, { code: this.#draw(2) }),
      () => this.#obey(),
      () => this.#obey(),
    ];
    happenings[this.#draw(happenings.length)]?.();
  }

  /** Orders may be refused, such as one about a service that a new file has taken away. */
  #order(order: Promise<unknown>): void {
    this.#orders.push(order.catch((error: unknown) => assert.match(String(error), /There is no/)));
  }

  #wish(order: Promise<unknown>): void {
    this.#wishes += 1;
    this.#order(order);
  }

  /** Whatever happens meanwhile by itself: once it is over nothing runs, but for what was wished for since. */
  async #stopAll(): Promise<void> {
    const before = this.#wishes;
    await this.#stage.runtime.stop({ kind: 'all' });
    if (this.#wishes === before)
      assert.doesNotMatch(this.#stage.states, /RUNNING|STARTING|STOPPING|BACKOFF/u);
  }

  #target(): Target {
    const name = ['db', 'migrate', 'api', 'web'][this.#draw(4)] ?? 'db';
    const targets: readonly Target[] = [
      { kind: 'all' },
      { kind: 'service', service: name },
      { kind: 'instance', instance: `${name}.0` },
      { kind: 'group', group: 'front' },
    ];
    return targets[this.#draw(targets.length)] ?? { kind: 'all' };
  }

  #die(child: FakeChild, exit: { code: number } | { signal: string }): void {
    this.#ended.add(child);
    child.isGroupEmpty = true;
    child.end(exit);
  }

  /** Whoever was told to end does so. */
  #obey(): void {
    for (const child of this.#living) if (child.signals.length > 0) this.#die(child, { signal: 'SIGTERM' });
  }

  #check(): void {
    const { states } = this.#stage;
    const living = new Set(this.#living.map(({ pid }) => pid));
    const pids = this.#stage.runtime
      .snapshot()
      .services.flatMap((service) => service.instances)
      .flatMap((each) => {
        const down = each.state === 'STOPPED' || each.state === 'EXITED' || each.state === 'FATAL';
        assert.equal(down && each.pid !== undefined, false, `${each.name} is ${each.state} with a process`);
        if (each.waitingFor !== undefined) assert.notEqual(each.waitingFor.length, 0);
        return each.pid === undefined ? [] : [each.pid];
      });
    assert.equal(new Set(pids).size, pids.length, `two instances have one process: ${states}`);
    for (const pid of living) {
      if (pids.includes(pid)) continue;
      // Whatever is not an instance's process any more has been told to go.
      const child = this.#stage.world.children.find((each) => each.pid === pid);
      assert.notEqual(child?.signals.length, 0, `process ${pid} is nobody's: ${states}`);
    }
  }

  async #end(): Promise<void> {
    const { runtime, world } = this.#stage;
    const ending = runtime.stopInOrder();
    for (let turn = 0; turn < 40; turn += 1) {
      this.#obey();
      await world.pass(300);
    }
    await ending;
    await Promise.all(this.#orders);
    assert.deepEqual([this.#living.length, runtime.isIdle, world.watcher.watches.length], [0, true, 0]);
    const { length } = world.children;
    await world.pass(60_000);
    assert.equal(world.children.length, length, 'something was started after the end');
  }
}

describe('any sequence of orders and happenings', () => {
  const seeds = Array.from({ length: 15 }, (_, index) => index + 1);
  for (const seed of seeds)
    it(`loses no child, starts none twice and comes to an end (seed ${seed})`, () => new Story(seed).run(60));
});
