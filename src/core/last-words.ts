/**
 * What a person has said last of each instance. What restarts by itself, because of a file, a check or a changed
 * definition, never brings back what a person is stopping or has stopped.
 */

import type { Instance } from './instance.ts';

/** Each is an object of its own, so that a later one is another one. */
export interface Word {
  readonly says: 'start' | 'stop';
}

export class LastWords {
  readonly #words = new WeakMap<Instance, Word>();

  /** Undefined: nobody has said anything of it. */
  of(instance: Instance): Word | undefined {
    return this.#words.get(instance);
  }

  /** A person's order takes the place of what they said before. */
  hear(says: Word['says'], instances: readonly Instance[]): void {
    for (const instance of instances) this.#words.set(instance, { says });
  }

  /** A person is stopping it, or has stopped it, and has not started it since. */
  isHalted(instance: Instance): boolean {
    return this.of(instance)?.says === 'stop';
  }
}
