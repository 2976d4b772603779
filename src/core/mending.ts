/**
 * Starts again, by itself, what could not be started because something was missing or would not build, once that has
 * changed; only what is still wanted.
 *
 * What a start hangs on is anywhere on the machine (a folder of the PATH, a file that is not there yet, and above it a
 * folder that is not there yet), so it is looked at again every second, as long as something stands in the way. Inputs
 * of a build that failed are watched, since those can be many.
 */

import type { Disposable } from '../base/disposable.ts';
import type { Instance } from './instance.ts';
import type { Clock, Watcher } from './outside.ts';
import type { Hindrance } from './process/planning.ts';
import type { Roster } from './roster.ts';

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
      this.#open(instance, hindrance);
    }
  }

  #open(instance: Instance, hindrance: Hindrance): void {
    const each: Case = { instance, hindrance, watching: undefined, timer: undefined, isLooking: false };
    this.#cases.set(instance, each);
    if (hindrance.kind === 'build-failed') this.#watch(each, hindrance.build.inputs);
    this.#lookIn(each, everyMs);
  }

  #watch(
    each: Case,
    { root, paths, ignore }: { root: string; paths: readonly string[]; ignore: readonly string[] },
  ): void {
    each.watching = this.#options.watcher.watch({
      root,
      paths,
      ignore,
      // Whoever watches the same files for a restart goes first, and then there is nothing left to do.
      changed: () => this.#lookIn(each, settledMs + (each.instance.spec.watch?.debounceMs ?? 0)),
      // It is looked at all the same, only later.
      failed: (reason) =>
        this.#options.say(`files of ${each.instance.spec.name} cannot be watched: ${reason}`),
    });
  }

  #lookIn(each: Case, ms: number): void {
    each.timer?.dispose();
    each.timer = this.#options.clock.after(ms, () => void this.#look(each));
  }

  async #look(each: Case): Promise<void> {
    if (each.isLooking) return;
    each.isLooking = true;
    const isMended = await each.hindrance.mended();
    each.isLooking = false;
    if (this.#cases.get(each.instance) !== each) return;
    if (!isMended) {
      this.#lookIn(each, everyMs);
      return;
    }
    this.#close(each);
    this.#options.say(`starting ${each.instance.name} again: what stood in its way has changed`);
    this.#options.again([each.instance], 'what stood in its way has changed');
  }

  #close(each: Case): void {
    this.#cases.delete(each.instance);
    each.watching?.dispose();
    each.timer?.dispose();
  }
}
