/**
 * A running workspace: puts the rooms of the core together behind the methods of the one door.
 *
 * Knows what should run and what does; how a config file is found and read, and how anything is done, is told to it.
 */

import type { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/event.ts';
import { closest } from '../base/spelling.ts';
import type { Config, ServiceSpec } from '../config/spec.ts';
import type { Fault } from '../faults/fault.ts';
import { fault, FaultError } from '../faults/make.ts';
import { FrontDoors, type PortMemory } from './front-door.ts';
import type { Instance, Surroundings, TransitionFacts } from './instance.ts';
import type {
  EventBody,
  LogBatch,
  RuntimeMessage,
  Snapshot,
  StartOptions,
  StateName,
  Target,
} from './model.ts';
import type { DoorRequest, Line, Outside } from './outside.ts';
import { Service } from './service.ts';
import { difference } from './topology/difference.ts';

export interface RuntimeOptions {
  readonly folder: string;
  readonly outside: Outside;
  readonly memory: PortMemory;
  /** The environment children inherit. */
  readonly environment: Readonly<Record<string, string>>;
  readonly windows: boolean;
  readonly trusted: boolean;
  load(): Config;
  /** Where an instance's output goes when its service names no log file. */
  logPath(instance: string): string;
  /** Every line of every instance, and every request: for a terminal. Without it neither costs anything. */
  readonly tap?: {
    lines?(instance: string, lines: readonly Line[]): void;
    request?(request: DoorRequest): void;
  };
}

/** How long a file without services is given to become one with some. */
const unsureMs = 300;
/** After SIGKILL: nothing survives it for long but what is not ours to kill. */
const unkillableMs = 1_000;

/** Enough for a day of ordinary output, and for one flood; the newest stays. */
const defaultLogBytes = 1024 ** 3;

export class Runtime {
  readonly #options: RuntimeOptions;
  readonly #messages = new Emitter<RuntimeMessage>();
  readonly #services = new Map<string, Service>();
  readonly #followed = new Map<string, Disposable>();
  readonly #waiters = new Set<() => void>();
  readonly #doors: FrontDoors;
  readonly #around: Surroundings;
  #config: Config;
  #trusted: boolean;
  #ended = false;
  /** Something has been started, so the doors are to be open. */
  #opened = false;
  /** Instances that were told to start and have not all been RUNNING since. */
  readonly #awaited = new Set<Instance>();
  #dirty = new Set<Instance>();

  constructor(options: RuntimeOptions) {
    this.#options = options;
    this.#trusted = options.trusted;
    this.#around = {
      outside: options.outside,
      inherited: options.environment,
      windows: options.windows,
      urls: () => this.#urls(),
      logOf: (instance, spec) =>
        spec.logFile ?? { path: options.logPath(instance), maxBytes: defaultLogBytes, backups: 1 },
      transition: (instance, from, to, facts) => this.#transition(instance, from, to, facts),
      portKnown: (instance, host, port) =>
        this.#tell({
          event: 'port',
          instance: instance.name,
          host,
          port,
          handshake: instance.spec.handshake,
        }),
      faulted: (raised) => this.tellFault(raised),
      changed: (instance) => this.#changed(instance),
    };
    this.#doors = new FrontDoors({
      outside: options.outside,
      memory: options.memory,
      services: () => this.#inOrder(),
      service: (name) => this.#services.get(name),
      listening: (what, url) => this.#tell({ event: 'listening', what, url }),
      requested: (request) => options.tap?.request?.(request),
      change: (ms) => this.#change(ms),
    });
    this.#config = options.load();
    for (const spec of this.#config.services) this.#add(spec);
  }

  // ------------------------------------------------------------------------------------------ the one door

  subscribe(listener: (message: RuntimeMessage) => void): Disposable {
    listener({ kind: 'snapshot', snapshot: this.snapshot() });
    return this.#messages.event(listener);
  }

  snapshot(): Snapshot {
    const frontDoor = this.#doors.url;
    return {
      folder: this.#options.folder,
      files: this.#config.files,
      trusted: this.#trusted,
      problems: this.#config.problems,
      services: this.#inOrder().map((service) => service.view(this.#doors.urlOf(service.name))),
      ...(frontDoor === undefined ? {} : { frontDoor }),
      ...(this.#doors.fault === undefined ? {} : { faults: [this.#doors.fault] }),
    };
  }

  async reload(): Promise<void> {
    let next = this.#options.load();
    const hasErrors = next.problems.some((problem) => problem.severity === 'error');
    if (next.services.length === 0 && !hasErrors && this.#services.size > 0) {
      // Most likely a file in the middle of being written or replaced; an empty one is still empty in a moment.
      await this.#change(unsureMs, false);
      next = this.#options.load();
    }
    const change = difference(
      [...this.#services.values()].map((service) => service.spec),
      next,
    );
    this.#config = next;
    for (const name of change.removed) this.#remove(name);
    for (const spec of change.kept) this.#redefine(spec, false);
    for (const spec of change.changed) this.#redefine(spec, true);
    for (const spec of change.added) this.#add(spec);
    if (this.#opened && !this.#ended) await this.#openDoors();
    this.#tell(this.#configEvent());
    this.#sendSnapshot();
  }

  async start(target: Target, options: StartOptions = {}): Promise<void> {
    for (const instance of await this.#readied(target)) {
      if (target.kind === 'all' && !instance.spec.autostart) continue;
      this.#awaited.add(instance);
      instance.start(options.debug === true);
    }
    this.#tellIfReady();
  }

  async stop(target: Target): Promise<void> {
    await this.#stopInTiers(this.#find(target));
  }

  async restart(target: Target): Promise<void> {
    for (const instance of await this.#readied(target)) {
      this.#awaited.add(instance);
      instance.restart();
    }
  }

  /**
   * What is to be started, once the doors are open: every address is known by then and answers with the truth.
   *
   * Opening takes a moment, in which a file may be read again or a stop may come; what was stopped meanwhile is left
   * out, and what is gone is no more.
   */
  async #readied(target: Target): Promise<readonly Instance[]> {
    if (!this.#trusted) throw new FaultError(fault('untrusted', {}));
    const before = new Map(this.#find(target).map((instance) => [instance, instance.orders]));
    await this.#openDoors();
    if (this.#ended) throw new Error('This runtime has been shut down.');
    return this.#find(target).filter((instance) => before.get(instance) === instance.orders);
  }

  /** The last to start are the first to stop; a tier is gone before the next one is told. */
  async #stopInTiers(instances: readonly Instance[]): Promise<void> {
    for (const instance of instances) this.#awaited.delete(instance);
    for (const tier of inTiers(instances).toReversed()) {
      await Promise.all(tier.map((instance) => instance.stop()));
    }
  }

  async trust(): Promise<void> {
    this.#trusted = true;
    this.#sendSnapshot();
  }

  async follow(name: string, lines: number): Promise<LogBatch> {
    const instance = this.#instance(name);
    const tail = instance.log.tail(lines);
    if (!this.#followed.has(name)) {
      const following = instance.log.follow(this.#options.outside.clock, (batch) =>
        this.#messages.fire({ kind: 'log', batch }),
      );
      this.#followed.set(name, following);
    }
    return { instance: name, lines: tail, skipped: 0 };
  }

  async unfollow(name: string): Promise<void> {
    this.#followed.get(name)?.dispose();
    this.#followed.delete(name);
  }

  /** Everything is told to stop at once; what is left after `graceMs` is killed, and not waited for for ever. */
  async shutdown(graceMs: number): Promise<void> {
    this.#ended = true;
    this.#awaited.clear();
    const instances = this.#all();
    for (const instance of instances) instance.takeNoStart();
    const { clock } = this.#options.outside;
    const kill = clock.after(graceMs, () => this.killAll());
    const enough = new Promise<void>((resolve) => {
      const limit = clock.after(graceMs + unkillableMs, resolve);
      void Promise.all(instances.map((instance) => instance.stop())).then(() => {
        limit.dispose();
        resolve();
      });
    });
    await enough;
    kill.dispose();
    await this.#doors.close();
    for (const each of this.#followed.values()) each.dispose();
    this.#followed.clear();
  }

  /** Everything, in order, as a person who says Ctrl-C expects. */
  async stopInOrder(): Promise<void> {
    await this.#stopInTiers(this.#all());
  }

  /** SIGKILL to everything, now. */
  killAll(): void {
    for (const instance of this.#all()) instance.kill();
  }

  /** Holds back all output while the reader of the tap cannot keep up. */
  pauseOutput(): void {
    for (const instance of this.#all()) instance.log.pause();
  }

  resumeOutput(): void {
    for (const instance of this.#all()) instance.log.resume();
  }

  /** Nothing runs, and nothing will by itself. */
  get isIdle(): boolean {
    return this.#all().every((instance) => instance.isAtRest);
  }

  /** The `config` event, for a reader that comes first. */
  tellConfig(): void {
    this.#tell(this.#configEvent());
  }

  // --------------------------------------------------------------------------------------------- services

  #add(spec: ServiceSpec): void {
    const service = new Service(spec, this.#around);
    this.#services.set(spec.name, service);
    for (const instance of service.instances) this.#welcome(instance);
  }

  #welcome(instance: Instance): void {
    for (const [other, gone] of this.#leaving) if (other.name === instance.name) instance.waitFor(gone);
    const { tap } = this.#options;
    if (tap?.lines !== undefined) instance.log.tap((lines) => tap.lines?.(instance.name, lines));
  }

  #remove(name: string): void {
    const service = this.#services.get(name);
    this.#services.delete(name);
    for (const instance of service?.instances ?? []) this.#discard(instance);
  }

  #discard(instance: Instance): void {
    this.#awaited.delete(instance);
    void this.unfollow(instance.name);
    instance.retire();
    // Its stop is on its way; whoever shuts down, or comes back under its name, waits for it.
    const leaving = instance.stop().finally(() => this.#leaving.delete(instance));
    this.#leaving.set(instance, leaving);
  }

  readonly #leaving = new Map<Instance, Promise<void>>();

  #redefine(spec: ServiceSpec, startAgain: boolean): void {
    const service = this.#services.get(spec.name);
    if (service === undefined) return;
    const before = service.instances;
    const active = before.some((instance) => !instance.isAtRest);
    const wasActive = new Set(before.filter((instance) => !instance.isAtRest));
    for (const surplus of service.redefine(spec)) this.#discard(surplus);
    for (const instance of service.instances) {
      const isNew = !before.includes(instance);
      if (isNew) this.#welcome(instance);
      if (this.#ended) continue;
      if (startAgain && wasActive.has(instance)) instance.restart();
      else if (isNew && active) instance.start(false);
    }
  }

  async #openDoors(): Promise<void> {
    this.#opened = true;
    const told = new Set(this.#doorFaults());
    await this.#doors.arrange(this.#config.frontDoor);
    for (const each of this.#doorFaults()) if (!told.has(each)) this.tellFault(each);
    this.#sendSnapshot();
  }

  #doorFaults(): readonly Fault[] {
    const own = [...this.#services.values()].flatMap((service) => service.faults);
    return this.#doors.fault === undefined ? own : [this.#doors.fault, ...own];
  }

  #inOrder(): readonly Service[] {
    return [...this.#services.values()];
  }

  #all(): readonly Instance[] {
    return [...[...this.#services.values()].flatMap((service) => service.instances), ...this.#leaving.keys()];
  }

  #find(target: Target): readonly Instance[] {
    switch (target.kind) {
      case 'all':
        return inTiers([...this.#services.values()].flatMap((service) => service.instances)).flat();
      case 'service': {
        const service = this.#services.get(target.service);
        if (service === undefined)
          throw new FaultError(this.#unknown(target.service, [...this.#services.keys()]));
        return service.instances;
      }
      case 'instance':
        return [this.#instance(target.instance)];
    }
  }

  #instance(name: string): Instance {
    const all = [...this.#services.values()].flatMap((service) => service.instances);
    const found = all.find((instance) => instance.name === name);
    if (found === undefined)
      throw new FaultError(
        this.#unknown(
          name,
          all.map((instance) => instance.name),
        ),
      );
    return found;
  }

  #unknown(name: string, known: readonly string[]): Fault {
    const suggestion = closest(name, known);
    return fault('no-such-service', { name, ...(suggestion === undefined ? {} : { suggestion }) });
  }

  #urls(): Readonly<Record<string, string>> {
    const urls: Record<string, string> = {};
    for (const name of this.#services.keys()) {
      const url = this.#doors.urlOf(name);
      if (url !== undefined) urls[name] = url;
    }
    return urls;
  }

  // --------------------------------------------------------------------------------------------- telling

  #transition(instance: Instance, from: StateName, to: StateName, facts: TransitionFacts): void {
    this.#tell({ event: 'state', service: instance.spec.name, instance: instance.name, from, to, ...facts });
    for (const wake of [...this.#waiters]) wake();
    if (to === 'RUNNING' || to === 'EXITED') this.#tellIfReady();
  }

  #tellIfReady(): void {
    if (this.#awaited.size === 0) return;
    for (const { state } of this.#awaited) {
      const up = state.kind === 'running' || (state.kind === 'exited' && state.expected);
      if (!up) return;
    }
    this.#awaited.clear();
    this.#tell({ event: 'ready' });
  }

  /** A fault that belongs to no instance's state, told once. */
  tellFault(raised: Fault): void {
    const { severity: _severity, sentence: _sentence, ...told } = raised;
    this.#tell({ event: 'fault', ...told });
  }

  #configEvent(): EventBody {
    return {
      event: 'config',
      files: this.#config.files,
      services: this.#config.services.map((spec) => spec.name),
      problems: this.#config.problems.length,
    };
  }

  #tell(event: EventBody): void {
    const at = new Date(this.#options.outside.clock.wall()).toISOString();
    this.#messages.fire({ kind: 'event', event: { at, ...event } });
  }

  #changed(instance: Instance): void {
    if (this.#dirty.size === 0) {
      // Several changes in one breath make one message.
      queueMicrotask(() => {
        const dirty = this.#dirty;
        this.#dirty = new Set();
        for (const each of dirty) this.#messages.fire({ kind: 'instance', instance: each.view() });
      });
    }
    this.#dirty.add(instance);
  }

  #sendSnapshot(): void {
    this.#messages.fire({ kind: 'snapshot', snapshot: this.snapshot() });
  }

  #change(ms: number, early = true): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        timer.dispose();
        this.#waiters.delete(done);
        resolve();
      };
      const timer = this.#options.outside.clock.after(ms, done);
      if (early) this.#waiters.add(done);
    });
  }
}

/** Instances of equal priority together, low priorities first; within a tier the order of the file. */
function inTiers(instances: readonly Instance[]): readonly (readonly Instance[])[] {
  const tiers = new Map<number, Instance[]>();
  for (const instance of instances) {
    const tier = tiers.get(instance.spec.priority) ?? [];
    tier.push(instance);
    tiers.set(instance.spec.priority, tier);
  }
  return [...tiers.entries()].toSorted(([a], [b]) => a - b).map(([, tier]) => tier);
}
