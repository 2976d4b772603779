/**
 * What instances still have of the requests that a way of dispatching has given them, after another way has taken its
 * place: each counts there as if that one had given it.
 *
 * The requests that one instance has are all alike, so nobody has to remember which is which.
 */

import type { Instance } from '../instance.ts';
import type { Dispatch, Ending, Taken } from './dispatch.ts';

interface Left {
  readonly busy: Taken[];
  readonly lasting: Taken[];
}

export class Legacy {
  readonly #heir: Dispatch;
  readonly #left = new Map<Instance, Left>();

  constructor(heir: Dispatch) {
    this.#heir = heir;
  }

  /** An instance has so many, and so many that last. */
  leave(instance: Instance, busy: number, lasting: number): void {
    const left: Left = { busy: this.#adopted(instance, busy), lasting: this.#adopted(instance, lasting) };
    for (const taken of left.lasting) taken.lasting();
    this.#left.set(instance, left);
  }

  #adopted(instance: Instance, count: number): Taken[] {
    const adopted: Taken[] = [];
    for (let each = 0; each < count; each += 1) {
      const taken = this.#heir.adopt?.(instance);
      if (taken !== undefined) adopted.push(taken);
    }
    return adopted;
  }

  /** One of them has become an exchange that lasts. */
  lasts(instance: Instance): void {
    const left = this.#left.get(instance);
    const taken = left?.busy.pop();
    if (taken === undefined) return;
    left?.lasting.push(taken);
    taken.lasting();
  }

  /** One of them is over. `lasted`: it had become one that lasts. */
  ended(instance: Instance, lasted: boolean, ending: Ending): void {
    const left = this.#left.get(instance);
    const taken = lasted ? left?.lasting.pop() : left?.busy.pop();
    taken?.done(ending);
  }
}
