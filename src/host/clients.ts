/**
 * Several readers of one runtime, none of which knows of the others.
 *
 * The door follows an instance's log once, for all; here each reader gets the logs that it follows itself, and the
 * last one to leave ends it.
 */

import type { Disposable } from '../base/disposable.ts';
import type { RuntimeApi } from '../protocol/api.ts';

export class Clients {
  readonly #api: RuntimeApi;
  /** How many readers follow an instance. */
  readonly #followers = new Map<string, number>();

  constructor(api: RuntimeApi) {
    this.#api = api;
  }

  join(): RuntimeApi & Disposable {
    const followed = new Set<string>();
    const unfollow = async (instance: string): Promise<void> => {
      if (!followed.delete(instance)) return;
      const left = (this.#followers.get(instance) ?? 1) - 1;
      this.#followers.set(instance, left);
      if (left > 0) return;
      this.#followers.delete(instance);
      await this.#api.unfollow(instance);
    };
    return {
      ...this.#api,
      subscribe: (listener) =>
        this.#api.subscribe((message) => {
          if (message.kind !== 'log' || followed.has(message.batch.instance)) listener(message);
        }),
      follow: (instance, lines) => {
        if (!followed.has(instance)) {
          followed.add(instance);
          this.#followers.set(instance, (this.#followers.get(instance) ?? 0) + 1);
        }
        return this.#api.follow(instance, lines);
      },
      unfollow,
      dispose() {
        for (const instance of followed) void unfollow(instance);
      },
    };
  }
}
