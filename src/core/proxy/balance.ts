/**
 * Chooses which instance of a service takes the next request, and counts what each is busy with.
 *
 * Knows nothing of processes or sockets: it is handed the instances that are ready, in their order.
 */

import type { BalanceName } from '../../config/spec.ts';

/** A ready instance and where it listens. */
export interface Candidate {
  /** `api.0` */
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** A candidate with the number of exchanges it is busy with. */
export interface Instance extends Candidate {
  readonly busy: number;
}

export interface Picked {
  readonly instance: Candidate;
  /** To be called when the exchange is over. Calling it again does nothing. */
  done(): void;
}

/**
 * The index of the instance to take, or undefined when there is none.
 *
 * - `round-robin`: the one after the last one taken.
 * - `least-busy`: the one with the fewest exchanges under way; between equals, the one after the last.
 * - `first-free`: the first one that is idle, else the least busy one: the reference fills instances from the
 *   first (spec 5.7), which keeps the later ones cold.
 *
 * `after` is the index taken last, -1 before the first.
 */
export function choose(
  policy: BalanceName,
  instances: readonly Instance[],
  after: number,
): number | undefined {
  if (instances.length === 0) return undefined;
  if (policy === 'round-robin') return (after + 1) % instances.length;
  return leastBusy(instances, policy === 'least-busy' ? after + 1 : 0);
}

/** The least busy instance; between equals the first one met when walking round from `start`. */
function leastBusy(instances: readonly Instance[], start: number): number {
  let best = start % instances.length;
  let fewest = Number.POSITIVE_INFINITY;
  for (let step = 0; step < instances.length; step += 1) {
    const index = (start + step) % instances.length;
    const busy = instances[index]?.busy ?? fewest;
    if (busy >= fewest) continue;
    best = index;
    fewest = busy;
  }
  return best;
}

/** Those that are well; all of them when none is, for a sick one may still answer and nobody else would. */
export function wellOnes<T extends { readonly isHealthy: boolean }>(ready: readonly T[]): readonly T[] {
  const well = ready.filter(({ isHealthy }) => isHealthy);
  return well.length > 0 ? well : ready;
}

/** The balancer of one service. It outlives its instances: counts are kept by name. */
export class Balancer {
  readonly policy: BalanceName;
  readonly #busy = new Map<string, number>();
  #lastName: string | undefined;
  #lastIndex = 0;

  constructor(policy: BalanceName) {
    this.policy = policy;
  }

  /** Takes one of the instances that are ready now, and counts it as busy until `done`. */
  pick(ready: readonly Candidate[]): Picked | undefined {
    const instances = ready.map((instance) => ({ ...instance, busy: this.busy(instance.name) }));
    // The set changes while instances come and go: what counts as "the last one" is its name, and its old
    // index only once it is gone. Then the instance that moved up into its place is next.
    const found = instances.findIndex(({ name }) => name === this.#lastName);
    const index = choose(this.policy, instances, found === -1 ? this.#lastIndex - 1 : found);
    const chosen = index === undefined ? undefined : ready[index];
    if (index === undefined || chosen === undefined) return undefined;
    this.#lastIndex = index;
    this.#lastName = chosen.name;
    this.#busy.set(chosen.name, this.busy(chosen.name) + 1);
    let over = false;
    return {
      instance: chosen,
      done: () => {
        if (over) return;
        over = true;
        this.#release(chosen.name);
      },
    };
  }

  /** How many exchanges an instance is busy with. */
  busy(name: string): number {
    return this.#busy.get(name) ?? 0;
  }

  #release(name: string): void {
    const left = this.busy(name) - 1;
    if (left > 0) this.#busy.set(name, left);
    else this.#busy.delete(name);
  }
}
