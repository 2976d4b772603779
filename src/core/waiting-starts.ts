/**
 * Starts that have to wait for others: keeps them, and lets each go once what it depends on has come far enough. The
 * instance's state does not know of it.
 *
 * Who is to start at all, and what has to start besides, is not decided here.
 */

import type { Fault } from '../faults/fault.ts';
import { fault } from '../faults/make.ts';
import type { Instance } from './instance.ts';
import type { WaitView } from './model.ts';
import type { Roster } from './roster.ts';
import { inWords, type Known, waitsIn, wayOut } from './topology/dependencies.ts';
import { inStartOrder } from './topology/order.ts';

export interface WaitingStartsOptions {
  readonly roster: Roster;
  readonly faulted: (fault: Fault) => void;
}

interface Waiting {
  /** Lets it go. */
  readonly go: () => void;
  waits: readonly WaitView[];
  fault: Fault | undefined;
}

export class WaitingStarts {
  readonly #options: WaitingStartsOptions;
  readonly #waiting = new Map<Instance, Waiting>();
  #reviewing = false;

  constructor(options: WaitingStartsOptions) {
    this.#options = options;
  }

  has(instance: Instance): boolean {
    return this.#waiting.has(instance);
  }

  get all(): readonly Instance[] {
    return [...this.#waiting.keys()];
  }

  /** Whatever waits, waits in vain. */
  get areStuck(): boolean {
    if (this.#waiting.size === 0) return true;
    const waitsOf = waitsIn(this.known());
    return this.all.every((instance) => waitsOf(instance.spec.name).some((wait) => wait.stuck));
  }

  /** To be looked at with the next `review`. */
  add(instance: Instance, go: () => void): void {
    this.#waiting.set(instance, { go, waits: [], fault: undefined });
  }

  /** Without a word to those who watch. */
  delete(instance: Instance): void {
    this.#waiting.delete(instance);
  }

  callOff(instance: Instance): void {
    const waiting = this.#waiting.get(instance);
    // What was found out before a person's order is past, too.
    const isPast = instance.fault?.code === 'unhealthy';
    this.#waiting.delete(instance);
    if (isPast || (waiting !== undefined && (waiting.waits.length > 0 || waiting.fault !== undefined)))
      instance.note({ waitingFor: undefined, fault: undefined });
  }

  /** What it would have to wait for now. */
  waitsOf(instance: Instance): readonly WaitView[] {
    if (Object.keys(instance.spec.dependsOn).length === 0) return [];
    return waitsIn(this.known())(instance.spec.name);
  }

  known(): ReadonlyMap<string, Known> {
    return this.#options.roster.known((instance) => this.#waiting.has(instance));
  }

  /** Something may have come far enough, or never will: looks once for all changes of one breath. */
  consider(): void {
    if (this.#reviewing || this.#waiting.size === 0) return;
    this.#reviewing = true;
    // In the midst of a change an instance may be in a state that it only passes through.
    queueMicrotask(() => {
      this.#reviewing = false;
      this.review();
    });
  }

  /** Lets go whoever does not have to wait any more. */
  review(): void {
    let waitsOf = waitsIn(this.known());
    for (let again = true; again;) {
      again = false;
      for (const instance of inStartOrder(this.all)) {
        const waiting = this.#waiting.get(instance);
        if (waiting === undefined || waitsOf(instance.spec.name).length > 0) continue;
        this.callOff(instance);
        waiting.go();
        waitsOf = waitsIn(this.known());
        again = true;
      }
    }
    for (const [instance, waiting] of this.#waiting)
      this.#show(instance, waiting, waitsOf(instance.spec.name));
  }

  /** Lets everybody see what a start waits for, and that it waits in vain. */
  #show(instance: Instance, waiting: Waiting, waits: readonly WaitView[]): void {
    if (JSON.stringify(waits) === JSON.stringify(waiting.waits)) return;
    waiting.waits = waits;
    const before = waiting.fault;
    waiting.fault = failureOf(instance, waits);
    instance.note({ waitingFor: waits, fault: waiting.fault });
    const { fault: raised } = waiting;
    if (raised === undefined || raised.message === before?.message) return;
    // The instances of a service wait for the same, and one of them says it.
    const said = [...this.#waiting].some(
      ([other, { fault: its }]) =>
        other !== instance && other.spec.name === instance.spec.name && its?.message === raised.message,
    );
    if (!said) this.#options.faulted(raised);
  }
}

function failureOf(instance: Instance, waits: readonly WaitView[]): Fault | undefined {
  const stuck = waits.filter((wait) => wait.stuck);
  if (stuck.length === 0) return undefined;
  const place = instance.spec.keys['dependsOn'] ?? instance.spec.source;
  return fault(
    'dependency-failed',
    { service: instance.spec.name, waits: inWords(stuck), way: wayOut(instance.spec.name, stuck) },
    { service: instance.spec.name, instance: instance.name, places: [place] },
  );
}
