/**
 * Starts the instances of a service for a request, and stops them when nobody has wanted them for a while, where the
 * service asks for that.
 *
 * Knows who is busy, and nothing of who waits.
 */

import type { Disposable } from '../../base/disposable.ts';
import type { Instance } from '../instance.ts';
import type { Clock } from '../outside.ts';
import type { Hands } from '../scaling/dispatch.ts';
import { isComing } from './hope.ts';
import type { Seat } from './seat.ts';

export interface SleepOptions {
  readonly outside: { readonly clock: Clock };
  readonly hands: Hands;
  /** A person has stopped it: no request brings it back. */
  readonly isHalted: (instance: Instance) => boolean;
  /** A start of it was ordered and waits for others. */
  readonly isWaiting: (instance: Instance) => boolean;
  /** Something that runs depends on the service, so that it is wanted although nobody asks it anything. */
  readonly isNeeded: () => boolean;
}

export class Sleep {
  readonly #options: SleepOptions;
  /** As they are now. */
  readonly #seats: () => readonly Seat[];
  #wanted = false;
  #idling: Disposable | undefined;
  #over = false;

  constructor(options: SleepOptions, seats: () => readonly Seat[]) {
    this.#options = options;
    this.#seats = seats;
  }

  /** Whether the service is to run: only then does a request start it. */
  set isWanted(wanted: boolean) {
    this.#wanted = wanted;
  }

  /** Its instances are stopped when idle. */
  get #rests(): boolean {
    return this.#options.hands.spec.requests.idleMs !== undefined;
  }

  /** A request may start it now. */
  get isWakeable(): boolean {
    return this.#wanted && (this.#rests || this.#options.hands.spec.requests.startOnRequest);
  }

  isAsleep(instance: Instance): boolean {
    const { state } = instance;
    return (
      this.isWakeable &&
      (state.kind === 'stopped' || (state.kind === 'exited' && state.expected && instance.isAtRest)) &&
      !this.#options.isWaiting(instance) &&
      !this.#options.isHalted(instance)
    );
  }

  /** It will run, as far as anybody knows. */
  isOnItsWay(instance: Instance): boolean {
    return (
      isComing(instance) ||
      (this.#options.isWaiting(instance) && instance.fault?.code !== 'dependency-failed')
    );
  }

  /**
   * A request finds nobody free among these: whoever of them sleeps is started, all of them where nobody is awake, else
   * one more. `isDirected`: it wants no other, so that it does not matter who else is coming.
   */
  wake(meant: readonly Seat[], isDirected: boolean): void {
    if (!this.isWakeable) return;
    const isAnyComing = this.#seats().some(({ isOpen, instance }) => !isOpen && this.isOnItsWay(instance));
    if (isAnyComing && !isDirected) return;
    const asleep = meant.filter(({ instance }) => this.#mayStart(instance));
    const woken = meant.some(({ isOpen }) => isOpen) ? asleep.slice(0, 1) : asleep;
    for (const { instance } of woken) this.#options.hands.start(instance);
  }

  /** It sleeps, or is on its way to it. */
  #mayStart(instance: Instance): boolean {
    const { state } = instance;
    const isFallingAsleep = state.kind === 'stopping' && state.next === 'stopped';
    return isFallingAsleep ? !this.#options.isHalted(instance) : this.isAsleep(instance);
  }

  /** It has nothing to do any more. */
  rested(seat: Seat): void {
    if (!this.#rests) return;
    seat.idleSince = this.#options.outside.clock.now();
    this.watch();
  }

  /** One timer for all: it comes when the first of those that are idle now has been so for long enough. */
  watch(): void {
    if (this.#idling !== undefined || this.#over) return;
    const { idleMs } = this.#options.hands.spec.requests;
    if (idleMs === undefined) return;
    const idle = this.#seats().filter(isIdle);
    if (idle.length === 0) return;
    const { clock } = this.#options.outside;
    const due = Math.min(...idle.map(({ idleSince }) => idleSince)) + idleMs;
    this.#idling = clock.after(Math.max(0, due - clock.now()), () => {
      this.#idling = undefined;
      this.#stopIdle(idleMs);
      this.watch();
    });
  }

  #stopIdle(idleMs: number): void {
    const { hands, isNeeded, outside } = this.#options;
    const now = outside.clock.now();
    const needed = isNeeded();
    for (const seat of this.#seats()) {
      if (!isIdle(seat) || now - seat.idleSince < idleMs) continue;
      if (needed) seat.idleSince = now;
      else void hands.stop(seat.instance);
    }
  }

  /** The service may say another time. */
  redefined(): void {
    this.#idling?.dispose();
    this.#idling = undefined;
    this.watch();
  }

  dispose(): void {
    this.#over = true;
    this.#idling?.dispose();
  }
}

function isIdle({ isOpen, busy, lasting }: Seat): boolean {
  return isOpen && busy === 0 && lasting === 0;
}
