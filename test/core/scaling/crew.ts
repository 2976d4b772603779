/** A service's instances under one way of scaling, in the world whose clock is turned by hand. */

import { loadConfig } from '../../../src/config/load.ts';
import type { ScalingSpec, ServiceSpec } from '../../../src/config/spec.ts';
import { Instance } from '../../../src/core/instance.ts';
import type { Answer, Received, UpstreamFailure } from '../../../src/core/outside.ts';
import { Journal } from '../../../src/core/supervisor/journal.ts';
import { Supervision } from '../../../src/core/supervisor/supervision.ts';
import type { Ending, Hands, Outcome, Taken, Wish } from '../../../src/core/scaling/dispatch.ts';
import { scalingFor } from '../../../src/core/scaling/make.ts';
import type { Way, WayOptions } from '../../../src/core/scaling/way.ts';
import type { Fault } from '../../../src/faults/fault.ts';
import { appEngineOf } from '../../support/application.ts';
import { specOf } from '../../support/spec.ts';
import { type FakeChild, World } from '../../support/world.ts';

export const answered: Ending = { status: 200, failed: false };
export const refusedConnection: Ending = { failed: true };

export const basic = (maxInstances: number, idleMs = 900_000): ScalingSpec => ({
  kind: 'basic',
  maxInstances,
  idleMs,
});

export const automatic = (part: Partial<Extract<ScalingSpec, { kind: 'automatic' }>> = {}): ScalingSpec => ({
  kind: 'automatic',
  minPendingMs: 100,
  maxPendingMs: 500,
  minIdle: 0,
  maxIdle: 1000,
  maxInstances: 20,
  rounding: 'down',
  ...part,
});

export type Part = Omit<Partial<ServiceSpec>, 'requests' | 'appengine'> & {
  readonly requests?: Partial<ServiceSpec['requests']>;
  readonly appengine?: Partial<NonNullable<ServiceSpec['appengine']>>;
};

/** What a config comes to that says so under `scaling`. */
export function scalingRead(written: string): ScalingSpec | undefined {
  const text = `services:\n  web:\n    command: run\n    scaling: ${written}\n`;
  return loadConfig({
    folder: '/w',
    files: [{ path: '/w/runtimes.yaml', text }],
    environment: {},
    readFile: () => undefined,
  }).services[0]?.scaling;
}

/** A service whose instances are up as soon as their port is open. */
export function serviceOf({ requests, appengine, ...part }: Part): ServiceSpec {
  const plain = specOf({
    name: 'web',
    ready: { tcp: true, intervalMs: 100, timeoutMs: 1000, failures: 3 },
    ...part,
  });
  return {
    ...plain,
    requests: { ...plain.requests, ...requests },
    ...(plain.profile === 'appengine'
      ? {
          appengine: appEngineOf({ module: plain.name, ...appengine }),
        }
      : {}),
  };
}

export class Crew {
  readonly world = new World();
  readonly way: Way;
  readonly said: string[] = [];
  readonly halted = new Set<Instance>();
  readonly removed: string[] = [];
  readonly faults: Fault[] = [];
  /** What was ordered of whom, in order. */
  readonly orders: string[] = [];
  spec: ServiceSpec;
  instances: Instance[];
  isNeeded = false;
  /** Thrown at whoever asks for one more. */
  addFails: Error | undefined;

  constructor(part: Part, count = 1, more: Partial<WayOptions> = {}) {
    this.spec = serviceOf(part);
    this.instances = Array.from({ length: count }, (_, index) => this.#make(index));
    const way = scalingFor({
      outside: this.world,
      hands: this.#hands(),
      isHalted: (instance) => this.halted.has(instance),
      isWaiting: () => false,
      isNeeded: () => this.isNeeded,
      ...more,
    });
    if (way === undefined) throw new Error('It has no scaling.');
    this.way = way;
  }

  #make(index: number): Instance {
    const journal = new Journal({
      clock: this.world.clock,
      level: () => 'debug',
      file: () => undefined,
      append: () => undefined,
    });
    return new Instance(this.spec, index, {
      outside: this.world,
      inherited: { PATH: '/bin' },
      windows: false,
      urls: () => ({}),
      logsOf: () => ({}),
      socketOf: () => Promise.reject(new Error('There is no shared socket.')),
      supervision: new Supervision({ clock: this.world.clock, journal, identifier: () => 'supervisor' }),
      part: (instance) => this.way.part(instance),
      transition: (instance, _from, to) => this.way.moved(instance, to),
      portKnown: () => undefined,
      faulted: (fault) => this.faults.push(fault),
      changed: (instance) => this.way?.noticed(instance),
    });
  }

  #hands(): Hands {
    const spec = (): ServiceSpec => this.spec;
    const instances = (): readonly Instance[] => this.instances;
    return {
      get spec() {
        return spec();
      },
      get instances() {
        return instances();
      },
      start: (instance) => {
        this.orders.push(`start ${instance.name}`);
        instance.start(false);
      },
      stop: (instance) => {
        this.orders.push(`stop ${instance.name}`);
        return instance.stop();
      },
      add: () => {
        if (this.addFails !== undefined) throw this.addFails;
        let index = 0;
        while (this.instances.some((each) => each.index === index)) index += 1;
        const instance = this.#make(index);
        this.instances = [...this.instances, instance].toSorted((a, b) => a.index - b.index);
        this.orders.push(`add ${instance.name}`);
        return instance;
      },
      remove: (instance) => {
        this.orders.push(`remove ${instance.name}`);
        this.removed.push(instance.name);
        this.instances = this.instances.filter((each) => each !== instance);
        this.way.redefined(this.spec);
        return instance.stop();
      },
      changed: () => undefined,
      say: (level, text) => this.said.push(`${level} ${text}`),
    };
  }

  static scaling(kind: ScalingSpec['kind']): ScalingSpec {
    return kind === 'manual' ? { kind } : kind === 'basic' ? basic(1) : automatic();
  }

  /** One more, at rest, as a person or the file would have it. */
  grow(): Instance {
    const instance = this.#make(this.instances.length);
    this.instances = [...this.instances, instance];
    this.way.redefined(this.spec);
    return instance;
  }

  /** One fewer, from the end, which is stopped. */
  shrink(): { readonly instance: Instance; readonly child: FakeChild } {
    const instance = this.instances.at(-1);
    if (instance === undefined) throw new Error('There is none.');
    const child = this.child(instance.index);
    void instance.stop();
    this.instances = this.instances.slice(0, -1);
    this.way.redefined(this.spec);
    return { instance, child };
  }

  at(index: number): Instance {
    const found = this.instances.find((each) => each.index === index);
    if (found === undefined) throw new Error(`There is no web.${index}.`);
    return found;
  }

  child(index: number): FakeChild {
    const { pid } = this.at(index);
    const found = this.world.children.find((each) => each.pid === pid);
    if (found === undefined) throw new Error(`web.${index} does not run.`);
    return found;
  }

  get states(): string {
    return this.instances.map((each) => `${each.name} ${each.stateName}`).join(', ');
  }

  /** What children were asked by ourselves: `GET /_ah/start at 40001`. */
  get asked(): readonly string[] {
    return this.world.asked.map(({ head, port }) => `${head.method} ${head.target} at ${port}`);
  }

  /** A person starts the service; what is up after that is. */
  async begin(): Promise<this> {
    for (const instance of this.way.begin()) instance.start(false);
    await this.up();
    return this;
  }

  /** Everything that was started listens. */
  async up(): Promise<void> {
    await this.world.settle();
    for (const { plan } of this.world.children) this.world.openPorts.add(Number(plan.env['PORT']));
    await this.world.pass(20);
  }

  /** All that run end. */
  async end(): Promise<void> {
    this.way.end();
    const stops = this.instances.map((instance) => instance.stop());
    await this.world.settle();
    for (const child of this.world.children) child.end({ code: 0 });
    await this.world.pass(1);
    await Promise.all(stops);
  }

  take(wish: Partial<Wish> = {}): Outcome | Promise<Outcome> {
    return this.way.take({ type: 'normal', without: [], ...wish });
  }

  /** A request that gets an instance at once. */
  taken(wish: Partial<Wish> = {}): Taken {
    const outcome = this.take(wish);
    if (outcome instanceof Promise) throw new Error('It waits.');
    return takenOf(outcome);
  }

  /** A request that waits. */
  waits(wish: Partial<Wish> = {}): Waiting {
    const outcome = this.take(wish);
    if (!(outcome instanceof Promise)) throw new Error(`It does not wait: ${outcome.kind}`);
    return new Waiting(outcome);
  }
}

export class Waiting {
  outcome: Outcome | undefined;

  constructor(outcome: Promise<Outcome>) {
    void outcome.then((value) => {
      this.outcome = value;
    });
  }

  get taken(): Taken {
    if (this.outcome === undefined) throw new Error('It still waits.');
    return takenOf(this.outcome);
  }

  get answer(): Answer {
    if (this.outcome?.kind !== 'refused') throw new Error(`It was not refused: ${this.outcome?.kind}`);
    return this.outcome.answer;
  }
}

export function takenOf(outcome: Outcome): Taken {
  if (outcome.kind !== 'taken') throw new Error(`It was not taken: ${outcome.kind}`);
  return outcome;
}

/** An answer of a child to a request of ours, that comes when the test says so. */
export function slowAnswer(): {
  readonly promise: Promise<Received | UpstreamFailure>;
  come(status?: number): void;
} {
  const { promise, resolve } = Promise.withResolvers<Received | UpstreamFailure>();
  return {
    promise,
    come: (status = 200) =>
      resolve({ status, reason: '', headers: [], body: new Uint8Array(), length: 0, broken: false }),
  };
}
