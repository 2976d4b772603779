/** One service: its instances, and how many there should be. */

import type { ServiceSpec } from '../config/spec.ts';
import type { Fault } from '../faults/fault.ts';
import { handshakes } from './handshake/launch.ts';
import { Instance } from './instance.ts';
import type { Surroundings } from './process/surroundings.ts';
import type { ServiceView } from './model.ts';
import { Balancer } from './proxy/balance.ts';
import { isDebuggable } from './runtimes/debugging.ts';

export class Service {
  readonly name: string;
  readonly #around: Surroundings;
  #spec: ServiceSpec;
  #instances: Instance[];
  balancer: Balancer;
  /** Faults of the service itself, such as a front-door port that is taken. */
  faults: readonly Fault[] = [];
  /** Its files cannot be watched. */
  watchFault: Fault | undefined;

  constructor(spec: ServiceSpec, around: Surroundings) {
    this.name = spec.name;
    this.#spec = spec;
    this.#around = around;
    this.#instances = Array.from({ length: spec.instances }, (_, index) => new Instance(spec, index, around));
    this.balancer = new Balancer(spec.balance);
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

  /** A new definition: instances are added or taken away, the others use it from their next start on. */
  redefine(spec: ServiceSpec): readonly Instance[] {
    if (spec.balance !== this.#spec.balance) this.balancer = new Balancer(spec.balance);
    this.#spec = spec;
    const surplus = this.#instances.slice(spec.instances);
    this.#instances = this.#instances.slice(0, spec.instances);
    for (const instance of this.#instances) instance.redefine(spec);
    for (let index = this.#instances.length; index < spec.instances; index += 1) {
      this.#instances.push(new Instance(spec, index, this.#around));
    }
    return surplus;
  }

  view(url: string | undefined): ServiceView {
    const spec = this.#spec;
    const group = spec.program?.group ?? spec.group;
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
      debuggable: isDebuggable(spec),
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
