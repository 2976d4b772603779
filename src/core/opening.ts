/**
 * What has to be there before anything runs, and follows the config from then on: doors, pools of event listeners,
 * and a place for logs that is cleared of old ones.
 *
 * Nothing of it is made for a workspace that is only looked at.
 */

import type { Config } from '../config/spec.ts';
import type { Fault } from '../faults/fault.ts';
import type { FrontDoors } from './front-door.ts';
import type { LogFiles } from './log/files.ts';
import type { Logs } from './outside.ts';
import type { Roster } from './roster.ts';
import type { Supervision } from './supervisor/supervision.ts';
import { groupsOf } from './topology/groups.ts';

export interface OpeningOptions {
  readonly roster: Roster;
  readonly doors: FrontDoors;
  readonly supervision: Supervision;
  readonly files: LogFiles;
  readonly logs: Logs;
  readonly frontDoor: () => Config['frontDoor'];
  /** Doors are open now, or cannot be opened. */
  readonly opened: () => void;
  readonly faulted: (fault: Fault) => void;
}

export class Opening {
  readonly #options: OpeningOptions;
  #beginning: Promise<void> | undefined;

  constructor(options: OpeningOptions) {
    this.#options = options;
  }

  /** Before each start: the first one finds everything in its place. */
  async begin(): Promise<void> {
    this.#beginning ??= this.#clearAway();
    await this.#beginning;
    await this.#open();
  }

  /** Services have come, changed or gone. */
  async follow(): Promise<void> {
    if (this.#beginning === undefined) return;
    this.#arrange();
    await this.#open();
  }

  async #clearAway(): Promise<void> {
    const { files, logs, roster, supervision } = this.#options;
    for (const reason of await files.sweep(logs)) supervision.say('warn', reason);
    this.#arrange();
    for (const { name } of groupsOf(roster.specs)) supervision.groupAdded(name);
    supervision.runningBegun();
  }

  #arrange(): void {
    this.#options.supervision.arrange([...this.#options.roster.services.values()]);
  }

  async #open(): Promise<void> {
    const { doors, frontDoor, opened, faulted } = this.#options;
    const told = new Set(this.#doorFaults());
    await doors.arrange(frontDoor());
    for (const each of this.#doorFaults()) if (!told.has(each)) faulted(each);
    opened();
  }

  #doorFaults(): readonly Fault[] {
    const { doors, roster } = this.#options;
    const own = [...roster.services.values()].flatMap((service) => service.faults);
    return doors.fault === undefined ? own : [doors.fault, ...own];
  }

  /** The addresses of services, as far as they are open. */
  urls(): Readonly<Record<string, string>> {
    const urls: Record<string, string> = {};
    for (const name of this.#options.roster.services.keys()) {
      const url = this.#options.doors.urlOf(name);
      if (url !== undefined) urls[name] = url;
    }
    return urls;
  }
}
