/**
 * Counts what each instance has to do with requests: for views, and for whoever waits until an instance that is being
 * stopped has answered what it has.
 *
 * Views hear of it at most once a second, and no more once nothing changes.
 */

import type { Disposable } from '../../base/disposable.ts';
import type { Instance } from '../instance.ts';
import type { InstanceView } from '../model.ts';
import type { Clock } from '../outside.ts';
import { Traffic } from '../scaling/traffic.ts';

export interface AccountsOptions {
  readonly clock: Clock;
  /** What a view shows of its requests is another thing now. */
  readonly tell: (instance: Instance, facts: Pick<InstanceView, 'traffic' | 'draining'>) => void;
}

const tellingMs = 1_000;

export class Account {
  readonly instance: Instance;
  readonly traffic: Traffic;
  /** Under way, without those that last. */
  busy = 0;
  /** Called when there are none any more. */
  readonly free = new Set<() => void>();
  /** What was told last. */
  told = '';
  /** Something was counted since. */
  isStale = false;

  constructor(instance: Instance, clock: Clock) {
    this.instance = instance;
    this.traffic = new Traffic(clock);
  }

  /** One fewer for whom somebody might wait. */
  release(): void {
    this.busy -= 1;
    if (this.busy === 0) for (const done of this.free) done();
  }
}

export class Accounts {
  readonly #options: AccountsOptions;
  readonly #accounts = new WeakMap<Instance, Account>();
  /** Those that may have something new to tell. */
  readonly #lively = new Set<Account>();
  #timer: Disposable | undefined;
  #over = false;

  constructor(options: AccountsOptions) {
    this.#options = options;
  }

  /** An exchange begins. Whoever begins it calls `release` when nobody is to wait for it any more. */
  begin(instance: Instance): Account {
    let account = this.#accounts.get(instance);
    if (account === undefined) {
      account = new Account(instance, this.#options.clock);
      this.#accounts.set(instance, account);
    }
    account.busy += 1;
    if (!account.isStale) this.#enliven(account);
    return account;
  }

  /**
   * Resolves once it has answered what it has, or after so many milliseconds; undefined when there is nothing. Never
   * rejects.
   */
  part(instance: Instance, ms: number): Promise<void> | undefined {
    const account = this.#accounts.get(instance);
    if (account === undefined || account.busy === 0 || ms === 0) return undefined;
    this.#tell(account);
    return new Promise((resolve) => {
      const done = (): void => {
        timer.dispose();
        account.free.delete(done);
        resolve();
      };
      const timer = this.#options.clock.after(ms, done);
      account.free.add(done);
    });
  }

  dispose(): void {
    this.#over = true;
    this.#timer?.dispose();
  }

  #enliven(account: Account): void {
    account.isStale = true;
    this.#lively.add(account);
    this.#arm();
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#over) return;
    this.#timer = this.#options.clock.after(tellingMs, () => {
      this.#timer = undefined;
      for (const account of this.#lively) {
        account.isStale = account.busy > 0;
        // The numbers of the last minute go on falling after the last request.
        const isNews = this.#tell(account);
        const { busy = 0, perSecond = 0 } = account.traffic.view() ?? {};
        if (!isNews && busy === 0 && perSecond === 0) this.#lively.delete(account);
      }
      if (this.#lively.size > 0) this.#arm();
    });
  }

  #tell(account: Account): boolean {
    const traffic = account.traffic.view();
    const facts = { draining: account.busy, ...(traffic === undefined ? {} : { traffic }) };
    const text = JSON.stringify(facts);
    if (text === account.told) return false;
    account.told = text;
    this.#options.tell(account.instance, facts);
    return true;
  }
}
