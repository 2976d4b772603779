/**
 * Automatic scaling (spec 3.8): as many instances as the load of the last minute needs, and a few to spare.
 *
 * A request that finds nobody free for a moment leads to one more; who is not needed any more is stopped.
 */

import type { Disposable } from '../../base/disposable.ts';
import type { ScalingSpec } from '../../config/spec.ts';
import type { Instance } from '../instance.ts';
import type { StateName } from '../model.ts';
import type { Client } from '../outside.ts';
import { restartedByFiles } from './changes.ts';
import { byLoad, requiredCount, split } from './choose.ts';
import type { Outcome, RequestType, Taken, Wish } from './dispatch.ts';
import { minuteMs } from './last-minute.ts';
import { Load } from './load.ts';
import type { Member } from './member.ts';
import { Way } from './way.ts';

/** How often the number of instances is looked at. */
const adjustMs = 1_000;
/** How long a request waits for somebody to become free where no instance can be added. */
const againMs = 200;
/** Of those that are to spare, one is stopped in so much time. */
const betweenQuitsMs = 60_000;
/** After a start that came to nothing the next one is put off so long, then twice as long, and so on. */
const firstHoldMs = 1_000;
const longestHoldMs = 10_000;
/** An instance without a limit would never be too busy, so there would never be a second one. */
const usualConcurrency = 10;

type AutomaticSpec = Extract<ScalingSpec, { readonly kind: 'automatic' }>;

export class Automatic extends Way {
  readonly #load = new Load();
  #timer: Disposable | undefined;
  #lastQuit = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #heldUntil = Number.NEGATIVE_INFINITY;
  /** As many as there have been at once. */
  #mostEver = 0;

  // -------------------------------------------------------------------------------------------- requests

  override take(wish: Wish, client?: Client): Outcome | Promise<Outcome> {
    if (wish.type === 'ready') return super.take(wish, client);
    this.#load.begin(this.options.outside.clock.now());
    const outcome = super.take(wish, client);
    if (outcome instanceof Promise) return outcome.then((late) => this.#counted(late));
    return this.#counted(outcome);
  }

  override adopt(instance: Instance): Taken | undefined {
    const taken = super.adopt(instance);
    if (taken !== undefined) this.#load.begin(this.options.outside.clock.now());
    return taken;
  }

  #counted(outcome: Outcome): Outcome {
    if (outcome.kind !== 'taken') this.#load.end();
    return outcome;
  }

  protected override returned(type: RequestType): void {
    if (type !== 'ready') this.#load.end();
  }

  protected override choose(members: readonly Member[]): Member | undefined {
    return byLoad(members, this.#required());
  }

  protected override deadline({ directed }: Wish): number {
    return directed === undefined
      ? this.options.outside.clock.now() + this.#spec.minPendingMs
      : Number.POSITIVE_INFINITY;
  }

  protected override late(): number {
    this.#addForThoseWhoWait();
    return this.options.outside.clock.now() + againMs;
  }

  /** Where nobody is there or on the way, there is nobody to wait for first. */
  protected override summon(): void {
    if (!this.members.some((member) => this.isHopeful(member))) this.#addForThoseWhoWait();
  }

  /** One more, unless those on their way have room for all who wait. */
  #addForThoseWhoWait(): void {
    const coming = this.members.filter(
      (member) => this.isHopeful(member) && (!member.serving.isStarted || member.serving.isHandlingReady),
    );
    const room = coming.reduce((sum, { serving }) => sum + serving.concurrency, 0);
    if (this.waiters.sizeOf('any') > room) this.#add(false);
  }

  // ------------------------------------------------------------------------------------ how many there are

  /** Those that are there or on their way, without what failed or is leaving. */
  get #pool(): readonly Member[] {
    return this.members.filter((member) => this.isHopeful(member));
  }

  /** Where a service says how soon it stops whoever is idle, load from before that asks for nobody any more. */
  #required(): number {
    const { concurrency = usualConcurrency, idleMs } = this.hands.spec.requests;
    const now = this.options.outside.clock.now();
    const peak =
      idleMs === undefined || idleMs >= minuteMs ? this.#load.peak(now) : this.#load.peakWithin(idleMs, now);
    return requiredCount(peak, concurrency, this.#spec.rounding);
  }

  /** One that is at rest, or a new one. Gives none where there are as many as may be, or where the last start failed. */
  #add(warm: boolean): Member | undefined {
    if (!this.isWanted) return undefined;
    const isHeld = warm ? this.#failures > 0 : this.options.outside.clock.now() < this.#heldUntil;
    const living = this.members.filter((member) => this.isHopeful(member) || !member.instance.isAtRest);
    if (isHeld || living.length >= this.#spec.maxInstances) return undefined;
    const member = this.#atRest() ?? this.#newOne();
    if (member === undefined) return undefined;
    member.warm = warm;
    this.start(member);
    this.#mostEver = Math.max(this.#mostEver, living.length + 1);
    return member;
  }

  #atRest(): Member | undefined {
    return this.members.find(
      (member) =>
        member.instance.isAtRest && !this.isHopeful(member) && !this.options.isHalted(member.instance),
    );
  }

  #newOne(): Member | undefined {
    const instance = this.hands.add();
    this.arrange();
    return this.memberOf(instance);
  }

  override begin(): readonly Instance[] {
    this.want();
    this.#watch();
    const begun: Instance[] = [];
    const wanted = Math.min(this.#spec.minIdle, this.#spec.maxInstances);
    while (this.#pool.length < wanted) {
      const member =
        this.members.find((each) => each.instance.isAtRest && !this.isHopeful(each)) ?? this.#newOne();
      if (member === undefined) break;
      member.warm = true;
      member.asked = true;
      begun.push(member.instance);
    }
    this.#mostEver = Math.max(this.#mostEver, this.#pool.length);
    return begun;
  }

  override end(): void {
    super.end();
    this.#timer?.dispose();
    this.#timer = undefined;
    if (this.#mostEver === 0) return;
    const { name } = this.hands.spec;
    this.hands.say('info', `${name}: ${this.#mostEver} instances at once were the most there have been`);
    this.#mostEver = 0;
  }

  override dispose(): void {
    super.dispose();
    this.#timer?.dispose();
  }

  #watch(): void {
    this.#timer ??= this.options.outside.clock.after(adjustMs, () => {
      this.#timer = undefined;
      try {
        this.#adjust();
      } catch (error) {
        // In the reference this is the end of the whole server; one service that stays as it is does less harm.
        const reason = error instanceof Error ? error.message : String(error);
        this.hands.say('warn', `${this.hands.spec.name}: the number of instances stays as it is: ${reason}`);
      }
      this.#watch();
    });
  }

  #adjust(): void {
    const { minIdle, maxIdle } = this.#spec;
    const { others } = split(this.#pool, this.#required());
    const now = this.options.outside.clock.now();
    if (others.length < minIdle) this.#add(true);
    else if (others.length > maxIdle && now - this.#lastQuit > betweenQuitsMs) this.#quitOne(others, now);
    else this.#quitIdle(others.length - minIdle);
  }

  /** The last of those without requests; one that has just become busy is left. */
  #quitOne(others: readonly Member[], now: number): void {
    const idle = others.toReversed().find(({ serving }) => serving.isStarted && serving.outstanding === 0);
    if (idle === undefined || this.options.isNeeded()) return;
    if (idle.serving.quit() === undefined) this.#lastQuit = now;
  }

  /**
   * `stopWhenIdle`: so many of those that had no request for so long. The number is what is left of those to spare, so
   * that none that is stopped here is missed, and started again, by the next look.
   */
  #quitIdle(surplus: number): void {
    const { idleMs } = this.hands.spec.requests;
    if (idleMs === undefined || surplus <= 0 || this.options.isNeeded()) return;
    const idle = this.#pool.filter(({ serving }) => serving.isStarted && serving.idleMs > idleMs);
    for (const { serving } of idle.slice(-surplus)) serving.quit();
  }

  /** It goes from the list as well, unless there would be nothing left to be seen of the service. */
  protected override putDown(member: Member): void {
    if (this.members.length > 1) void this.hands.remove(member.instance);
    else super.putDown(member);
  }

  // ---------------------------------------------------------------------------------------------- its runs

  protected override get usualConcurrency(): number {
    return usualConcurrency;
  }

  protected override get wakes(): boolean {
    return true;
  }

  protected override idFor(): string {
    return instanceId();
  }

  protected override readyRequest({ warm }: Member): 'warmup' | undefined {
    const warms = this.hands.spec.appengine?.inboundServices.includes('warmup') === true;
    return warm && warms && this.isReference ? 'warmup' : undefined;
  }

  /** A start that fails is shown at its instance, which then counts no more and may be tried again (IN-21, mended). */
  protected override settled(_member: Member, to: StateName): void {
    if (to === 'RUNNING') {
      this.#failures = 0;
      this.#heldUntil = Number.NEGATIVE_INFINITY;
    } else if (to === 'BACKOFF' || to === 'FATAL') {
      this.#failures += 1;
      const hold = Math.min(firstHoldMs * 2 ** (this.#failures - 1), longestHoldMs);
      this.#heldUntil = this.options.outside.clock.now() + hold;
    }
  }

  override filesChanged(): readonly Instance[] | undefined {
    const { appengine } = this.hands.spec;
    if (appengine === undefined) return undefined;
    return this.members
      .filter(({ serving }) => restartedByFiles(appengine.restartOnChange, serving.total))
      .map(({ instance }) => instance);
  }

  get #spec(): AutomaticSpec {
    const { scaling } = this.hands.spec;
    return scaling?.kind === 'automatic' ? scaling : usual;
  }
}

/** While a service changes to another way of scaling. */
const usual: AutomaticSpec = {
  kind: 'automatic',
  minPendingMs: 100,
  maxPendingMs: 500,
  minIdle: 1,
  maxIdle: 1_000,
  maxInstances: 20,
  rounding: 'down',
};

/** 36 random hexadecimal digits (IN-19). */
function instanceId(): string {
  return Array.from({ length: 36 }, () => Math.floor(Math.random() * 16).toString(16)).join('');
}
