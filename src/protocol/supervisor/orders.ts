/** Starting, stopping and signalling as Supervisor's interface has it (spec 6.13, SV-83 to SV-85). */

import type { InstanceView, RuntimeApi } from '../api.ts';
import { RpcFault, success } from './faults.ts';
import { namespecOf } from './namespec.ts';
import type { Present } from './present.ts';
import { isRunning, isSignallable } from './states.ts';
import type { Struct } from './values.ts';

/** An order has been given; this waits for what the caller wants to see of it. */
type Finish = () => Promise<void>;

export class Orders {
  readonly #api: RuntimeApi;
  readonly #present: Present;
  readonly #signals: Readonly<Record<string, number>>;

  constructor(api: RuntimeApi, present: Present, signals: Readonly<Record<string, number>>) {
    this.#api = api;
    this.#present = present;
    this.#signals = signals;
  }

  async start(name: string, wait: boolean): Promise<true | readonly Struct[]> {
    const meant = this.#present.meant(name);
    if ('group' in meant) return this.startSeveral(this.#present.group(meant.group), wait);
    const finish = await this.#beginStart(meant.instance, name, wait);
    await finish();
    return true;
  }

  startSeveral(instances: readonly InstanceView[], wait: boolean): Promise<readonly Struct[]> {
    return this.#several(
      instances,
      ({ state }) => !isRunning(state),
      (instance, name) => this.#beginStart(instance, name, wait),
    );
  }

  async stop(name: string, wait: boolean): Promise<true | readonly Struct[]> {
    const meant = this.#present.meant(name);
    if ('group' in meant) return this.stopSeveral(this.#present.group(meant.group), wait);
    await this.#beginStop(meant.instance, name, wait)();
    return true;
  }

  stopSeveral(instances: readonly InstanceView[], wait: boolean): Promise<readonly Struct[]> {
    return this.#several(
      instances,
      ({ state }) => isRunning(state),
      async (instance, name) => this.#beginStop(instance, name, wait),
    );
  }

  async signal(name: string, signal: string): Promise<true | readonly Struct[]> {
    const meant = this.#present.meant(name);
    if ('group' in meant) return this.signalSeveral(this.#present.group(meant.group), signal);
    await this.#signal(meant.instance, name, signal);
    return true;
  }

  signalSeveral(instances: readonly InstanceView[], signal: string): Promise<readonly Struct[]> {
    return this.#several(
      instances,
      ({ state }) => isSignallable(state),
      async (instance, name) => {
        await this.#signal(instance, name, signal);
        return () => Promise.resolve();
      },
    );
  }

  /** Priority order, which is the order of starting and of every list of results: groups first, then processes. */
  async inOrder(instances: readonly InstanceView[]): Promise<readonly InstanceView[]> {
    const configured = await this.#api.configured();
    const priorities = new Map(
      configured.map(({ groupPriority, spec }) => [spec.name, [groupPriority, spec.priority]] as const),
    );
    const usual = [999, 999] as const;
    return instances.toSorted((a, b) => {
      const [groupOfA, ownOfA] = priorities.get(a.service) ?? usual;
      const [groupOfB, ownOfB] = priorities.get(b.service) ?? usual;
      return (
        groupOfA - groupOfB ||
        alphabetically(a.group, b.group) ||
        ownOfA - ownOfB ||
        alphabetically(a.process, b.process)
      );
    });
  }

  // ------------------------------------------------------------------------------------------- one process

  async #beginStart(before: InstanceView, name: string, wait: boolean): Promise<Finish> {
    const unrunnable = await orFailed(this.#api.examine(before.name));
    switch (unrunnable?.cause) {
      case 'not-found':
        throw new RpcFault('NO_FILE', unrunnable.reason);
      // These show only when it is spawned.
      case 'no-directory':
      case 'too-many-files':
      case 'too-many-processes':
        break;
      default:
        if (unrunnable !== undefined) throw new RpcFault('NOT_EXECUTABLE', unrunnable.reason);
    }
    const now = this.#present.now(before) ?? before;
    if (isRunning(now.state)) throw new RpcFault('ALREADY_STARTED', name);
    if (now.state === 'UNKNOWN') throw new RpcFault('FAILED', `${name} is in an unknown process state`);
    // Spawning something that has a process does nothing; whoever waits hears that it is not starting.
    if (now.state === 'STOPPING') {
      if (wait) throw new RpcFault('ABNORMAL_TERMINATION', name);
      return () => Promise.resolve();
    }
    await orFailed(this.#api.start({ kind: 'instance', instance: now.name }));
    const verdict = (): true | undefined => {
      const present = this.#present.now(before);
      if (present === undefined) throw new RpcFault('ABNORMAL_TERMINATION', name);
      // Not a word of this start yet, or it waits for what it depends on.
      const unchanged = present.state === now.state && present.since === now.since;
      if (unchanged && (present.startedAt === now.startedAt || present.waitingFor !== undefined))
        return present.waitingFor !== undefined && !wait ? true : undefined;
      if (present.spawnError !== undefined && present.state !== 'RUNNING')
        throw new RpcFault('SPAWN_ERROR', name);
      if (present.state === 'RUNNING') return true;
      if (present.state !== 'STARTING') throw new RpcFault('ABNORMAL_TERMINATION', name);
      return !wait && present.pid !== undefined ? true : undefined;
    };
    return async () => {
      await this.#present.until(verdict);
    };
  }

  #beginStop(before: InstanceView, name: string, wait: boolean): Finish {
    const now = this.#present.now(before) ?? before;
    if (!isRunning(now.state)) throw new RpcFault('NOT_RUNNING', name);
    // It is done when nothing of it is left; whoever does not wait is content with STOPPING.
    const stopped = orFailed(this.#api.stop({ kind: 'instance', instance: now.name }));
    const begun = this.#present.until(() => {
      const state = this.#present.now(before)?.state;
      return state === undefined || !isRunning(state) ? true : undefined;
    });
    return async () => {
      await (wait ? stopped : Promise.race([stopped, begun]));
      const after = this.#present.now(before);
      if (after?.state === 'UNKNOWN') throw new RpcFault('FAILED', after.reason ?? name);
    };
  }

  async #signal(before: InstanceView, name: string, signal: string): Promise<void> {
    const known = this.#signalName(signal);
    if (known === undefined) throw new RpcFault('BAD_SIGNAL', signal);
    const now = this.#present.now(before) ?? before;
    if (!isSignallable(now.state)) throw new RpcFault('NOT_RUNNING', name);
    const outcomes = await orFailed(this.#api.signal({ kind: 'instance', instance: now.name }, known));
    const failure = outcomes.find((outcome) => outcome.fault !== undefined)?.fault;
    if (failure === undefined) return;
    if (failure.code === 'not-running') throw new RpcFault('NOT_RUNNING', name);
    if (failure.code === 'bad-signal') throw new RpcFault('BAD_SIGNAL', signal);
    throw new RpcFault('FAILED', failure.message);
  }

  /** `HUP` of `hup`, `SIGHUP` or `1`. */
  #signalName(signal: string): string | undefined {
    const text = signal.trim().toUpperCase();
    const full = /^\d+$/.test(text)
      ? Object.entries(this.#signals).find(([, number]) => number === Number(text))?.[0]
      : text.startsWith('SIG')
        ? text
        : `SIG${text}`;
    return full !== undefined && full in this.#signals ? full.slice('SIG'.length) : undefined;
  }

  // ----------------------------------------------------------------------------------------------- several

  /** All are told before the first one is waited for; what fails is told in its result and stops no other (SV-85). */
  async #several(
    instances: readonly InstanceView[],
    isMeant: (instance: InstanceView) => boolean,
    begin: (instance: InstanceView, name: string) => Promise<Finish>,
  ): Promise<readonly Struct[]> {
    const refused: Struct[] = [];
    const begun: Promise<Struct>[] = [];
    for (const instance of await this.inOrder(instances)) {
      if (!isMeant(this.#present.now(instance) ?? instance)) continue;
      const name = namespecOf(instance.group, instance.process);
      try {
        const finish = await begin(instance, name);
        begun.push(
          finish().then(
            () => resultOf(instance),
            (error: unknown) => resultOf(instance, error),
          ),
        );
      } catch (error) {
        refused.push(resultOf(instance, error));
      }
    }
    // What needs no waiting is told first, as Supervisor does.
    return [...refused, ...(await Promise.all(begun))];
  }
}

/** One line of a list of results. */
export function resultOf({ process, group }: InstanceView, error?: unknown): Struct {
  if (error === undefined) return { name: process, group, status: success, description: 'OK' };
  const fault = faultOf(error);
  return { name: process, group, status: fault.code, description: fault.message };
}

/** Anything thrown, as a fault: what Supervisor has no word for has failed. */
export function faultOf(error: unknown): RpcFault {
  if (error instanceof RpcFault) return error;
  return new RpcFault('FAILED', error instanceof Error ? error.message : String(error));
}

async function orFailed<T>(order: Promise<T>): Promise<T> {
  try {
    return await order;
  } catch (error) {
    throw faultOf(error);
  }
}

export function alphabetically(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
