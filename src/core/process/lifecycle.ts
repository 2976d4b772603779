/**
 * Drives the state machine of one instance: keeps its state and its one timer, and performs what `step` orders.
 *
 * What happens while it performs is taken up afterwards, so that all who listen see the same order.
 */

import type { Disposable } from '../../base/disposable.ts';
import type { Clock } from '../outside.ts';
import { type ProcessState, stopped } from './state.ts';
import type { Policy, SignalTarget } from './policy.ts';
import { type ProcessEvent, step, type Step } from './step.ts';

export interface LifecycleActions {
  /** A state has been entered, and is stored. Not called where only the data of a state has changed. */
  entered(from: ProcessState, to: ProcessState, cause: ProcessEvent): void;
  spawn(): void;
  signal(name: string, to: SignalTarget): void;
  /** It is to take leave of its requests; `parted` is dispatched when it has. */
  part(): void;
  /** An event and all it led to are done with. */
  settled(): void;
}

export class Lifecycle {
  policy: Policy;
  readonly #clock: Clock;
  readonly #actions: LifecycleActions;
  readonly #events: ProcessEvent[] = [];
  #state: ProcessState = stopped;
  #timer: Disposable | undefined;
  #busy = false;

  constructor(policy: Policy, clock: Clock, actions: LifecycleActions) {
    this.policy = policy;
    this.#clock = clock;
    this.#actions = actions;
  }

  get state(): ProcessState {
    return this.#state;
  }

  /** It is in the middle of an event, so the state may only be passed through. */
  get isBusy(): boolean {
    return this.#busy;
  }

  /** What an event would lead to if it came now. */
  foresee(event: ProcessEvent): Step {
    return step(this.#state, event, this.policy, this.#clock.now());
  }

  dispatch(event: ProcessEvent): void {
    this.#events.push(event);
    if (this.#busy) return;
    this.#busy = true;
    const errors: unknown[] = [];
    for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
      this.#perform(next, errors);
    }
    this.#busy = false;
    this.#actions.settled();
    if (errors.length > 0) throw errors[0];
  }

  #perform(event: ProcessEvent, errors: unknown[]): void {
    const next = this.foresee(event);
    for (const state of next.states) {
      const from = this.#state;
      this.#state = state;
      if (from.kind === state.kind) continue;
      try {
        this.#actions.entered(from, state, event);
      } catch (error) {
        // Whoever listens may fail; the child is spawned, signalled and timed none the less.
        errors.push(error);
      }
    }
    for (const effect of next.effects) {
      switch (effect.kind) {
        case 'spawn':
          this.#actions.spawn();
          break;
        case 'signal':
          this.#actions.signal(effect.name, effect.to);
          break;
        case 'part':
          this.#actions.part();
          break;
        case 'arm':
          this.#timer?.dispose();
          this.#timer = this.#clock.after(Math.max(0, effect.at - this.#clock.now()), () => {
            this.#timer = undefined;
            this.dispatch({ kind: 'time' });
          });
          break;
        case 'disarm':
          this.#timer?.dispose();
          this.#timer = undefined;
          break;
      }
    }
  }

  /** It will be told the time by itself. */
  get isArmed(): boolean {
    return this.#timer !== undefined;
  }
}
