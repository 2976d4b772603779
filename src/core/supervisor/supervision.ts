/**
 * Supervision: the one object the runtime tells its happenings to. It makes Supervisor's events of them, keeps the
 * journal, and drives the pools of event listeners (spec 6.10 and 6.11).
 *
 * It decides nothing about processes: no state changes because of what is told here.
 */

import type { ServiceSpec } from '../../config/spec.ts';
import type { StateName } from '../model.ts';
import type { Child, Clock } from '../outside.ts';
import type { Journal, JournalLevel } from './journal.ts';

/** What supervision needs to know of an instance. */
export interface Supervised {
  /** `web.0`. */
  readonly name: string;
  /** Supervisor's name of it within its group. */
  readonly process: string;
  readonly group: string;
  /** The effective one: with what is this instance's own. */
  readonly spec: ServiceSpec;
  readonly stateName: StateName;
  readonly pid: number | undefined;
  /** Writes to the child's stdin. `none`: there is none that is open; `closed`: the child has closed it. */
  write(bytes: Uint8Array): 'written' | 'none' | 'closed';
}

/** What an event about a change of state tells besides the states. */
export interface TransitionNote {
  /** Of the child that the change is about, also when it is gone by now. */
  readonly pid?: number;
  /** The failed starts so far: `tries`. */
  readonly attempt?: number;
  /** Whether an exit was expected. */
  readonly expected?: boolean;
}

export interface SupervisionOptions {
  readonly clock: Clock;
  readonly journal: Journal;
  /** The supervisor's own name: `server` in an event's envelope. */
  identifier(): string;
}

export class Supervision {
  readonly #options: SupervisionOptions;

  constructor(options: SupervisionOptions) {
    this.#options = options;
  }

  /** Writes a line to the journal. */
  say(level: JournalLevel, text: string): void {
    this.#options.journal.say(level, text);
  }

  /** Called after the new state is stored (spec 6.2), before anything else hears of it. */
  moved(_instance: Supervised, _from: StateName, _to: StateName, _note: TransitionNote): void {}

  /** The child is born: listens to its bytes where events, capture or the listener protocol ask for it. */
  born(_instance: Supervised, _child: Child): void {}

  /** The child is gone and drained; called before the exit's state change (SV-37, SV-38). */
  gone(_instance: Supervised): void {}

  groupAdded(_name: string): void {}

  groupRemoved(_name: string): void {}

  /** Pools of event listeners follow the services that are there now. */
  arrange(
    _services: readonly { readonly spec: ServiceSpec; readonly instances: readonly Supervised[] }[],
  ): void {}

  /** SUPERVISOR_STATE_CHANGE_RUNNING. */
  runningBegun(): void {}

  /** SUPERVISOR_STATE_CHANGE_STOPPING, once. */
  stoppingBegun(): void {}

  /** REMOTE_COMMUNICATION (spec 6.13). */
  remote(_type: string, _data: string): void {}

  dispose(): void {}
}
