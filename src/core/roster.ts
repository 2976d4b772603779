/** Who is there: the services by name, instances that are on their way out, and what a target means among them. */

import { closest } from '../base/spelling.ts';
import type { ServiceSpec } from '../config/spec.ts';
import type { Fault } from '../faults/fault.ts';
import { fault, FaultError } from '../faults/make.ts';
import type { Instance } from './instance.ts';
import type { Target } from './model.ts';
import { exitWords } from './process/words.ts';
import type { Service } from './service.ts';
import type { Known } from './topology/dependencies.ts';
import { groupNameOf } from './topology/groups.ts';
import { inStartOrder, inStopStages } from './topology/order.ts';

export class Roster {
  readonly services = new Map<string, Service>();
  /** Instances that are no more part of the config, and the ends of their stops. */
  readonly leaving = new Map<Instance, Promise<void>>();

  get specs(): readonly ServiceSpec[] {
    return [...this.services.values()].map((service) => service.spec);
  }

  /** In the order of the file. */
  get instances(): readonly Instance[] {
    return [...this.services.values()].flatMap((service) => service.instances);
  }

  /** With those that are on their way out. */
  get all(): readonly Instance[] {
    return [...this.instances, ...this.leaving.keys()];
  }

  /** Something would start with the next request. */
  get hasSleepers(): boolean {
    return [...this.services.values()].some(({ dispatch, instances }) =>
      instances.some((instance) => dispatch.isAsleep(instance)),
    );
  }

  /** How many requests wait for each service, in words that differ when it does; '' where none do. */
  get queues(): string {
    return [...this.services.values()]
      .flatMap(({ name, dispatch }) => (dispatch.waiting === 0 ? [] : [`${name} ${dispatch.waiting}`]))
      .join();
  }

  /** Something runs, or is about to, that depends on this service. */
  isNeeded(name: string): boolean {
    return [...this.services.values()].some(
      ({ spec, instances }) =>
        spec.dependsOn[name] !== undefined && instances.some((instance) => !instance.isAtRest),
    );
  }

  /** What is meant, each instance once, in start order. Throws a FaultError where a name means nothing. */
  find(target: Target): readonly Instance[] {
    return inStartOrder(this.#find(target));
  }

  #find(target: Target): readonly Instance[] {
    switch (target.kind) {
      case 'all':
        return this.instances;
      case 'group': {
        const found = this.instances.filter((instance) => instance.group === target.group);
        if (found.length === 0) throw new FaultError(this.#unknownGroup(target.group));
        return found;
      }
      case 'service':
        return this.service(target.service).instances;
      case 'instance':
        return [this.instance(target.instance)];
      case 'several': {
        const meant = new Set(target.targets.flatMap((each) => this.#find(each)));
        return this.instances.filter((instance) => meant.has(instance));
      }
    }
  }

  service(name: string): Service {
    const service = this.services.get(name);
    if (service === undefined) throw new FaultError(unknown(name, [...this.services.keys()]));
    return service;
  }

  instance(name: string): Instance {
    const found = this.instances.find((each) => each.name === name);
    if (found === undefined)
      throw new FaultError(
        unknown(
          name,
          this.instances.map((each) => each.name),
        ),
      );
    return found;
  }

  /** The services of a group, or undefined when there is no such group. */
  group(name: string): readonly Service[] | undefined {
    const found = [...this.services.values()].filter((service) => groupNameOf(service.spec) === name);
    return found.length === 0 ? undefined : found;
  }

  /** The stages in which these are stopped. */
  stages(instances: readonly Instance[]): readonly (readonly Instance[])[] {
    return inStopStages(instances, this.specs);
  }

  /** How everything stands, for whoever depends on it. `waits`: a start of it was ordered and waits for others. */
  known(waits: (instance: Instance) => boolean): ReadonlyMap<string, Known> {
    return new Map(
      [...this.services].map(([name, { spec, instances }]) => [
        name,
        {
          spec,
          instances: instances.map((instance) => ({
            name: instance.name,
            state: instance.stateName,
            atRest: instance.isAtRest,
            done: instance.isAtRest && instance.state.kind === 'exited' && instance.state.expected,
            ...(instance.health === undefined ? {} : { health: instance.health }),
            ...(instance.state.kind === 'exited' ? { ending: exitWords(instance.state.exit) } : {}),
            waits: waits(instance),
          })),
        },
      ]),
    );
  }

  #unknownGroup(name: string): Fault {
    const suggestion = closest(name, new Set(this.specs.map(groupNameOf)));
    return fault('no-such-group', { name, ...(suggestion === undefined ? {} : { suggestion }) });
  }
}

function unknown(name: string, known: readonly string[]): Fault {
  const suggestion = closest(name, known);
  return fault('no-such-service', { name, ...(suggestion === undefined ? {} : { suggestion }) });
}
