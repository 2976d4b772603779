/** Whatever happens, in whatever order: no child is lost, none is doubled, and there is always a way on. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RestartPolicy } from '../../../src/config/spec.ts';
import type { Policy } from '../../../src/core/process/policy.ts';
import {
  isAtRest,
  isParting,
  pidOf,
  type ProcessState,
  stateName,
  stopped,
} from '../../../src/core/process/state.ts';
import { type ProcessEvent, step } from '../../../src/core/process/step.ts';
import { specOf } from '../../support/spec.ts';
import type { FakeChild } from '../../support/world.ts';
import { programOf, programService, Solo } from './solo.ts';

const policies: fc.Arbitrary<Policy> = fc.record({
  startMs: fc.constantFrom(0, 1000),
  startRetries: fc.nat(3),
  stopSignal: fc.constant('TERM'),
  stopMs: fc.constantFrom(0, 500, 10_000),
  partMs: fc.constantFrom(0, 300, 6000),
  killsParted: fc.boolean(),
  restart: fc.constantFrom('never', 'unexpected', 'always'),
  exitCodes: fc.constant([0]),
  proof: fc.boolean(),
  stopTo: fc.constantFrom('group', 'process'),
  killTo: fc.constantFrom('group', 'process'),
  paced: fc.boolean(),
  keepsCount: fc.boolean(),
  final: fc.boolean(),
});

const happenings: fc.Arbitrary<ProcessEvent> = fc.oneof(
  ...(
    [
      'start',
      'stop',
      'restart',
      'giveUp',
      'spawnFailed',
      'unfit',
      'ready',
      'handshakeFailed',
      'parted',
      'signalFailed',
      'time',
    ] as const
  ).map((kind) => fc.constant({ kind })),
  fc.constant({ kind: 'spawned', pid: 7 } as const),
  fc
    .constantFrom({ code: 0 }, { code: 1 }, { signal: 'SIGKILL' }, {})
    .map((exit) => ({ kind: 'exited', exit }) as const),
);

/** What the world would look like if all that was ordered were done. */
class Ledger {
  state: ProcessState = stopped;
  now = 0;
  alive = false;
  spawning = false;
  armed = false;
  readonly #policy: Policy;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** The world only reports what can be: a birth after a spawn, an exit of a living child. */
  canBe({ kind }: ProcessEvent): boolean {
    if (kind === 'spawned' || kind === 'spawnFailed' || kind === 'unfit') return this.spawning;
    if (kind === 'exited' || kind === 'signalFailed' || kind === 'ready' || kind === 'handshakeFailed')
      return this.alive;
    return true;
  }

  take(event: ProcessEvent, wait: number): void {
    if (!this.canBe(event)) return;
    this.now += wait;
    if (event.kind === 'spawned') [this.spawning, this.alive] = [false, true];
    if (event.kind === 'spawnFailed' || event.kind === 'unfit') this.spawning = false;
    if (event.kind === 'exited') this.alive = false;
    if (event.kind === 'time') this.armed = false;
    const next = step(this.state, event, this.#policy, this.now);
    this.state = next.states.at(-1) ?? this.state;
    for (const effect of next.effects) {
      if (effect.kind === 'arm') this.armed = true;
      if (effect.kind === 'disarm') this.armed = false;
      if (effect.kind === 'signal') assert.equal(this.alive, true, 'a signal to nobody');
      if (effect.kind === 'part') assert.equal(this.alive, true, 'a leave of nobody');
      if (effect.kind !== 'spawn') continue;
      assert.equal(this.alive || this.spawning, false, 'a spawn beside a child');
      this.spawning = true;
    }
  }

  check(): void {
    const name = stateName(this.state);
    const pid = pidOf(this.state);
    assert.notEqual(name, undefined);
    assert.equal(pid, this.alive ? 7 : undefined, `${name} has lost sight of its child`);
    assert.equal(isAtRest(this.state) && (this.alive || this.spawning), false, `${name} with a child`);
    const goesOn = this.armed || this.alive || this.spawning || isAtRest(this.state);
    // Once everything is being stopped, BACKOFF waits for its stop.
    assert.equal(goesOn || (this.#policy.final && name === 'BACKOFF'), true, `${name} has no way on`);
    assert.equal(isParting(this.state) && !this.alive, false, 'takes leave without a child');
    if (name === 'STOPPING' && this.alive) assert.equal(this.armed, true, 'a stop without its SIGKILL');
  }
}

describe('any sequence of events', () => {
  it('loses no child, doubles none, and leaves a way on in every state', () => {
    fc.assert(
      fc.property(
        policies,
        fc.array(fc.tuple(happenings, fc.nat(3000)), { maxLength: 40 }),
        (policy, events) => {
          const ledger = new Ledger(policy);
          for (const [event, wait] of events) {
            // Time that was armed comes before whatever comes after it.
            if (ledger.armed && wait > 1500) ledger.take({ kind: 'time' }, 0);
            ledger.take(event, wait);
            ledger.check();
          }
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('ends STOPPED, EXITED or FATAL once a stop is ordered and the child is gone', () => {
    fc.assert(
      fc.property(
        policies,
        fc.array(fc.tuple(happenings, fc.nat(3000)), { maxLength: 40 }),
        (policy, events) => {
          const ledger = new Ledger(policy);
          for (const [event, wait] of events) ledger.take(event, wait);
          ledger.take({ kind: 'stop' }, 1);
          if (ledger.spawning) ledger.take({ kind: 'spawned', pid: 7 }, 1);
          if (ledger.alive) ledger.take({ kind: 'exited', exit: { signal: 'SIGKILL' } }, 1);
          assert.equal(isAtRest(ledger.state), true, stateName(ledger.state));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

type Act = (story: LivingStory) => Promise<void> | void;

/** One instance and the world's children, of which it may have one at a time. */
class LivingStory extends Solo {
  readonly #gone = new Set<FakeChild>();
  /** Ends the requests that somebody who is being stopped still has. */
  readonly answered: (() => void)[] = [];

  get living(): readonly FakeChild[] {
    return this.world.children.filter((child) => !this.#gone.has(child));
  }

  async kill(exit: { code?: number; signal?: string }): Promise<void> {
    for (const child of this.living) {
      this.#gone.add(child);
      child.end(exit);
    }
    await this.world.settle();
  }

  check(): void {
    const { state, stateName: name, pid } = this.instance;
    const living = this.living.map((child) => child.pid);
    assert.equal(living.length <= 1, true, `${living.length} children at once`);
    assert.deepEqual(living, pid === undefined ? [] : [pid], `${name} does not hold its child`);
    assert.equal(isAtRest(state) && living.length > 0, false);
    const held = this.instance.spec.program === undefined ? 0 : living.length;
    assert.equal(this.claims.claims('unix:///s'), held, `${name} holds the socket`);
  }
}

const acts: Readonly<Record<string, Act>> = {
  start: ({ instance }) => instance.start(false),
  restart: ({ instance }) => instance.restart(),
  stop: ({ instance }) => void instance.stop(),
  giveUp: ({ instance }) => void instance.givingUp().cleared,
  hup: ({ instance }) => void instance.signal('HUP'),
  exit: (story) => story.kill({ code: 0 }),
  crash: (story) => story.kill({ signal: 'SIGSEGV' }),
  moment: ({ world }) => world.pass(5),
  second: ({ world }) => world.pass(1001),
  while: ({ world }) => world.pass(3500),
  refuse: ({ living }) => {
    for (const child of living) child.refusesSignals = true;
  },
  comply: ({ living }) => {
    for (const child of living) child.refusesSignals = false;
  },
  unspawnable: ({ world }) => {
    world.spawnFailure = { reason: 'gone', way: 'x', cause: 'not-found' };
  },
  spawnable: ({ world }) => {
    world.spawnFailure = undefined;
  },
  noSocket: ({ world }) => {
    world.sharedSockets.failure = 'address in use';
  },
  socket: ({ world }) => {
    world.sharedSockets.failure = undefined;
  },
  listen: ({ world, living }) => {
    for (const { plan } of living) world.openPorts.add(Number(plan.env['PORT']));
  },
  silence: ({ world }) => world.openPorts.clear(),
  tellPort: ({ world, living }) => {
    world.openPorts.add(30_000);
    for (const child of living) child.output.tellPort('30000\n');
  },
  tellNonsense: ({ living }) => {
    for (const child of living) child.output.tellPort('oops\n');
  },
  stranger: ({ world }) => {
    world.owner = { pid: 1, command: 'init' };
  },
  ours: ({ world }) => {
    world.owner = 'ours';
  },
  shutdown: ({ instance }) => instance.takeNoStart(),
  killNow: ({ instance }) => instance.kill(),
  busy: (story) => {
    story.parting = () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      story.answered.push(resolve);
      return promise;
    };
  },
  idle: (story) => {
    story.parting = undefined;
  },
  answer: ({ answered }) => {
    for (const each of answered.splice(0)) each();
  },
};

describe('any life of an instance', () => {
  /** A program that shares a socket, and services of our own file that have to prove themselves. */
  const kinds = {
    program: (restart: RestartPolicy, startMs: number) =>
      programService({ restart, startMs, stopMs }, programOf({ kind: 'fcgi-program', socket })),
    port: (restart: RestartPolicy, startMs: number) =>
      specOf({ handshake: 'port', restart, startMs, stopMs }),
    stdout: (restart: RestartPolicy, startMs: number) =>
      specOf({ handshake: 'stdout', restart, startMs, stopMs }),
    asked: (restart: RestartPolicy, startMs: number) =>
      specOf({
        handshake: 'port',
        restart,
        startMs,
        stopMs,
        stopRequest: { path: '/quit', withinMs: 700 },
      }),
  };
  const stopMs = 1500;
  const socket = { url: 'unix:///s', at: { kind: 'unix', path: '/s', mode: 0o700 } } as const;

  it('has at most one child, always knows it, and ends when it is told to', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...Object.keys(acts)), { maxLength: 40 }),
        fc.constantFrom<RestartPolicy[]>('never', 'unexpected', 'always'),
        fc.constantFrom(0, 1000),
        fc.constantFrom(...Object.values(kinds)),
        async (names, restart, startMs, kind) => {
          const story = new LivingStory(kind(restart, startMs));
          for (const name of names) {
            await acts[name]?.(story);
            // Orders given in the same breath are one thing, what comes of them another.
            if (name.length % 2 === 0) continue;
            await story.world.settle();
            story.check();
          }
          await story.world.settle();
          await acts['comply']?.(story);
          const stopping = story.instance.stop();
          await story.world.settle();
          await story.kill({ signal: 'SIGKILL' });
          await story.world.pass(1000);
          await stopping;
          story.check();
          assert.equal(story.instance.isAtRest, true, story.instance.stateName);
          assert.deepEqual(story.world.sharedSockets.held, []);
        },
      ),
      { numRuns: 400 },
    );
  });
});
