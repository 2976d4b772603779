/**
 * The processes of one application together: settles their ports, tells each child where the others are, and says when
 * all of them are set up.
 */

import type { Config, ServiceSpec } from '../../config/spec.ts';
import type { Instance } from '../instance.ts';
import type { StateName } from '../model.ts';
import type { Clock, Sockets } from '../outside.ts';
import { type Given, givenTo } from './given.ts';
import { SettledPorts } from './settled-ports.ts';
import { Setup } from './setup.ts';

export interface TopologyOptions {
  readonly clock: Clock;
  readonly sockets: Pick<Sockets, 'freePort'>;
  readonly config: () => Pick<Config, 'topology'>;
  readonly specs: () => readonly ServiceSpec[];
  readonly instance: (service: string, index: number) => Instance | undefined;
  /** The address of a service's own door, while it is open. */
  readonly urlOf: (service: string) => string | undefined;
  readonly say: (level: 'info' | 'warn', text: string) => void;
}

export class Topology {
  readonly #options: TopologyOptions;
  readonly #ports: SettledPorts;
  readonly #setup: Setup;

  constructor(options: TopologyOptions) {
    this.#options = options;
    this.#ports = new SettledPorts(options.sockets, options.specs);
    this.#setup = new Setup({
      clock: options.clock,
      config: () => ({ ...options.config(), services: options.specs() }),
      instance: options.instance,
      portOf: (service, index) => this.#portOf(service, index),
      urlOf: options.urlOf,
      say: options.say,
    });
  }

  /** Before anything of an instance is made: all ports are known from then on. Rejects when ports run out. */
  settle(): Promise<void> {
    return this.#ports.settle();
  }

  /** The port it is to listen on, where it is part of an application. */
  portOf(service: string, index: number): number | undefined {
    return this.#ports.portOf(service, index);
  }

  /** Somebody else was on its port, and it has got another. */
  portMoved(service: string, index: number, port: number): void {
    this.#ports.moved(service, index, port);
  }

  given(spec: ServiceSpec, index: number): Given {
    const { specs, urlOf } = this.#options;
    const api = this.api();
    return givenTo(spec, index, {
      specs: specs(),
      ...(api === undefined ? {} : { api }),
      portOf: (service, at) => this.#portOf(service, at),
      balancerOf: (service) => portIn(urlOf(service)),
    });
  }

  /** An instance has changed its state; told after the change. */
  moved(instance: Instance, to: StateName): void {
    this.#setup.moved(instance, to);
  }

  /** Resolves once all processes are set up: from then on backends are sent their start requests (spec 5.4). */
  complete(): Promise<void> {
    return this.#setup.complete();
  }

  /** Everything has ended; nothing is waited for any more. */
  dispose(): void {
    this.#setup.dispose();
  }

  /** The address of the API server: as it told it, else as it will be. */
  api(): { readonly host: string; readonly port: number } | undefined {
    const { specs, instance } = this.#options;
    const spec = specs().find(({ role }) => role === 'api-server');
    if (spec === undefined) return undefined;
    const port = this.#portOf(spec.name, 0);
    return instance(spec.name, 0)?.address ?? (port === undefined ? undefined : { host: 'localhost', port });
  }

  /** What it told itself goes before what it was given: with some handshakes a child chooses its port. */
  #portOf(service: string, index: number): number | undefined {
    return this.#options.instance(service, index)?.address?.port ?? this.#ports.portOf(service, index);
  }
}

function portIn(url: string | undefined): number | undefined {
  const port = url === undefined ? undefined : /:(\d+)\/?$/.exec(url)?.[1];
  return port === undefined ? undefined : Number(port);
}
