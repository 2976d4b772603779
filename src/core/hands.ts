/** What the way of scaling of a service may do with its service. */

import type { ServiceSpec } from '../config/spec.ts';
import type { Instance } from './instance.ts';
import type { Hands } from './scaling/dispatch.ts';
import type { Service } from './service.ts';

export interface HandsOptions {
  /** Starts it for a request, with all it depends on. */
  readonly wake: (instance: Instance) => void;
  /** Stops it, without a person's word. */
  readonly rest: (instance: Instance) => Promise<void>;
  /** One more instance of a service. */
  readonly grow: (service: Service) => Instance;
  /** One fewer. */
  readonly shrink: (service: Service, instance: Instance) => Promise<void>;
  /** What a view shows of its requests may be another thing now. */
  readonly changed: (service: Service, instance: Instance) => void;
  readonly say: (level: 'info' | 'warn', text: string) => void;
}

export class ServiceHands implements Hands {
  readonly #service: Service;
  readonly #options: HandsOptions;

  constructor(service: Service, options: HandsOptions) {
    this.#service = service;
    this.#options = options;
  }

  get spec(): ServiceSpec {
    return this.#service.spec;
  }

  get instances(): readonly Instance[] {
    return this.#service.instances;
  }

  start(instance: Instance): void {
    this.#options.wake(instance);
  }

  stop(instance: Instance): Promise<void> {
    return this.#options.rest(instance);
  }

  add(): Instance {
    return this.#options.grow(this.#service);
  }

  remove(instance: Instance): Promise<void> {
    return this.#options.shrink(this.#service, instance);
  }

  changed(instance: Instance): void {
    this.#options.changed(this.#service, instance);
  }

  say(level: 'info' | 'warn', text: string): void {
    this.#options.say(level, text);
  }
}
