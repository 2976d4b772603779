/** The processes of one application in the world whose clock is turned by hand, without a front door. */

import type { ServiceSpec } from '../../../src/config/spec.ts';
import type { InternalRequest, InternalSending } from '../../../src/core/appengine/front.ts';
import { Instance } from '../../../src/core/instance.ts';
import type { Received, UpstreamFailure } from '../../../src/core/outside.ts';
import { Journal } from '../../../src/core/supervisor/journal.ts';
import { Supervision } from '../../../src/core/supervisor/supervision.ts';
import { BackendDispatch } from '../../../src/core/topology/backend-dispatch.ts';
import { Topology } from '../../../src/core/topology/topology.ts';
import type { Fault } from '../../../src/faults/fault.ts';
import { specOf } from '../../support/spec.ts';
import { type FakeChild, World } from '../../support/world.ts';

export const apiServer = (part: Partial<ServiceSpec> = {}): ServiceSpec =>
  specOf({ name: 'api-server', role: 'api-server', ...part });

export const app = (part: Partial<ServiceSpec> = {}): ServiceSpec =>
  specOf({ name: 'shop', role: 'app', ...part });

/** A backend as the config makes it; `index` counts from 1. */
export function backend(name: string, index: number, part: Partial<ServiceSpec> = {}): ServiceSpec {
  return specOf({
    name,
    role: 'backend',
    requests: { ...specOf({}).requests, concurrency: 1 },
    backend: { name, class: 'B2', public: false, dynamic: false, failFast: false, index },
    ...part,
  });
}

export const failFast = (name: string, part: Partial<ServiceSpec> = {}): ServiceSpec =>
  backend(name, 1, {
    backend: { name, class: 'B2', public: false, dynamic: false, failFast: true, index: 1 },
    ...part,
  });

export function received(status: number): Received {
  return { status, reason: '', headers: [], body: new Uint8Array(), length: 0, broken: false };
}

export class Crew {
  readonly world = new World();
  readonly specs: readonly ServiceSpec[];
  readonly instances: readonly Instance[];
  readonly topology: Topology;
  readonly dispatches: ReadonlyMap<string, BackendDispatch>;
  /** What the main log would hold: level and text. */
  readonly said: string[] = [];
  readonly faults: Fault[] = [];
  readonly moves: string[] = [];
  /** The form that a profile gives to our own requests; undefined: there is none. */
  profile: ((instance: Instance, request: InternalRequest) => InternalSending) | undefined;

  constructor(specs: readonly ServiceSpec[], inherited: Readonly<Record<string, string>> = { PATH: '/bin' }) {
    const { world } = this;
    this.specs = specs;
    const journal = new Journal({
      clock: world.clock,
      level: () => 'info',
      file: () => undefined,
      append: () => undefined,
    });
    journal.onLine((line) => this.said.push(line.slice(24).trimEnd()));
    const supervision = new Supervision({ clock: world.clock, journal, identifier: () => 'supervisor' });
    const hasBackends = specs.some(({ role }) => role === 'backend');
    const source = { file: '/w/runtimes.yaml', line: 1, column: 1, endLine: 1, endColumn: 2 };
    this.topology = new Topology({
      clock: world.clock,
      sockets: world.sockets,
      config: () => (hasBackends ? { topology: { app: 'shop', minPort: 9000, source } } : {}),
      specs: () => specs,
      instance: (service, index) => this.instances.find((each) => each.name === `${service}.${index}`),
      urlOf: (service) => this.urls.get(service),
      say: (level, text) => supervision.say(level, text),
    });
    this.instances = specs.flatMap((spec) =>
      Array.from(
        { length: spec.instances },
        (_, index) =>
          new Instance(spec, index, {
            outside: world,
            inherited,
            windows: false,
            urls: () => ({}),
            logsOf: () => ({}),
            socketOf: () => Promise.reject(new Error('There is no socket here.')),
            supervision,
            topology: this.topology,
            transition: (instance, from, to) => {
              this.moves.push(`${instance.name} ${from} -> ${to}`);
              this.topology.moved(instance, to);
              this.dispatches.get(spec.name)?.moved(instance, to);
            },
            portKnown: () => undefined,
            faulted: (fault) => this.faults.push(fault),
            changed: () => undefined,
          }),
      ),
    );
    this.dispatches = new Map(
      specs
        .filter(({ role }) => role === 'backend')
        .map((spec) => [spec.name, this.#dispatch(spec)] as const),
    );
  }

  /** The doors in front of services, as far as they are open. */
  readonly urls = new Map<string, string>();

  #dispatch(spec: ServiceSpec): BackendDispatch {
    return new BackendDispatch({
      outside: this.world,
      complete: () => this.topology.complete(),
      internalRequest: (instance, request) => this.profile?.(instance, request),
      hands: {
        spec,
        instances: this.instances.filter((each) => each.spec.name === spec.name),
        start: (instance) => instance.start(false),
        stop: (instance) => instance.stop(),
        add: () => {
          throw new Error('A backend has as many instances as its definition says.');
        },
        remove: () => Promise.reject(new Error('A backend keeps its instances.')),
        changed: () => undefined,
        say: (level, text) => this.said.push(`${level.toUpperCase()} ${text}`),
      },
    });
  }

  instance(name: string): Instance {
    const found = this.instances.find((each) => each.name === name);
    if (found === undefined) throw new Error(`There is no ${name}.`);
    return found;
  }

  dispatch(name: string): BackendDispatch {
    const found = this.dispatches.get(name);
    if (found === undefined) throw new Error(`${name} is no backend.`);
    return found;
  }

  /** Starts these, each with its port open at once. */
  async start(...names: readonly string[]): Promise<this> {
    for (const name of names) {
      this.instance(name).start(false);
      await this.world.settle();
      this.world.openPorts.add(Number(this.world.child.plan.env['PORT']));
    }
    await this.world.pass(5);
    return this;
  }

  /** How children answer from now on; `undefined`: they do not. */
  answer(status: number | undefined): void {
    this.world.answers = () =>
      Promise.resolve<Received | UpstreamFailure>(
        status === undefined
          ? { kind: 'unreachable', reason: 'connect ECONNREFUSED 127.0.0.1', refused: true }
          : received(status),
      );
  }

  /** The last child that was born with this `PORT`. */
  childAt(port: number): FakeChild {
    const found = this.world.children.findLast(({ plan }) => plan.env['PORT'] === String(port));
    if (found === undefined) throw new Error(`Nobody has port ${port}.`);
    return found;
  }
}
