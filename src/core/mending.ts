/**
 * Starts again, by itself, what could not be started because something was missing or would not build, once that has
 * changed; only what is still wanted.
 *
 * What a start hangs on is anywhere on the machine (a folder of the PATH, a file that is not there yet, and above it a
 * folder that is not there yet), so it is looked at again every second, as long as something stands in the way. Inputs
 * of a build that failed can be many, so they are watched; those that cannot be are looked at now and then.
 */

import type { Disposable } from '../base/disposable.ts';
import type { Instance } from './instance.ts';
import type { Clock, Watcher } from './outside.ts';
import type { Hindrance } from './process/planning.ts';
import type { Roster } from './roster.ts';
import type { BuildInputs } from './runtimes/recipe.ts';

export interface MendingOptions {
  readonly clock: Clock;
  readonly watcher: Watcher;
  readonly roster: Roster;
  /** A person is stopping it, or has stopped it. */
  readonly isHalted: (instance: Instance) => boolean;
  /** Starts these again, in order. */
  readonly again: (instances: readonly Instance[], reason: string) => void;
  /** A line for the journal. */
  readonly say: (text: string) => void;
}

const everyMs = 1_000;
/** Each look at all inputs of a build goes through a whole tree of files. */
const thoroughEveryMs = 5_000;
/** Editors write a file in several steps, and people several files. */
const settledMs = 100;

/** The hindrance of one instance. */
interface Case {
  readonly instance: Instance;
  readonly hindrance: Hindrance;
  watching: Disposable | undefined;
  timer: Disposable | undefined;
  /** Somebody is looking. */
  isLooking: boolean;
  /** Not all of its inputs are watched. */
  isUnwatched: boolean;
  /** When all its inputs were looked at last, and how often. */
  lookedAt: number;
  looks: number;
}

export class Mending {
  readonly #options: MendingOptions;
  readonly #cases = new Map<Instance, Case>();
  #considering = false;
  #over = false;

  constructor(options: MendingOptions) {
    this.#options = options;
  }

  /** Something stands in the way of a start that is wanted. */
  get isBusy(): boolean {
    const { roster, isHalted } = this.#options;
    return !this.#over && roster.instances.some((each) => each.hindrance !== undefined && !isHalted(each));
  }

  /** Something may stand in the way of a start now, or does not any more: looks once for all changes of one breath. */
  consider(): void {
    if (this.#considering || this.#over) return;
    this.#considering = true;
    queueMicrotask(() => {
      this.#considering = false;
      if (!this.#over) this.#review();
    });
  }

  dispose(): void {
    this.#over = true;
    for (const each of [...this.#cases.values()]) this.#close(each);
  }

  #review(): void {
    const { roster, isHalted } = this.#options;
    for (const each of [...this.#cases.values()]) {
      const { instance, hindrance } = each;
      const stands = instance.hindrance === hindrance && !isHalted(instance) && roster.all.includes(instance);
      if (!stands) this.#close(each);
    }
    for (const instance of roster.instances) {
      const { hindrance } = instance;
      if (hindrance === undefined || isHalted(instance) || this.#cases.has(instance)) continue;
      // Instances that wait for the same build start together.
      const isTold = [...this.#cases.values()].some((each) => isSame(each, instance, hindrance));
      if (!isTold) this.#open(instance, hindrance);
    }
  }

  #open(instance: Instance, hindrance: Hindrance): void {
    const each: Case = {
      instance,
      hindrance,
      watching: undefined,
      timer: undefined,
      isLooking: false,
      isUnwatched: false,
      lookedAt: Number.NEGATIVE_INFINITY,
      looks: 0,
    };
    this.#cases.set(instance, each);
    if (hindrance.kind === 'build-failed') this.#watch(each, hindrance.build.inputs);
    this.#lookIn(each, everyMs, false);
  }

  #watch(each: Case, { root, paths, ignore, beside = [] }: BuildInputs): void {
    each.isUnwatched = beside.length > 0;
    each.watching = this.#options.watcher.watch({
      root,
      paths,
      ignore,
      // Whoever watches the same files for a restart goes first, and then there is nothing left to do.
      changed: () => this.#lookIn(each, settledMs + (each.instance.spec.watch?.debounceMs ?? 0), true),
      failed: (reason) => {
        each.isUnwatched = true;
        this.#options.say(`files of ${each.instance.spec.name} cannot be watched: ${reason}`);
      },
    });
  }

  /** `thoroughly`: at all inputs of its build as well. */
  #lookIn(each: Case, ms: number, thoroughly: boolean): void {
    each.timer?.dispose();
    each.timer = this.#options.clock.after(ms, () => void this.#look(each, thoroughly));
  }

  async #look(each: Case, thoroughly: boolean): Promise<void> {
    // Whoever looks now may have begun before the change.
    if (each.isLooking) {
      this.#lookIn(each, settledMs, thoroughly);
      return;
    }
    each.isLooking = true;
    const isMended = await this.#isMended(each, thoroughly).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.say(`${each.instance.spec.name} cannot be looked at again: ${reason}`);
      return false;
    });
    each.isLooking = false;
    if (this.#cases.get(each.instance) !== each) return;
    if (isMended) this.#start(each);
    // Something may have changed meanwhile, and a look at that is due already.
    else if (each.timer === undefined) this.#lookIn(each, everyMs, false);
  }

  async #isMended(each: Case, thoroughly: boolean): Promise<boolean> {
    const { hindrance, isUnwatched, lookedAt, looks } = each;
    const now = this.#options.clock.now();
    each.timer = undefined;
    if (await hindrance.hasChanged()) return true;
    if (hindrance.kind === 'unfit') return false;
    // What changed in the midst of the build, or before the watcher had looked for the first time, nobody has told.
    const isDue = (isUnwatched || looks < 2) && now - lookedAt >= thoroughEveryMs;
    if (!thoroughly && !isDue) return false;
    each.lookedAt = now;
    each.looks += 1;
    return hindrance.wouldBuild();
  }

  #start(each: Case): void {
    const { roster, isHalted, again, say } = this.#options;
    this.#close(each);
    const meant = roster.instances.filter(
      (instance) =>
        !isHalted(instance) &&
        (instance === each.instance ||
          (instance.hindrance !== undefined && isSame(each, instance, instance.hindrance))),
    );
    const reason = 'what stood in its way has changed';
    say(`starting ${meant.map(({ name }) => name).join(', ')} again: ${reason}`);
    again(meant, reason);
  }

  #close(each: Case): void {
    this.#cases.delete(each.instance);
    each.watching?.dispose();
    each.timer?.dispose();
  }
}

/** Both wait for one build. */
function isSame({ instance, hindrance }: Case, other: Instance, its: Hindrance): boolean {
  return (
    hindrance.kind === 'build-failed' &&
    its.kind === 'build-failed' &&
    instance.spec.name === other.spec.name &&
    hindrance.build.id === its.build.id
  );
}
