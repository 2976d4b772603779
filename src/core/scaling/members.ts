/** Who belongs to a service: its instances in the order of their indices, and those that are just leaving. */

import type { Instance } from '../instance.ts';
import type { Member } from './member.ts';

export class Members {
  readonly #known = new Map<Instance, Member>();
  /** They are no more of the service, and may still have requests. */
  readonly #leaving = new WeakMap<Instance, Member>();
  #line: readonly Member[] = [];

  /** In the order of their indices. */
  get line(): readonly Member[] {
    return this.#line;
  }

  of(instance: Instance): Member | undefined {
    return this.#known.get(instance);
  }

  /** One of them, or one that was and is on its way out. */
  evenLeaving(instance: Instance): Member | undefined {
    return this.#known.get(instance) ?? this.#leaving.get(instance);
  }

  at(index: number): Member | undefined {
    return this.#line.find((each) => each.index === index);
  }

  /** The service has these instances now. `meet` makes a member of a new one; gives those that have gone. */
  follow(instances: readonly Instance[], meet: (instance: Instance) => Member): readonly Member[] {
    const there = new Set(instances);
    const gone = this.#line.filter(({ instance }) => !there.has(instance));
    for (const member of gone) {
      this.#known.delete(member.instance);
      this.#leaving.set(member.instance, member);
    }
    this.#line = instances.map((instance) => {
      const member = this.#known.get(instance) ?? meet(instance);
      this.#known.set(instance, member);
      return member;
    });
    return gone;
  }
}
