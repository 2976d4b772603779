/** One service: its instances, and how many there should be. */

import type { ServiceSpec } from '../config/spec.ts';
import type { Fault } from '../faults/fault.ts';
import { handshakes, takesInput } from './handshake/launch.ts';
import { Instance } from './instance.ts';
import type { Surroundings } from './process/surroundings.ts';
import type { FrontLayer } from './appengine/front.ts';
import type { ServiceView } from './model.ts';
import type { Client } from './outside.ts';
import type { Dispatch, Outcome, Wish } from './scaling/dispatch.ts';
import { treatmentOf } from './treatment.ts';

/** What a request comes to in the end. */
export type Settled = Exclude<Outcome, { readonly kind: 'moved' }>;

/** What a service is made with, besides its definition. */
export interface ServiceParts {
  readonly around: Surroundings;
  /** The way that its requests go; asked again for a definition that wants another one. */
  readonly dispatchOf: (service: Service) => Dispatch;
  /** Its front layer, with `profile: appengine`; asked again for each definition. */
  readonly layerOf: (service: Service) => FrontLayer | undefined;
}

export class Service {
  readonly name: string;
  readonly #parts: ServiceParts;
  #spec: ServiceSpec;
  #instances: Instance[];
  #dispatch: Dispatch;
  #layer: FrontLayer | undefined;
  #isWanted = false;
  /** Faults of the service itself, such as a front-door port that is taken. */
  faults: readonly Fault[] = [];
  /** Its files cannot be watched. */
  watchFault: Fault | undefined;

  constructor(spec: ServiceSpec, parts: ServiceParts) {
    this.name = spec.name;
    this.#spec = spec;
    this.#parts = parts;
    this.#instances = Array.from(
      { length: countOf(spec, 0) },
      (_, index) => new Instance(spec, index, parts.around),
    );
    this.#layer = parts.layerOf(this);
    this.#dispatch = parts.dispatchOf(this);
  }

  get spec(): ServiceSpec {
    return this.#spec;
  }

  get instances(): readonly Instance[] {
    return this.#instances;
  }

  /** It has, or will have, a port or a shared socket that requests can go to. */
  get isReachable(): boolean {
    return (
      this.#spec.program?.socket !== undefined ||
      handshakes[this.#spec.handshake].givesPort ||
      handshakes[this.#spec.handshake].reports !== 'nothing'
    );
  }

  get isAtRest(): boolean {
    return this.#instances.every((instance) => instance.isAtRest);
  }

  /** Who gives its requests to its instances. */
  get dispatch(): Dispatch {
    return this.#dispatch;
  }

  /** An instance for a request: see `Dispatch.take`. Who waits while another way takes over waits there. */
  take(wish: Wish, client: Client | undefined): Settled | Promise<Settled> {
    const outcome = this.#dispatch.take(wish, client);
    if (outcome instanceof Promise) return this.#settled(outcome, wish, client);
    return outcome.kind === 'moved' ? this.take(wish, client) : outcome;
  }

  async #settled(waiting: Promise<Outcome>, wish: Wish, client: Client | undefined): Promise<Settled> {
    // Whatever way it is given to, its time goes on.
    const { since = this.#parts.around.outside.clock.now() } = wish;
    const outcome = await waiting;
    return outcome.kind === 'moved' ? this.take({ ...wish, since }, client) : outcome;
  }

  /** What stands between its requests and its instances; only with `profile: appengine`. */
  get layer(): FrontLayer | undefined {
    return this.#layer;
  }

  /** The instance id of its present run (spec 3.1). */
  idOf(instance: Instance): string {
    return this.#dispatch.idOf?.(instance) ?? String(instance.index);
  }

  /** It is wanted from now on; gives the instances that are to start at once. */
  begin(): readonly Instance[] {
    this.#isWanted = true;
    return this.#dispatch.begin();
  }

  /** It is not wanted any more: no request starts anything. */
  end(): void {
    this.#isWanted = false;
    this.#dispatch.end();
  }

  /** Nothing is decided any more. */
  dispose(): void {
    this.#dispatch.dispose();
  }

  /**
   * A new definition: instances are added or taken away, the others use it from their next start on.
   *
   * @param leave Told of each that is taken away while it still is one of these, so that it can take its leave.
   * @returns Those that its way wants to run from now on, where that has become another one.
   */
  redefine(spec: ServiceSpec, leave: (surplus: Instance) => void): readonly Instance[] {
    const isOtherWay = wayOf(spec) !== wayOf(this.#spec);
    this.#spec = spec;
    const count = countOf(spec, this.#instances.length);
    for (const surplus of this.#instances.slice(count)) leave(surplus);
    this.#instances = this.#instances.slice(0, count);
    for (const instance of this.#instances) instance.redefine(spec);
    while (this.#instances.length < count) this.#make();
    this.#layer = this.#parts.layerOf(this);
    if (isOtherWay) return this.#takeAnotherWay();
    this.#dispatch.redefined(spec);
    return [];
  }

  #takeAnotherWay(): readonly Instance[] {
    const before = this.#dispatch;
    this.#dispatch = this.#parts.dispatchOf(this);
    const begun = this.#isWanted ? this.#dispatch.begin() : [];
    before.yieldTo?.(this.#dispatch);
    before.end();
    before.dispose();
    return begun;
  }

  /** One more, with the lowest free index, at rest. */
  add(): Instance {
    const instance = this.#make();
    this.#dispatch.redefined(this.#spec);
    return instance;
  }

  #make(): Instance {
    const taken = new Set(this.#instances.map(({ index }) => index));
    let index = 0;
    while (taken.has(index)) index += 1;
    const instance = new Instance(this.#spec, index, this.#parts.around);
    this.#instances = [...this.#instances, instance].toSorted((one, other) => one.index - other.index);
    return instance;
  }

  /** It is one of these no more. */
  drop(instance: Instance): void {
    this.#instances = this.#instances.filter((each) => each !== instance);
    this.#dispatch.redefined(this.#spec);
  }

  view({ url, namedUrl }: ServiceAddresses): ServiceView {
    const spec = this.#spec;
    const group = spec.program?.group ?? spec.group;
    const treatment = treatmentOf(spec);
    return {
      name: spec.name,
      source: spec.source,
      runtime: spec.runtime,
      handshake: spec.handshake,
      autostart: spec.autostart,
      ...(group === undefined ? {} : { group }),
      oneShot: isOneShot(spec),
      dependsOn: spec.dependsOn,
      restart: spec.restart,
      exitCodes: spec.exitCodes,
      ...(url === undefined ? {} : { url }),
      ...(namedUrl === undefined ? {} : { namedUrl }),
      ...(spec.role === 'service' ? {} : { role: spec.role }),
      ...(spec.scaling === undefined ? {} : { scaling: spec.scaling.kind }),
      ...(startsOnRequest(spec) ? { onRequest: true as const } : {}),
      ...(this.#dispatch.waiting === 0 ? {} : { queue: this.#dispatch.waiting }),
      ...(treatment === undefined ? {} : { treatment }),
      ...(spec.port === 'auto' ? {} : { fixedPort: spec.port }),
      ...(takesInput(spec) ? { takesInput: true as const } : {}),
      debuggable: this.#parts.around.workshop?.isDebuggable(spec) ?? false,
      ...(typeof spec.debug === 'object' ? { debug: spec.debug } : {}),
      cwd: spec.cwd,
      faults: this.watchFault === undefined ? this.faults : [...this.faults, this.watchFault],
      instances: this.#instances.map((instance) => instance.view()),
    };
  }
}

/** It does its work and ends: it has no port, and an end as expected is not the beginning of another life. */
function isOneShot(spec: ServiceSpec): boolean {
  return spec.handshake === 'none' && spec.restart !== 'always' && spec.program?.kind !== 'eventlistener';
}

/** Where a service is reached, as far as doors are open. */
export interface ServiceAddresses {
  readonly url?: string | undefined;
  readonly namedUrl?: string | undefined;
}

/** How many instances there are by definition. Where requests say how many, those there are stay, as far as they may. */
function countOf(spec: ServiceSpec, now: number): number {
  const { scaling } = spec;
  switch (scaling?.kind) {
    case 'basic':
      return scaling.maxInstances;
    case 'automatic':
      return Math.max(1, Math.min(now, scaling.maxInstances));
    case 'manual':
    case undefined:
      return spec.instances;
  }
}

/** Two definitions of one way can share a dispatch. */
function wayOf({ role, scaling }: ServiceSpec): string {
  return role === 'backend' ? 'backend' : (scaling?.kind ?? 'balanced');
}

/** Requests say how many instances run, whatever a person or a file asks for. */
export function isSizedByRequests({ scaling }: ServiceSpec): boolean {
  return scaling !== undefined && scaling.kind !== 'manual';
}

/** A start of everything starts none of its instances. */
export function beginsAsleep(spec: ServiceSpec): boolean {
  return startsOnRequest(spec) || (spec.scaling?.kind === 'automatic' && spec.scaling.minIdle === 0);
}

/** Everything leaves it asleep, and a request wakes it. */
function startsOnRequest({ requests, scaling }: ServiceSpec): boolean {
  return scaling === undefined ? requests.startOnRequest : scaling.kind === 'basic';
}
