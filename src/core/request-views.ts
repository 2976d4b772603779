/** Keeps what views show of requests in step with those who know: addresses, who sleeps, who is out of service. */

import type { Instance } from './instance.ts';
import type { Roster } from './roster.ts';
import type { Service } from './service.ts';

export interface RequestViewOptions {
  readonly roster: Roster;
  readonly urlOf: (service: Service, index: number) => string | undefined;
  /** A view of services has changed. */
  readonly shown: () => void;
}

export class RequestViews {
  readonly #options: RequestViewOptions;
  /** What was noted last of each. */
  readonly #noted = new WeakMap<Instance, string>();
  /** How many wait for each service, as it was told last. */
  #queues: string | undefined;

  constructor(options: RequestViewOptions) {
    this.#options = options;
  }

  /** A new instance is there. */
  meet(instance: Instance): void {
    this.look(this.#options.roster.services.get(instance.spec.name), instance);
  }

  /** Doors have opened or closed, or services have come. */
  renew(): void {
    for (const service of this.#options.roster.services.values())
      for (const instance of service.instances) this.look(service, instance);
  }

  /** Something about it may have changed: notes what has. */
  look(service: Service | undefined, instance: Instance): void {
    if (service === undefined || !service.instances.includes(instance)) return;
    const { dispatch } = service;
    const facts = {
      url: this.#options.urlOf(service, instance.index),
      asleep: dispatch.isAsleep(instance),
      outOfService: dispatch.outOfService(instance),
    };
    const text = JSON.stringify(facts);
    if (this.#noted.get(instance) === text) return;
    this.#noted.set(instance, text);
    instance.note(facts);
  }

  /** Time has passed with requests: tells of the queues, if they are others than before. */
  tick(): void {
    const queues = [...this.#options.roster.services.values()].map(({ dispatch }) => dispatch.waiting).join();
    const before = this.#queues;
    this.#queues = queues;
    const isOther = before === undefined ? /[1-9]/u.test(queues) : before !== queues;
    if (isOther) this.#options.shown();
  }
}
