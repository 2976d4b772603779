/**
 * The config as it is now: reads it again, and lets services come, change and go with it.
 *
 * Two ways lead from a changed file to a changed workspace: `reload` applies all of it at once; `compare`,
 * `addGroup` and `removeGroup` take it over group by group, as Supervisor's tools do (spec 6.13).
 */

import type { Config, ServiceSpec } from '../config/spec.ts';
import { fault, FaultError } from '../faults/make.ts';
import type { Instance } from './instance.ts';
import type { GroupChanges } from './model.ts';
import type { Orders } from './orders.ts';
import type { Supervision } from './supervisor/supervision.ts';
import type { Roster } from './roster.ts';
import { beginsAsleep, isSizedByRequests, Service, type ServiceParts } from './service.ts';
import { difference, isSameProcess } from './topology/difference.ts';
import { groupChanges, groupNameOf, groupsOf } from './topology/groups.ts';
import { inPlaces } from './topology/places.ts';

export interface DefinitionsOptions {
  readonly load: () => Config;
  readonly roster: Roster;
  readonly orders: Orders;
  readonly supervision: Supervision;
  /** What services are made with. */
  readonly parts: ServiceParts;
  /** A new instance is there. */
  readonly welcome: (instance: Instance) => void;
  /** It is no more part of the config; its stop is about to be ordered. */
  readonly farewell: (instance: Instance) => void;
  /**
   * Services have come, changed or gone: doors, pools of listeners and readers have to follow. `isReloaded`: the config
   * was read anew.
   */
  readonly arranged: (isReloaded: boolean) => Promise<void>;
  /** A service has one instance more or fewer. */
  readonly resized: () => void;
  /** Resolves after so many milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
}

/** A service as the config has it, whether or not it is part of the running workspace. */
export interface Configured {
  readonly group: string;
  readonly groupPriority: number;
  readonly inUse: boolean;
  readonly spec: ServiceSpec;
}

/** How long a file without services is given to become one with some. */
const unsureMs = 300;
/** As many as a file may ask for. */
const mostInstances = 1_000;

export class Definitions {
  readonly #options: DefinitionsOptions;
  #config: Config;
  /** What was last compared, to be taken over group by group. */
  #compared: Config | undefined;
  /** Numbers of instances that a person asked for, and what the file said then. */
  readonly #scaled = new Map<string, { readonly asked: number; readonly written: number }>();
  readonly #welcomed = new WeakSet<Instance>();

  constructor(options: DefinitionsOptions, config: Config) {
    this.#options = options;
    this.#config = config;
    for (const spec of config.services) this.#add(spec);
  }

  get config(): Config {
    return this.#config;
  }

  // --------------------------------------------------------------------------------------- the whole at once

  async reload(): Promise<void> {
    const { load, roster, pause, arranged } = this.#options;
    let next = load();
    const hasErrors = next.problems.some((problem) => problem.severity === 'error');
    if (next.services.length === 0 && !hasErrors && roster.services.size > 0) {
      // Most likely a file in the middle of being written or replaced; an empty one is still empty in a moment.
      await pause(unsureMs);
      next = load();
    }
    const before = this.#groupNames();
    const change = difference(roster.specs, next);
    this.#config = next;
    this.#compared = undefined;
    for (const name of change.removed) this.#remove(name);
    for (const spec of change.kept) this.#redefine(this.#asScaled(spec), false);
    for (const spec of change.changed) this.#redefine(this.#asScaled(spec), true);
    for (const spec of change.added) this.#joinAsleep(this.#add(spec));
    this.#inFileOrder();
    this.#tellGroups(before);
    await arranged(true);
  }

  #groupNames(): ReadonlySet<string> {
    return new Set(groupsOf(this.#options.roster.specs).map(({ name }) => name));
  }

  #tellGroups(before: ReadonlySet<string>): void {
    const { supervision } = this.#options;
    const after = this.#groupNames();
    for (const name of before) if (!after.has(name)) supervision.groupRemoved(name);
    for (const name of after) if (!before.has(name)) supervision.groupAdded(name);
  }

  /** What a person asked for stays, until the file says another number than it did then. */
  #asScaled(spec: ServiceSpec): ServiceSpec {
    const scaled = this.#scaled.get(spec.name);
    if (scaled === undefined) return spec;
    if (scaled.written === spec.instances) return { ...spec, instances: scaled.asked };
    this.#scaled.delete(spec.name);
    return spec;
  }

  async scale(name: string, instances: number): Promise<void> {
    const { roster, orders, arranged } = this.#options;
    orders.refuseWhenOver();
    const service = roster.service(name);
    const reason = whyNotScaled(service.spec, instances);
    if (reason !== undefined) throw new FaultError(fault('cannot-scale', { service: name, reason }));
    const written = this.#config.services.find((spec) => spec.name === name)?.instances ?? instances;
    this.#scaled.set(name, { asked: instances, written });
    this.#redefine({ ...service.spec, instances }, false);
    await arranged(false);
  }

  // ------------------------------------------------------------------------------------------ group by group

  /** Everything that the config last read or compared names, in use or not. */
  configured(): readonly Configured[] {
    const inUse = new Set(this.#options.roster.specs.map(groupNameOf));
    return groupsOf((this.#compared ?? this.#config).services).flatMap(({ name, priority, services }) =>
      services.map((spec) => ({ group: name, groupPriority: priority, inUse: inUse.has(name), spec })),
    );
  }

  /** Changes nothing but what `addGroup` will add. */
  compare(): GroupChanges {
    const next = this.#options.load();
    const error = next.problems.find((problem) => problem.severity === 'error');
    if (error !== undefined) throw new FaultError(fault('cannot-reread', { reason: error.message }));
    this.#compared = next;
    return groupChanges(this.#unscaled(), next.services);
  }

  /** What runs, with the numbers of instances that the file gave: those that a person changed are no difference. */
  #unscaled(): readonly ServiceSpec[] {
    return this.#options.roster.specs.map((spec) => {
      const written = this.#scaled.get(spec.name)?.written;
      return written === undefined ? spec : { ...spec, instances: written };
    });
  }

  async addGroup(name: string): Promise<void> {
    const { roster, orders, arranged } = this.#options;
    orders.refuseWhenOver();
    const next = this.#compared ?? this.#config;
    const group = groupsOf(next.services).find((each) => each.name === name);
    if (group === undefined) throw new FaultError(fault('no-such-group', { name }));
    if (roster.group(name) !== undefined) throw new FaultError(fault('already-added', { group: name }));
    const added = new Set(group.services.map((spec) => spec.name));
    const others = this.#config.services.filter((spec) => !added.has(spec.name));
    this.#config = {
      ...next,
      services: next.services.filter(
        (spec) => added.has(spec.name) || others.some((other) => other.name === spec.name),
      ),
    };
    const before = this.#groupNames();
    for (const spec of group.services) {
      // Of another group until now. Two of one name would be one too many to tell apart, so this one takes its place.
      this.#remove(spec.name);
      this.#add(spec);
    }
    this.#inFileOrder();
    await arranged(false);
    this.#tellGroups(before);
    const targets = group.services
      .filter((spec) => spec.autostart)
      .map((spec) => ({ kind: 'service', service: spec.name }) as const);
    if (targets.length > 0) await orders.start({ kind: 'several', targets });
  }

  async removeGroup(name: string): Promise<void> {
    const { roster, orders, supervision, arranged } = this.#options;
    orders.refuseWhenOver();
    const services = roster.group(name);
    if (services === undefined) throw new FaultError(fault('no-such-group', { name }));
    const running = services
      .flatMap((service) => service.instances)
      .filter((instance) => !instance.isAtRest || orders.isWaiting(instance))
      .map((instance) => instance.name);
    if (running.length > 0) throw new FaultError(fault('still-running', { group: name, instances: running }));
    const removed = new Set(services.map((service) => service.name));
    this.#config = {
      ...this.#config,
      services: this.#config.services.filter((spec) => !removed.has(spec.name)),
    };
    for (const each of removed) this.#remove(each);
    supervision.groupRemoved(name);
    await arranged(false);
  }

  // --------------------------------------------------------------------------------------------- one service

  #add(spec: ServiceSpec): Service {
    const service = new Service(spec, this.#options.parts);
    this.#options.roster.services.set(spec.name, service);
    for (const instance of service.instances) this.#welcome(instance);
    return service;
  }

  /** No new service runs before somebody says so. One that sleeps until a request comes does not have to run for that. */
  #joinAsleep(service: Service): void {
    const { orders } = this.#options;
    if (orders.areAllWanted && !orders.isOver && service.spec.autostart && beginsAsleep(service.spec))
      service.begin();
  }

  #welcome(instance: Instance): void {
    // A way that begins may have had it added before its service's new definition was taken over to its end.
    if (this.#welcomed.has(instance)) return;
    this.#welcomed.add(instance);
    for (const [other, gone] of this.#options.roster.leaving)
      if (other.name === instance.name) instance.waitFor(gone);
    this.#options.welcome(instance);
  }

  #remove(name: string): void {
    const { services } = this.#options.roster;
    const service = services.get(name);
    for (const instance of service?.instances ?? []) this.#discard(instance);
    services.delete(name);
    this.#scaled.delete(name);
    service?.end();
    service?.dispose();
  }

  /** One more instance of a service, at rest. */
  grow(service: Service): Instance {
    const instance = service.add();
    this.#welcome(instance);
    this.#options.resized();
    return instance;
  }

  /** One fewer; resolves when nothing of it is left. */
  async shrink(service: Service, instance: Instance): Promise<void> {
    const { roster, resized } = this.#options;
    if (service.instances.includes(instance)) {
      // While it is still one of these, so that it can take its leave.
      this.#discard(instance);
      service.drop(instance);
      resized();
    }
    await roster.leaving.get(instance);
  }

  #discard(instance: Instance): void {
    const { roster, orders, farewell } = this.#options;
    orders.forget(instance);
    farewell(instance);
    instance.retire();
    // Its stop is on its way; whoever shuts down, or comes back under its name, waits for it.
    const leaving = instance.stop().finally(() => roster.leaving.delete(instance));
    roster.leaving.set(instance, leaving);
  }

  #redefine(spec: ServiceSpec, startAgain: boolean): void {
    const { roster, orders } = this.#options;
    const service = roster.services.get(spec.name);
    if (service === undefined) return;
    const before = service.instances;
    // What a person is stopping stays stopped, whatever the file says now.
    const active = before.filter((instance) => !instance.isAtRest && !orders.isHalted(instance));
    const wanted = active.length > 0 || before.some((instance) => orders.isWaiting(instance));
    // The new definition may be what it takes to start these; they were told to, and by nobody to stop since.
    const failed = before
      .filter(({ state }) => state.kind === 'fatal')
      .filter((each) => !orders.isHalted(each));
    const again = new Set([...active, ...failed]);
    const made = new Map(before.map((instance) => [instance, instance.spec]));
    const begun = service.redefine(spec, (surplus) => this.#discard(surplus));
    const added = service.instances.filter((instance) => !before.includes(instance));
    for (const instance of added) this.#welcome(instance);
    if (orders.isOver) return;
    const isOther = (instance: Instance): boolean => {
      const was = made.get(instance);
      return was === undefined || !isSameProcess(was, instance.spec);
    };
    if (startAgain) orders.again(service.instances.filter((each) => again.has(each) && isOther(each)));
    // What another way begins with: those that slept under the one before, and those that it has added to them.
    const joining = new Set(begun.filter(({ stateName }) => stateName === 'STOPPED'));
    if (wanted && !isSizedByRequests(spec)) for (const instance of added) joining.add(instance);
    for (const instance of joining) if (!orders.isHalted(instance)) orders.join(instance);
    orders.consider();
  }

  /** Services that came later stand where the file has them, and those that it has lost for now where they stood. */
  #inFileOrder(): void {
    const { services } = this.#options.roster;
    const file = this.#config.services.map((spec) => spec.name);
    for (const name of inPlaces([...services.keys()], file)) {
      const service = services.get(name);
      if (service === undefined) continue;
      services.delete(name);
      services.set(name, service);
    }
  }
}

function whyNotScaled(spec: ServiceSpec, instances: number): string | undefined {
  if (isSizedByRequests(spec)) return `its scaling is ${spec.scaling?.kind}, so requests say how many it has`;
  if (spec.role !== 'service' && spec.role !== 'app') return 'its place among the processes is fixed';
  if (spec.program !== undefined) return 'its "numprocs" says how many processes it has';
  if (!Number.isInteger(instances) || instances < 1 || instances > mostInstances)
    return `it can have 1 to ${mostInstances} instances, not ${instances}`;
  if (instances > 1 && spec.port !== 'auto') return `its fixed port ${spec.port} cannot serve more than one`;
  return undefined;
}
