/**
 * What the three ways of scaling have in common: who belongs to the service, who has which request, who waits, and the
 * requests that begin and end a run.
 *
 * Knows nothing of HTTP heads. Which instance is chosen, and when there is one more, is each way's own.
 */

import type { ServiceSpec } from '../../config/spec.ts';
import type { Instance } from '../instance.ts';
import type { StateName } from '../model.ts';
import type { Answer, Client, Outside } from '../outside.ts';
import { instanceUnavailable, notFound, timedOut } from './answers.ts';
import type { Dispatch, Hands, Outcome, RequestType, Taken, Unanswered, Wish } from './dispatch.ts';
import { Errands, type ErrandsOptions } from './errands.ts';
import { examine } from './examination.ts';
import { type Giver, Grip } from './grip.ts';
import { Legacy } from './legacy.ts';
import { Member } from './member.ts';
import { Members } from './members.ts';
import { waitingEnds } from './patience.ts';
import { type Refusal, refusals, Serving } from './serving.ts';
import { gracefulMs, isAskedByScaling } from './stopping.ts';
import { type Lane, Waiters } from './waiters.ts';

export interface WayOptions extends ErrandsOptions {
  readonly outside: Pick<Outside, 'clock' | 'sockets' | 'http'>;
  /** A start of it was ordered and waits for others. */
  readonly isWaiting: (instance: Instance) => boolean;
  /** A person has stopped it: no request brings it back. */
  readonly isHalted: (instance: Instance) => boolean;
  /** Something that runs depends on the service, so that it is wanted although nobody asks it anything. */
  readonly isNeeded: () => boolean;
}

const nobody: Outcome = { kind: 'nobody' };
const full: Outcome = { kind: 'nobody', full: true };

export abstract class Way implements Dispatch {
  protected readonly options: WayOptions;
  protected readonly hands: Hands;
  protected readonly waiters: Waiters<Outcome>;
  readonly #errands: Errands;
  readonly #members = new Members();
  #wanted = false;
  #reviewing = false;
  /** What its instances still have, once another way has taken its place. */
  #legacy: Legacy | undefined;
  #over = false;

  constructor(options: WayOptions) {
    this.options = options;
    this.hands = options.hands;
    this.waiters = new Waiters(options.outside.clock);
    this.#errands = new Errands(options);
    this.arrange();
  }

  // ------------------------------------------------------------------------------- what is each way's own

  /** Who has the request, of those that are free. */
  protected abstract choose(members: readonly Member[]): Member | undefined;
  /** The instance id of a new run (spec 3.1). */
  protected abstract idFor(instance: Instance): string;
  /** The request that a new run begins with; undefined: none. */
  protected abstract readyRequest(member: Member): 'start' | 'warmup' | undefined;
  /** Requests at once, where the service does not say. */
  protected abstract get usualConcurrency(): number;
  /** Requests that find nobody free may lead to a start; called with whoever waits counted already. */
  protected abstract summon(): void;
  abstract begin(): readonly Instance[];
  abstract filesChanged(): readonly Instance[] | undefined;

  /** Requests may start what is at rest. */
  protected get wakes(): boolean {
    return false;
  }

  /** When a request has waited long enough. `Infinity`: it never has. */
  protected deadline({ since = this.options.outside.clock.now() }: Wish): number {
    return waitingEnds(this.hands.spec, since);
  }

  /** That time has come for one that wants any; until when it goes on waiting. Undefined: it is answered. */
  protected late(): number | undefined {
    return undefined;
  }

  /** A request takes no room any more. */
  protected returned(_type: RequestType): void {
    // Only who counts them has to know.
  }

  /** A run has quit of its own accord: the child is to go. */
  protected putDown(member: Member): void {
    void this.hands.stop(member.instance);
  }

  /** A way's own word on a change of state, before those who wait look. */
  protected settled(_member: Member, _to: StateName): void {
    // Most have none.
  }

  // ----------------------------------------------------------------------------------------------- giving

  take(wish: Wish, client?: Client): Outcome | Promise<Outcome> {
    const outcome = this.#attempt(wish);
    if (outcome !== undefined) return outcome;
    // Another try of a request that was refused is for those who can take it at once.
    return wish.without.length > 0 ? nobody : this.#wait(wish, client);
  }

  adopt(instance: Instance): Taken | undefined {
    const member = this.#members.of(instance);
    if (member?.serving.adopt() !== true) return undefined;
    return new Grip(member, 'normal', this.options.outside.clock.now(), this.#giver);
  }

  adoptOwn(instance: Instance, unanswered: Unanswered): void {
    const member = this.#members.of(instance);
    if (member !== undefined) void this.#errands.adopt(member, unanswered).then(() => this.review());
  }

  yieldTo(heir: Dispatch): void {
    const legacy = new Legacy(heir);
    for (const { instance, serving, underWay } of this.#members.line) {
      // Before its ready request is answered it has none but that.
      if (!serving.isHandlingReady) legacy.leave(instance, serving.busy, serving.outstanding - serving.busy);
      for (const unanswered of underWay) heir.adoptOwn?.(instance, unanswered);
    }
    this.#legacy = legacy;
    this.waiters.dismissAll({ kind: 'moved' });
  }

  /** Undefined: it may be worth waiting. */
  #attempt(wish: Wish): Outcome | undefined {
    if (!this.isOpen) return this.closed;
    const { directed, without } = wish;
    const member = directed === undefined ? this.#chosen(wish) : this.#members.at(directed);
    if (member === undefined) return directed === undefined ? undefined : nobody;
    // Whoever names one that has just failed wants no other, and is not sent there again and again.
    if (directed !== undefined && without.includes(member.instance.name)) return nobody;
    return this.#give(member, wish.type);
  }

  #chosen({ prefer, without }: Wish): Member | undefined {
    let members = this.#members.line;
    if (without.length > 0) members = members.filter(({ instance }) => !without.includes(instance.name));
    if (prefer !== undefined) {
      const before = members.find(({ instance }) => instance.name === prefer);
      if (before?.serving.isFree === true && before.instance.isHealthy) return before;
    }
    if (members.every(({ instance }) => instance.isHealthy)) return this.choose(members);
    // Those that fail their health check get what nobody else can take: they may still answer.
    return this.choose(members.filter(({ instance }) => instance.isHealthy)) ?? this.choose(members);
  }

  #give(member: Member, type: RequestType): Outcome | undefined {
    // One that is about to end would still take a request that names it.
    if (type === 'normal' && !member.canAccept) return undefined;
    if (member.serving.take(type) !== undefined) return undefined;
    return new Grip(member, type, this.options.outside.clock.now(), this.#giver);
  }

  readonly #giver: Giver = {
    lasts: ({ instance }, type) => {
      this.returned(type);
      this.#legacy?.lasts(instance);
    },
    ended: (member, serving, { type, lasted, ending }) => {
      if (!lasted) this.returned(type);
      this.#legacy?.ended(member.instance, lasted, ending);
      if (!ending.failed || member.serving !== serving || this.#over) return;
      void examine(member, this.options.outside, () => this.hands.changed(member.instance));
    },
  };

  async #wait(wish: Wish, client: Client | undefined): Promise<Outcome> {
    const { directed } = wish;
    const isAny = directed === undefined;
    const waiting = this.waiters.wait({
      lane: directed ?? 'any',
      until: this.deadline(wish),
      attempt: () => this.#attempt(wish),
      client,
      ...(isAny ? { late: () => this.late() } : {}),
    });
    this.review();
    return (await waiting) ?? this.#late(wish);
  }

  #late({ directed }: Wish): Outcome {
    if (!this.isReference) return this.#members.line.some(({ port }) => port !== 0) ? full : nobody;
    return { kind: 'refused', answer: directed === undefined ? timedOut : instanceUnavailable };
  }

  /** What a request gets that waits in vain. */
  #vain(lane: Lane): Outcome {
    return this.isReference && lane !== 'any' ? refused(instanceUnavailable) : nobody;
  }

  /** Who waits may lead to a start, and is told when nobody can come any more. */
  protected review(): void {
    if (this.waiters.size === 0 || this.#over) return;
    this.summon();
    if (this.waiters.isWaiting('any') && !this.#members.line.some((member) => this.isHopeful(member)))
      this.waiters.dismiss('any', this.#vain('any'));
    for (const lane of this.waiters.lanes) {
      if (lane === 'any') continue;
      const member = this.#members.at(lane);
      if (member === undefined || !this.isHopeful(member)) this.waiters.dismiss(lane, this.#vain(lane));
    }
  }

  protected isHopeful(member: Member): boolean {
    return member.isHopeful || this.options.isWaiting(member.instance);
  }

  /** Whether a request can lead to anything: the service is wanted, or something of it runs all the same. */
  protected get isOpen(): boolean {
    return this.#wanted || this.#members.line.some(({ instance }) => !instance.isAtRest);
  }

  protected get isWanted(): boolean {
    return this.#wanted;
  }

  protected get isReference(): boolean {
    return this.hands.spec.profile === 'appengine';
  }

  /** The reference answers for a service that is stopped; elsewhere the front door tells how it is. */
  protected get closed(): Outcome {
    return this.isReference ? refused(notFound) : nobody;
  }

  /** In the order of their indices. */
  protected get members(): readonly Member[] {
    return this.#members.line;
  }

  protected memberOf(instance: Instance): Member | undefined {
    return this.#members.of(instance);
  }

  /** A start of it is decided. */
  protected start(member: Member): void {
    member.asked = true;
    this.hands.start(member.instance);
  }

  // ------------------------------------------------------------------------------------------ what is seen

  get waiting(): number {
    return this.waiters.size;
  }

  busy(instance: Instance): number {
    return this.#members.of(instance)?.serving.busy ?? 0;
  }

  /** The instance id of its present run (spec 3.1). */
  idOf(instance: Instance): string {
    return this.#members.of(instance)?.serving.id ?? String(instance.index);
  }

  outOfService(instance: Instance): string | undefined {
    return this.#members.of(instance)?.outOfService;
  }

  isAsleep(instance: Instance): boolean {
    return (
      this.wakes &&
      this.#wanted &&
      instance.state.kind === 'stopped' &&
      !this.options.isWaiting(instance) &&
      !this.options.isHalted(instance)
    );
  }

  // ----------------------------------------------------------------------------------------------- its life

  /** Whoever overrides it calls this first. */
  protected want(): void {
    this.#wanted = true;
    for (const { instance } of this.#members.line) this.hands.changed(instance);
  }

  end(): void {
    this.#wanted = false;
    for (const member of this.#members.line) {
      member.asked = false;
      this.hands.changed(member.instance);
    }
    this.waiters.dismissAll(this.closed);
  }

  moved(instance: Instance, to: StateName): void {
    const member = this.#members.of(instance);
    if (member === undefined || this.#over) return;
    switch (to) {
      case 'STARTING':
        this.#renew(member);
        break;
      case 'RUNNING':
        this.#up(member);
        break;
      case 'STOPPING':
        // Those that are asked to stop go on with what they have; see `part`.
        if (isAskedByScaling(this.hands.spec)) member.serving.quit({ expectShutdown: true });
        else {
          member.callOff?.();
          member.serving.quit({ allowAsync: true });
        }
        break;
      case 'BACKOFF':
      case 'EXITED':
      case 'FATAL':
      case 'STOPPED':
      case 'UNKNOWN':
        member.port = 0;
        member.asked &&= to === 'BACKOFF';
        member.callOff?.();
        member.serving.quit({ force: true });
        break;
    }
    this.settled(member, to);
    this.waiters.wakeAll();
    this.#reviewSoon();
  }

  /** In the midst of a change an instance may be in a state that it only passes through. */
  #reviewSoon(): void {
    if (this.#reviewing) return;
    this.#reviewing = true;
    queueMicrotask(() => {
      this.#reviewing = false;
      this.waiters.wakeAll();
      this.review();
    });
  }

  noticed(instance: Instance): void {
    const member = this.#members.of(instance);
    if (member === undefined || this.waiters.size === 0) return;
    if (instance.fault?.code === 'dependency-failed') member.asked = false;
    this.#reviewSoon();
  }

  #renew(member: Member): void {
    member.port = 0;
    member.underWay = new Set();
    member.serving = this.#servingOf(member, this.readyRequest(member) !== undefined);
    member.asked = true;
  }

  #servingOf(member: Member, expectsReady: boolean): Serving {
    const { instance } = member;
    const { requests, appengine } = this.hands.spec;
    const serving: Serving = new Serving({
      id: this.idFor(instance),
      concurrency: requests.concurrency ?? this.usualConcurrency,
      backgroundThreads: appengine?.backgroundThreads ?? 0,
      expectsReady,
      clock: this.options.outside.clock,
      wake: (count) => this.waiters.wake(count),
      end: () => {
        if (member.serving !== serving) return;
        member.released?.();
        // It has quit of its own accord; whatever else ends it has begun to already.
        if (instance.state.kind === 'running' && !this.#over) this.putDown(member);
      },
    });
    return serving;
  }

  #up(member: Member): void {
    const { address } = member.instance;
    member.host = address?.host ?? '';
    member.port = address?.port ?? 0;
    const { serving } = member;
    const kind = this.readyRequest(member);
    member.warm = false;
    if (!serving.started()) return;
    // Those that wait are woken by whoever told of the change.
    if (kind !== undefined && serving.isHandlingReady)
      void this.#errands.ready(member, kind).then(() => this.review());
  }

  part(instance: Instance): Promise<void> | undefined {
    const member = this.#members.evenLeaving(instance);
    if (!isAskedByScaling(this.hands.spec) || member === undefined) return undefined;
    if (member.port === 0 || !member.serving.isStarted) return undefined;
    const { state } = instance;
    // Who is to start again makes others wait for it; in the reference its place is taken at once.
    const isRestart = state.kind === 'stopping' && state.next === 'start';
    return this.#errands.part(member, isRestart ? this.hands.spec.requests.drainMs : gracefulMs);
  }

  background(instance: Instance, thread: string, begun: (failure?: string) => void): Refusal | undefined {
    const member = this.#members.evenLeaving(instance);
    return member === undefined ? refusals.quit : this.#errands.background(member, thread, begun);
  }

  // ---------------------------------------------------------------------------------------- what has changed

  redefined(spec: ServiceSpec): void {
    this.arrange();
    for (const { serving } of this.#members.line)
      serving.setLimits(
        spec.requests.concurrency ?? this.usualConcurrency,
        spec.appengine?.backgroundThreads ?? 0,
      );
    this.waiters.wakeAll();
    this.review();
  }

  /** Follows the service's instances: some may have come, some gone. */
  protected arrange(): void {
    const gone = this.#members.follow(this.hands.instances, (instance) => this.#meet(instance));
    for (const { serving } of gone) serving.quit({ allowAsync: true });
  }

  /** One that runs already has nothing to get ready for, but what it may have been asked by the way before. */
  #meet(instance: Instance): Member {
    const { kind } = instance.state;
    const member = new Member(instance, (own) =>
      this.#servingOf(own, kind === 'starting' && this.readyRequest(own) !== undefined),
    );
    if (kind === 'running') this.#up(member);
    return member;
  }

  dispose(): void {
    this.#over = true;
    this.waiters.dismissAll(nobody);
  }
}

function refused(answer: Answer): Outcome {
  return { kind: 'refused', answer };
}
