/** Keeps what views show of requests in step with those who know: addresses, who sleeps, who is out of service. */

import type { Disposable } from '../base/disposable.ts';
import type { Instance } from './instance.ts';
import type { Clock } from './outside.ts';
import type { Roster } from './roster.ts';
import type { Service } from './service.ts';

export interface RequestViewOptions {
  readonly clock: Clock;
  readonly roster: Roster;
  readonly urlOf: (service: Service, index: number) => string | undefined;
  /** A view of services has changed. */
  readonly shown: () => void;
}

const tellingMs = 1_000;

export class RequestViews {
  readonly #options: RequestViewOptions;
  /** What was noted last of each. */
  readonly #noted = new WeakMap<Instance, string>();
  /** How many wait for each service, as it was told last. */
  #told = '';
  #timer: Disposable | undefined;
  #over = false;

  constructor(options: RequestViewOptions) {
    this.#options = options;
  }

  /** These are new, or something about them may have changed. */
  lookAt(instances: readonly Instance[]): void {
    for (const instance of instances)
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

  /** A request waits for an instance: views are told how many do, at most once a second, until none does. */
  queued(): void {
    if (this.#timer !== undefined || this.#over) return;
    this.#timer = this.#options.clock.after(tellingMs, () => {
      this.#timer = undefined;
      const queues = this.#options.roster.queues;
      if (queues !== this.#told) this.#options.shown();
      if (queues !== '') this.queued();
    });
  }

  /** All services are shown as they are now. */
  told(): void {
    const { queues } = this.#options.roster;
    this.#told = queues;
    // Whoever sees that somebody waits is to see that nobody does any more.
    if (queues !== '') this.queued();
  }

  dispose(): void {
    this.#over = true;
    this.#timer?.dispose();
  }
}
