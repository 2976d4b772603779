/**
 * The second adapter of `Outside`: a world without processes, whose clock is turned by hand.
 *
 * A child lives as long as the test says; ports are open or not; files are texts. What the core asks for happens
 * after the microtasks it awaited, never by itself.
 */

import { type Disposable, disposable } from '../../src/base/disposable.ts';
import { Emitter } from '../../src/base/event.ts';
import type {
  Child,
  Clock,
  Door,
  Doors,
  Exit,
  Files,
  Line,
  Listener,
  Outside,
  Output,
  SpawnFailure,
  SpawnPlan,
  Sockets,
  Stranger,
  Stream,
} from '../../src/core/outside.ts';

export class World implements Outside {
  readonly clock = new HandClock();
  readonly children: FakeChild[] = [];
  readonly openPorts = new Set<number>();
  /** What somebody else listens on, so that no door can be opened there. */
  readonly takenPorts = new Set<number>();
  readonly texts = new Map<string, string>();
  readonly doorsOpened: { host: string; port: number; decide: Parameters<Doors['open']>[0]['decide'] }[] = [];
  listeners: readonly Listener[] = [];
  owner: 'ours' | Stranger | undefined = 'ours';
  spawnFailure: SpawnFailure | undefined;
  /** What the core looked at, in order. */
  readonly looks: { readonly at: number; readonly what: string }[] = [];
  #port = 40_000;
  #pid = 100;

  get child(): FakeChild {
    const last = this.children.at(-1);
    if (last === undefined) throw new Error('Nothing was spawned.');
    return last;
  }

  readonly spawner = {
    spawn: (plan: SpawnPlan): Promise<Child | SpawnFailure> => {
      if (this.spawnFailure !== undefined) return Promise.resolve(this.spawnFailure);
      this.#pid += 1;
      const child = new FakeChild(plan, this.#pid);
      this.children.push(child);
      return Promise.resolve(child);
    },
  };

  readonly sockets: Sockets = {
    freePort: (preferred) => {
      this.#port += 1;
      return Promise.resolve(preferred ?? this.#port);
    },
    canConnect: (_host, port) => this.#look(`connect ${port}`, this.openPorts.has(port)),
    httpStatus: (_host, port, path) => this.#look(`GET ${path}`, this.openPorts.has(port) ? 200 : undefined),
    listenersOf: () => this.#look('listeners', this.listeners),
    descriptorStamp: () => Promise.resolve(JSON.stringify(this.listeners)),
    ownerOf: () => Promise.resolve(this.owner),
    strangerOn: () => Promise.resolve(typeof this.owner === 'object' ? this.owner : undefined),
  };

  readonly files: Files = {
    temporary: (content) => {
      const path = `/tmp/${this.texts.size}`;
      this.texts.set(path, new TextDecoder().decode(content));
      return Promise.resolve(path);
    },
    read: (path) => this.#look('file', this.texts.get(path)),
    remove: (path) => Promise.resolve(this.texts.delete(path)),
    run: () => Promise.resolve({ code: 0 }),
  };

  readonly doors: Doors = {
    open: ({ host, port, decide }) => {
      if (this.takenPorts.has(port))
        return Promise.reject(Object.assign(new Error('taken'), { code: 'EADDRINUSE' }));
      const opened = { host, port: port === 0 ? 50_000 + this.doorsOpened.length : port, decide };
      this.doorsOpened.push(opened);
      const door: Door = { ...opened, close: () => Promise.resolve() };
      return Promise.resolve(door);
    },
  };

  #look<T>(what: string, answer: T): Promise<T> {
    this.looks.push({ at: this.clock.now(), what });
    return Promise.resolve(answer);
  }

  /** Lets everything that is awaited go on, without time passing. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  }

  /** Lets time pass, timer by timer. */
  async pass(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    await this.settle();
    for (;;) {
      const due = this.clock.nextDue();
      if (due === undefined || due > until) break;
      this.clock.turnTo(due);
      await this.settle();
    }
    this.clock.turnTo(until);
    await this.settle();
  }
}

class HandClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>();

  now(): number {
    return this.#now;
  }

  wall(): number {
    return 1_700_000_000_000 + this.#now;
  }

  after(ms: number, run: () => void): Disposable {
    const timer = { at: this.#now + ms, run };
    this.#timers.add(timer);
    return disposable(() => this.#timers.delete(timer));
  }

  nextDue(): number | undefined {
    return this.#timers.size === 0 ? undefined : Math.min(...[...this.#timers].map(({ at }) => at));
  }

  turnTo(at: number): void {
    this.#now = Math.max(this.#now, at);
    for (const timer of [...this.#timers].filter((each) => each.at <= at)) {
      if (this.#timers.delete(timer)) timer.run();
    }
  }
}

export class FakeChild implements Child {
  readonly plan: SpawnPlan;
  readonly pid: number;
  readonly output = new FakeOutput();
  readonly signals: string[] = [];
  readonly exited: Promise<Exit>;
  swept = false;
  isGroupEmpty = false;
  /** It has become another user, who takes no signals from us. */
  refusesSignals = false;
  readonly #exit: (exit: Exit) => void;

  constructor(plan: SpawnPlan, pid: number) {
    this.plan = plan;
    this.pid = pid;
    const { promise, resolve } = Promise.withResolvers<Exit>();
    this.exited = promise;
    this.#exit = resolve;
  }

  signal(name: string): boolean {
    if (this.refusesSignals) throw Object.assign(new Error('not permitted'), { code: 'EPERM' });
    this.signals.push(name);
    return !this.isGroupEmpty;
  }

  sweep(): Promise<void> {
    this.swept = true;
    return Promise.resolve();
  }

  end(exit: Exit): void {
    this.output.end();
    this.#exit(exit);
  }
}

class FakeOutput implements Output {
  readonly #lines: Line[] = [];
  readonly #listeners = new Emitter<readonly Line[]>();
  readonly #activity = new Emitter<void>();
  readonly #first = Promise.withResolvers<string>();
  bytes = 0;

  print(text: string, stream: Stream = 'stderr'): void {
    const lines = text.split('\n').map((each) => ({ stream, text: each }));
    this.#lines.push(...lines);
    this.bytes += text.length + 1;
    this.#listeners.fire(lines);
    this.#activity.fire();
  }

  /** The first line of stdout, as it came. */
  tellPort(line: string): void {
    this.#first.resolve(line);
  }

  end(): void {
    this.#first.resolve('');
  }

  tail(lines = 100, stream?: Stream): readonly Line[] {
    return this.#lines.filter((line) => stream === undefined || line.stream === stream).slice(-lines);
  }

  readonly onLines = this.#listeners.event;
  readonly onActivity = this.#activity.event;

  firstLine(): Promise<string> {
    return this.#first.promise;
  }

  isPaused = false;

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }
}
