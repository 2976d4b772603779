/**
 * Starting, stopping and restarting: in order, and with what everything depends on.
 *
 * A start that has to wait for others is kept in `waiting-starts.ts`.
 */

import type { Fault } from '../faults/fault.ts';
import { fault, FaultError } from '../faults/make.ts';
import type { Instance } from './instance.ts';
import { LastWords } from './last-words.ts';
import type { StartOptions, Target } from './model.ts';
import type { Clock } from './outside.ts';
import { begunFor } from './beginning.ts';
import { reportWaits } from './report-waits.ts';
import type { Roster } from './roster.ts';
import type { Supervision } from './supervisor/supervision.ts';
import { isDependencyMet } from './topology/dependencies.ts';
import { inStartOrder } from './topology/order.ts';
import { WaitingStarts } from './waiting-starts.ts';

export interface OrdersOptions {
  readonly clock: Clock;
  readonly roster: Roster;
  readonly supervision: Supervision;
  readonly trusted: () => boolean;
  /** Opens the doors, and whatever else the first start needs. */
  readonly begin: () => Promise<void>;
  /** All that was ordered to start is up. */
  readonly ready: () => void;
  /** A person has said that these are to stop; some may be at rest already. */
  readonly halted: (instances: readonly Instance[]) => void;
  readonly faulted: (fault: Fault) => void;
  /** A person wants this service to run: what came to nothing before is to be tried again. */
  readonly wanted?: (service: string) => void;
}

/** After SIGKILL: nothing survives it for long but what is not ours to kill. */
const unkillableMs = 1_000;

/** A listener that takes no more events does not hold up a shutdown for longer. */
const tellingMs = 500;

export class Orders {
  readonly #options: OrdersOptions;
  readonly #waiting: WaitingStarts;
  readonly #words = new LastWords();
  /** Instances that were told to start and have not all been up since. */
  readonly #awaited = new Set<Instance>();
  #areAllWanted = false;
  #over = false;

  constructor(options: OrdersOptions) {
    this.#options = options;
    this.#waiting = new WaitingStarts(options);
  }

  /** Everything is being stopped, and nothing is started any more. */
  get isOver(): boolean {
    return this.#over;
  }

  /** A person has started everything, and has not stopped everything since. */
  get areAllWanted(): boolean {
    return this.#areAllWanted;
  }

  /** Nothing runs, and nothing will without a person's doing. */
  get isIdle(): boolean {
    const { roster } = this.#options;
    return roster.all.every((instance) => instance.isAtRest) && this.#waiting.areStuck && !roster.hasSleepers;
  }

  isWaiting(instance: Instance): boolean {
    return this.#waiting.has(instance);
  }

  /** A person is stopping it, or has stopped it, and has not started it since. */
  isHalted(instance: Instance): boolean {
    return this.#words.isHalted(instance);
  }

  async start(target: Target, options: StartOptions = {}): Promise<void> {
    const { debug = false, needs = 'start' } = options;
    const found = this.#begin(target, await this.#readied(target), () => false);
    const all = needs === 'start' ? [...this.#needed(found), ...found] : found;
    const meant = new Set(found);
    this.#words.hear('start', all);
    this.#want(all);
    for (const instance of inStartOrder(all)) {
      const go = (): void => instance.start(meant.has(instance) && debug);
      if (needs === 'ignore') this.#goNow(instance, go);
      else this.#order(instance, go);
    }
    this.#waiting.review();
    // All that was meant sleeps until a request comes, which is as it should be.
    if (all.length === 0 && this.#options.roster.hasSleepers) this.#options.ready();
    else this.tellIfReady();
  }

  /** These are wanted from now on; gives those of them that start at once. `also`: what is meant by "everything", too. */
  #begin(
    target: Target,
    found: readonly Instance[],
    also: (instance: Instance) => boolean,
  ): readonly Instance[] {
    const meant = found.filter(
      (instance) => target.kind !== 'all' || instance.spec.autostart || also(instance),
    );
    if (target.kind === 'all') this.#areAllWanted = true;
    // Whoever was stopped alone before is meant again.
    this.#words.hear('start', meant);
    return begunFor(target, meant, this.#options.roster);
  }

  #want(instances: readonly Instance[]): void {
    for (const name of new Set(instances.map(({ spec }) => spec.name))) this.#options.wanted?.(name);
  }

  /** Starts these for a request that wants them, with what they depend on; never what a person has stopped. */
  wake(instances: readonly Instance[]): void {
    if (this.#over || !this.#options.trusted()) return;
    const found = instances.filter((instance) => !this.isHalted(instance));
    const needed = this.#needed(found).filter((instance) => !this.isHalted(instance));
    for (const instance of inStartOrder([...needed, ...found]))
      this.#order(instance, () => instance.start(false), false);
    this.#waiting.review();
  }

  /** Stops one that nobody wants just now. It is no person's word, so a request may bring it back. */
  async rest(instance: Instance): Promise<void> {
    this.#awaited.delete(instance);
    this.#waiting.callOff(instance);
    await instance.stop();
  }

  /** Starts one more of a service that is there already, as soon as it may. */
  join(instance: Instance): void {
    if (!this.#options.trusted()) return;
    this.#order(instance, () => instance.start(false));
    this.#waiting.review();
  }

  async stop(target: Target): Promise<void> {
    if (target.kind === 'all') this.#areAllWanted = false;
    await this.#stopInStages(this.#options.roster.find(target));
  }

  async restart(target: Target): Promise<void> {
    // "Everything" is what starts with everything, and what runs.
    const found = this.#begin(target, await this.#readied(target), ({ isAtRest }) => !isAtRest);
    const all = inStartOrder([...this.#needed(found), ...found]);
    this.#words.hear('start', all);
    this.#want(all);
    this.again(all);
    for (const instance of all) this.#awaited.add(instance);
  }

  /**
   * Stops these and starts them again, each as soon as what it depends on is far enough; but for those that a person
   * wants stopped.
   */
  again(instances: readonly Instance[], reason?: string): void {
    if (this.#over || !this.#options.trusted()) return;
    const left = new Set(instances.filter((instance) => !this.isHalted(instance)));
    while (left.size > 0) {
      // Whoever others depend on goes first, so that those see that it is gone for a while.
      const known = new Set([...left].map((each) => each.spec.name));
      const next = [...left].filter(
        (each) => !Object.keys(each.spec.dependsOn).some((name) => known.has(name)),
      );
      for (const instance of next.length > 0 ? next : left) {
        left.delete(instance);
        const go = (): void => instance.restart(undefined, reason);
        this.#waiting.callOff(instance);
        if (this.#waiting.waitsOf(instance).length === 0) {
          go();
          continue;
        }
        void instance.stop();
        this.#waiting.add(instance, go);
      }
    }
    this.#waiting.review();
  }

  /**
   * What is to be started, once everything is open: every address is known by then and answers with the truth.
   *
   * Opening takes a moment, in which a file may be read again or a stop may come; what was stopped meanwhile is left
   * out, and what is gone is no more.
   */
  async #readied(target: Target): Promise<readonly Instance[]> {
    const { roster, trusted, begin } = this.#options;
    if (!trusted()) throw new FaultError(fault('untrusted', {}));
    this.refuseWhenOver();
    const before = new Map(roster.find(target).map((instance) => [instance, this.#words.of(instance)]));
    await begin();
    this.refuseWhenOver();
    return roster
      .find(target)
      .filter(
        (instance) =>
          before.has(instance) &&
          (before.get(instance) === this.#words.of(instance) || !this.isHalted(instance)),
      );
  }

  /** Throws once everything is being stopped (SV-82). */
  refuseWhenOver(): void {
    if (this.#over) throw new FaultError(fault('shutting-down', {}));
  }

  // ------------------------------------------------------------------------------------------ dependencies

  /** What has to be started for these besides, and is wanted from now on. */
  #needed(found: readonly Instance[]): readonly Instance[] {
    const missing = this.#missing(found);
    const added = [...new Set(missing.map(({ spec }) => spec.name))].flatMap((name) => {
      const service = this.#options.roster.service(name);
      const before = new Set(service.instances);
      // What a way of scaling adds could not be missing before.
      return service.begin().filter((instance) => !before.has(instance));
    });
    return [...missing, ...added];
  }

  /** What these depend on and is not far enough nor on its way, over however many steps. */
  #missing(found: readonly Instance[]): readonly Instance[] {
    const { roster } = this.#options;
    const known = this.#waiting.known();
    const missing = new Set<Instance>();
    const seen = new Set<string>();
    const open = [...new Set(found.map((instance) => instance.spec.name))];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (seen.has(name)) continue;
      seen.add(name);
      for (const [needed, condition] of Object.entries(known.get(name)?.spec.dependsOn ?? {})) {
        const other = known.get(needed);
        if (other === undefined || isDependencyMet(condition, other)) continue;
        open.push(needed);
        for (const instance of roster.services.get(needed)?.instances ?? []) {
          const { kind } = instance.state;
          const isDown = instance.isAtRest || kind === 'stopping';
          const isDone = kind === 'exited' && instance.state.expected;
          if (isDown && !isDone && !found.includes(instance)) missing.add(instance);
        }
      }
    }
    return [...missing];
  }

  /** Goes now, or waits for what it depends on. What runs already takes its order at once. */
  #order(instance: Instance, go: () => void, awaited = true): void {
    const { kind } = instance.state;
    const runs = kind === 'starting' || kind === 'running';
    if (runs || Object.keys(instance.spec.dependsOn).length === 0) {
      this.#goNow(instance, go, awaited);
      return;
    }
    this.#waiting.callOff(instance);
    if (awaited) this.#awaited.add(instance);
    this.#waiting.add(instance, go);
  }

  #goNow(instance: Instance, go: () => void, awaited = true): void {
    this.#waiting.callOff(instance);
    if (awaited) this.#awaited.add(instance);
    go();
  }

  /** Something may have come far enough, or never will. */
  consider(): void {
    this.#waiting.consider();
  }

  /** It is no more part of the config. */
  forget(instance: Instance): void {
    this.#waiting.delete(instance);
    this.#awaited.delete(instance);
  }

  tellIfReady(): void {
    if (this.#awaited.size === 0) return;
    if (![...this.#awaited].every((instance) => this.#isUp(instance))) return;
    this.#awaited.clear();
    this.#options.ready();
  }

  #isUp(instance: Instance): boolean {
    const { state, spec, health } = instance;
    if (this.#waiting.has(instance)) return false;
    if (state.kind === 'exited') return state.expected;
    return state.kind === 'running' && (spec.health === undefined || health === 'healthy');
  }

  // ----------------------------------------------------------------------------------------------- stopping

  /** Event listeners stop last, so that they hear of every end; a moment for what they have not been told yet. */
  async #toldAll(): Promise<void> {
    const { clock, supervision } = this.#options;
    const limit = clock.now() + tellingMs;
    while (supervision.isTelling && clock.now() < limit)
      await new Promise<void>((resolve) => void clock.after(5, resolve));
  }

  /** The last to start are the first to stop; a stage is gone before the next one is told. */
  async #stopInStages(instances: readonly Instance[], over = false): Promise<void> {
    this.#words.hear('stop', instances);
    this.#endHalted(instances);
    this.#options.halted(instances);
    for (const instance of instances) {
      this.#awaited.delete(instance);
      this.#waiting.callOff(instance);
    }
    this.consider();
    const cleared: Promise<void>[] = [];
    for (const stage of this.#options.roster.stages(instances)) {
      if (stage.some(({ spec }) => spec.program?.kind === 'eventlistener')) await this.#toldAll();
      await Promise.all(
        stage.map(async (instance) => {
          // A start that came meanwhile is the later word.
          if (!this.isHalted(instance)) return;
          const stands = (): boolean => this.isHalted(instance);
          // A group that is wholly stopped gives up what it was about to try again (SV-40).
          const ending =
            over && instance.spec.program !== undefined ? instance.givingUp(stands) : instance.ending(stands);
          // Looking for what a child left behind takes longer than its end, and holds up no other group.
          cleared.push(ending.cleared);
          await ending.gone;
        }),
      );
    }
    await Promise.all(cleared);
  }

  /** Services of which nothing is to run are not wanted any more, so no request starts them. */
  #endHalted(instances: readonly Instance[]): void {
    const { services } = this.#options.roster;
    for (const name of new Set(instances.map(({ spec }) => spec.name))) {
      const service = services.get(name);
      if (service?.instances.every((instance) => this.isHalted(instance)) === true) service.end();
    }
  }

  /** From now on everything only ends. Supervision hears of it once. */
  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#awaited.clear();
    for (const instance of this.#waiting.all) this.#waiting.callOff(instance);
    for (const service of this.#options.roster.services.values()) service.end();
    for (const instance of this.#options.roster.all) instance.takeNoStart();
    this.#options.supervision.stoppingBegun();
  }

  /** Everything, group after group, as a person expects who says Ctrl-C (SV-41). Nothing can be started afterwards. */
  async stopInOrder(): Promise<void> {
    this.#end();
    const reports = reportWaits(this.#options);
    try {
      await this.#stopInStages(this.#options.roster.all, true);
    } finally {
      reports();
    }
  }

  /**
   * Everything stops within `graceMs`: in order as long as half of it lasts, then all at once, and what is left at
   * its end is killed, and not waited for for ever.
   */
  async shutdown(graceMs: number): Promise<void> {
    const { clock, roster } = this.#options;
    this.#end();
    const all = roster.all;
    const reports = reportWaits(this.#options);
    const stopAll = (): Promise<unknown> => Promise.all(all.map((instance) => instance.stop()));
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const timer of timers) timer.dispose();
        reports();
        resolve();
      };
      const timers = [
        clock.after(graceMs / 2, () => void stopAll().then(done)),
        clock.after(graceMs, () => this.killAll()),
        clock.after(graceMs + unkillableMs, done),
      ];
      void this.#stopInStages(all, true).then(done);
    });
  }

  /** SIGKILL to everything, now. */
  killAll(): void {
    // The process of one that is at rest is gone, and its number may be another's by now.
    for (const instance of this.#options.roster.all) if (!instance.isAtRest) instance.kill();
  }
}
