/**
 * Who has to start again when the config has changed, because what it was told of the other processes of its
 * application has changed with it: a child learns the API server's address and the ports of backends but once.
 */

import type { ServiceSpec } from '../../config/spec.ts';
import type { Instance } from '../instance.ts';
import type { Given } from './given.ts';
import { sameText } from './groups.ts';

/** As much of a topology as this needs. */
export interface Teller {
  settle(): Promise<void>;
  given(spec: ServiceSpec, index: number): Given;
}

/** To be made before the change. */
export class Told {
  readonly #teller: Teller;
  /** Of all that run: what would be told before the change. */
  readonly #before: ReadonlyMap<Instance, string>;

  constructor(teller: Teller, instances: readonly Instance[]) {
    this.#teller = teller;
    this.#before = new Map(
      instances.filter(({ told }) => told !== undefined).map((instance) => [instance, this.#nowTo(instance)]),
    );
  }

  /** What a child chooses itself, or has moved to since, is no change of the config: hence both comparisons. */
  async outdated(): Promise<readonly Instance[]> {
    if (this.#before.size === 0) return [];
    await this.#teller.settle();
    return [...this.#before]
      .filter(([instance, before]) => {
        const now = this.#nowTo(instance);
        return instance.told !== undefined && now !== before && now !== sameText(instance.told);
      })
      .map(([instance]) => instance);
  }

  #nowTo({ spec, index }: Instance): string {
    return sameText(this.#teller.given(spec, index).env);
  }
}
