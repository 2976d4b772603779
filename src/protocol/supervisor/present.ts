/** The running workspace as it is now, for calls that ask about it or wait for it to become so. */

import type { Disposable } from '../../base/disposable.ts';
import type { InstanceView, RuntimeApi, Snapshot } from '../api.ts';
import { applyMessage } from '../snapshot.ts';
import { RpcFault } from './faults.ts';
import { parseNamespec } from './namespec.ts';

export class Present implements Disposable {
  #snapshot: Snapshot | undefined;
  readonly #subscription: Disposable;
  readonly #waiting = new Set<() => void>();

  constructor(api: RuntimeApi) {
    this.#subscription = api.subscribe((message) => {
      if (message.kind === 'snapshot') this.#snapshot = message.snapshot;
      else if (message.kind === 'instance' && this.#snapshot !== undefined)
        this.#snapshot = applyMessage(this.#snapshot, message);
      else return;
      for (const look of [...this.#waiting]) look();
    });
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#waiting.clear();
  }

  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  get instances(): readonly InstanceView[] {
    return this.#snapshot?.services.flatMap((service) => service.instances) ?? [];
  }

  inGroup(group: string): readonly InstanceView[] {
    return this.instances.filter((instance) => instance.group === group);
  }

  /** The processes of a group; a fault when there is no such group. */
  group(name: string): readonly InstanceView[] {
    const found = this.inGroup(name);
    if (found.length === 0) throw new RpcFault('BAD_NAME', name);
    return found;
  }

  /** What a full name means; a fault when there is no such thing. */
  meant(name: string): { readonly group: string } | { readonly instance: InstanceView } {
    const { group, process } = parseNamespec(name);
    const members = this.inGroup(group);
    if (members.length === 0) throw new RpcFault('BAD_NAME', name);
    if (process === undefined) return { group };
    const instance = members.find((each) => each.process === process);
    if (instance === undefined) throw new RpcFault('BAD_NAME', name);
    return { instance };
  }

  /** The one process that a name means; a whole group is a bad name here. */
  one(name: string): InstanceView {
    const meant = this.meant(name);
    if ('group' in meant) throw new RpcFault('BAD_NAME', name);
    return meant.instance;
  }

  /** The instance as it is now; undefined when it is no part of the workspace any more. */
  now(instance: InstanceView): InstanceView | undefined {
    return this.instances.find((each) => each.name === instance.name);
  }

  /**
   * Resolves once each of these that is being spawned has its process, or has failed. Those that begin meanwhile are
   * not waited for, since there may always be one.
   */
  async spawned(instances: readonly InstanceView[] = this.instances): Promise<void> {
    const underWay = instances.filter(isBeingSpawned);
    if (underWay.length === 0) return;
    await this.until(() => {
      const isStill = (before: InstanceView): boolean => {
        const now = this.now(before);
        return now !== undefined && now.since === before.since && isBeingSpawned(now);
      };
      return underWay.some(isStill) ? undefined : true;
    });
  }

  /** Resolves once `look` finds something, looking at every change; rejects with what it throws. */
  until<T>(look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const turn = (): void => {
        try {
          const found = look();
          if (found === undefined) return;
          resolve(found);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
        this.#waiting.delete(turn);
      };
      this.#waiting.add(turn);
      turn();
    });
  }
}

function isBeingSpawned({ state, pid, waitingFor }: InstanceView): boolean {
  return state === 'STARTING' && pid === undefined && waitingFor === undefined;
}
