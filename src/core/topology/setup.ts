/**
 * Waits until all processes of an application are up, and says so (spec 5.4). A child that takes long is named and not
 * waited for any longer; nothing is stopped because of it.
 */

import type { Disposable } from '../../base/disposable.ts';
import type { Config } from '../../config/spec.ts';
import type { Instance } from '../instance.ts';
import type { StateName } from '../model.ts';
import type { Clock } from '../outside.ts';
import { named, processesOf, textForm, type TypedProcess } from './processes.ts';

export interface SetupOptions {
  readonly clock: Clock;
  readonly config: () => Pick<Config, 'services' | 'topology'>;
  readonly instance: (service: string, index: number) => Instance | undefined;
  readonly portOf: (service: string, index: number) => number | undefined;
  readonly urlOf: (service: string) => string | undefined;
  readonly say: (level: 'info' | 'warn', text: string) => void;
}

/** How long each child is waited for when its turn has come. */
const patienceMs = 30_000;

/** `at rest`: nobody has started it, so nobody waits for it. */
type Standing = 'up' | 'coming' | 'at rest';

interface Under {
  readonly processes: readonly TypedProcess[];
  next: number;
  timer: Disposable | undefined;
}

export class Setup {
  readonly #options: SetupOptions;
  /** Where the wait has come to; undefined: nothing is being set up. */
  #under: Under | undefined;
  #complete = false;
  #waiters: (() => void)[] = [];

  constructor(options: SetupOptions) {
    this.#options = options;
  }

  complete(): Promise<void> {
    if (this.#complete) return Promise.resolve();
    return new Promise((resolve) => void this.#waiters.push(resolve));
  }

  /** An instance has changed its state; told after the change. */
  moved({ spec }: Instance, to: StateName): void {
    if (spec.role === 'service') return;
    const processes = processesOf(this.#options.config());
    if (this.#under === undefined && !this.#complete && to === 'STARTING')
      this.#under = { processes, next: 0, timer: undefined };
    if (this.#under !== undefined) this.#goOn();
    else if (!this.#isAnyUp(processes)) this.#complete = false;
  }

  /** Nobody is waited for any more. */
  dispose(): void {
    this.#under?.timer?.dispose();
    this.#under = undefined;
  }

  #goOn(): void {
    const under = this.#under;
    if (under === undefined) return;
    for (;;) {
      const process = under.processes[under.next];
      if (process === undefined) break;
      if (this.#standing(process) === 'coming') {
        // An API server has a limit of its own, and nothing goes on without it (MP-9).
        if (process.type !== 'API Server')
          under.timer ??= this.#options.clock.after(patienceMs, () => this.#late());
        return;
      }
      this.#advance(under);
    }
    this.#done(under.processes);
  }

  #late(): void {
    const under = this.#under;
    const process = under?.processes[under.next];
    if (under === undefined || process === undefined) return;
    // What it waits for may have turned out to come never.
    if (this.#standing(process) === 'coming')
      this.#say('warn', `${this.#named(process)} took more than 30 seconds to start.`);
    this.#advance(under);
    this.#goOn();
  }

  #advance(under: Under): void {
    under.timer?.dispose();
    under.timer = undefined;
    under.next += 1;
  }

  #done(processes: readonly TypedProcess[]): void {
    this.#under = undefined;
    // All of them have ended before they were up.
    if (!this.#isAnyUp(processes)) return;
    this.#complete = true;
    this.#say('info', 'Multiprocess Setup Complete:');
    for (const each of processes)
      if (this.#standing(each) !== 'at rest') this.#say('info', `  ${this.#named(each)}`);
    for (const waiter of this.#waiters.splice(0)) waiter();
  }

  #isAnyUp(processes: readonly TypedProcess[]): boolean {
    return processes.some((each) => each.index !== undefined && this.#standing(each) !== 'at rest');
  }

  #standing({ service, index }: TypedProcess): Standing {
    // A balancer is a door of ours, which is open before the first child starts.
    if (index === undefined) return this.#options.urlOf(service) === undefined ? 'at rest' : 'up';
    const instance = this.#options.instance(service, index);
    if (instance === undefined) return 'at rest';
    if (instance.state.kind === 'running') return 'up';
    return instance.isAtRest && !instance.isAboutToStart ? 'at rest' : 'coming';
  }

  #named(process: TypedProcess): string {
    const { service, index } = process;
    const port = index === undefined ? undefined : this.#options.portOf(service, index);
    const url = index === undefined ? this.#options.urlOf(service) : `http://localhost:${port ?? 0}`;
    return named(process, (url ?? '').replace(/\/$/, ''));
  }

  #say(level: 'info' | 'warn', text: string): void {
    const service = this.#options.config().topology?.app ?? '';
    this.#options.say(level, `${textForm({ type: 'Master', service })} ${text}`);
  }
}
