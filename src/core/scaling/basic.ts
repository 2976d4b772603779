/**
 * Basic scaling (spec 3.10): all instances are there, at rest; one starts when a request finds no other free, and ends
 * when nobody has wanted it for a while.
 */

import type { Disposable } from '../../base/disposable.ts';
import type { ServiceSpec } from '../../config/spec.ts';
import type { Instance } from '../instance.ts';
import type { StateName } from '../model.ts';
import type { Client } from '../outside.ts';
import { firstFree } from './choose.ts';
import type { Outcome, Wish } from './dispatch.ts';
import type { Member } from './member.ts';
import { Way } from './way.ts';

/** How often it is looked whether an instance has been idle for long enough. */
const lookMs = 1_000;

export class Basic extends Way {
  #timer: Disposable | undefined;
  /** The last start came to nothing, so that one more would, too. */
  #isFailing = false;

  protected override get usualConcurrency(): number {
    return Number.POSITIVE_INFINITY;
  }

  protected override get wakes(): boolean {
    return true;
  }

  protected override choose(members: readonly Member[]): Member | undefined {
    return firstFree(members);
  }

  protected override idFor(instance: Instance): string {
    return String(instance.index);
  }

  protected override readyRequest(): 'start' {
    return 'start';
  }

  override begin(): readonly Instance[] {
    this.want();
    this.#watch();
    return [];
  }

  override end(): void {
    super.end();
    this.#timer?.dispose();
    this.#timer = undefined;
  }

  override dispose(): void {
    super.dispose();
    this.#timer?.dispose();
  }

  override take(wish: Wish, client?: Client): Outcome | Promise<Outcome> {
    // What failed is tried again with the next request, and not for those that it failed.
    if (this.#isFailing && this.members.every(({ instance }) => instance.isAtRest)) this.#isFailing = false;
    // Whoever names an instance wants it, whether or not it runs.
    const member = this.members.find(({ index }) => index === wish.directed);
    if (member !== undefined && this.#canStart(member)) this.start(member);
    return super.take(wish, client);
  }

  /**
   * One more of those at rest for each that wait beyond what those on their way have room for.
   *
   * The reference starts one for each request that finds nobody, so that a page with ten pictures wakes all.
   */
  protected override summon(): void {
    let coming = 0;
    for (const member of this.members) if (this.#isOnItsWay(member)) coming += member.serving.concurrency;
    for (const member of this.members) {
      if (this.waiters.sizeOf('any') <= coming) return;
      if (!this.#canStart(member)) continue;
      this.start(member);
      coming += member.serving.concurrency;
    }
  }

  /** A start is decided, and it serves nobody yet. */
  #isOnItsWay(member: Member): boolean {
    return this.isHopeful(member) && (!member.serving.isStarted || member.serving.isHandlingReady);
  }

  /** It is at rest, or will be. */
  #canStart(member: Member): boolean {
    const { state } = member.instance;
    if (!this.isWanted || this.#isFailing || this.isHopeful(member)) return false;
    return state.kind === 'stopping' || member.instance.isAtRest;
  }

  protected override settled(_member: Member, to: StateName): void {
    if (to === 'FATAL' || to === 'BACKOFF') this.#isFailing = true;
    else if (to === 'RUNNING') this.#isFailing = false;
  }

  override filesChanged(): undefined {
    return undefined;
  }

  override redefined(spec: ServiceSpec): void {
    super.redefined(spec);
    for (const { instance } of this.members) this.hands.changed(instance);
  }

  #watch(): void {
    this.#timer ??= this.options.outside.clock.after(lookMs, () => {
      this.#timer = undefined;
      this.#stopIdle();
      this.#watch();
    });
  }

  #stopIdle(): void {
    const { scaling } = this.hands.spec;
    if (scaling?.kind !== 'basic' || this.options.isNeeded()) return;
    for (const member of this.members) {
      const { serving, instance } = member;
      if (instance.state.kind !== 'running' || serving.hasQuit || serving.idleMs <= scaling.idleMs) continue;
      member.asked = false;
      void this.hands.stop(instance);
    }
  }
}
