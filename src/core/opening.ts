/**
 * What has to be there before anything runs, and follows the config from then on: doors, pools of event listeners,
 * a place for logs that is cleared of old ones, and sockets to share, which are tried.
 *
 * Nothing of it is made for a workspace that is only looked at.
 */

import type { Config } from '../config/spec.ts';
import type { Fault } from '../faults/fault.ts';
import { fault } from '../faults/make.ts';
import type { FrontDoors } from './front-door.ts';
import type { LogFiles } from './log/files.ts';
import type { Logs } from './outside.ts';
import type { SocketClaims } from './process/socket-claims.ts';
import { noSocket } from './process/supervisor-words.ts';
import type { Roster } from './roster.ts';
import type { Supervision } from './supervisor/supervision.ts';
import { groupsOf } from './topology/groups.ts';

export interface OpeningOptions {
  readonly roster: Roster;
  readonly doors: FrontDoors;
  readonly supervision: Supervision;
  readonly files: LogFiles;
  readonly logs: Logs;
  /** Of the process we live in. */
  readonly pid: number;
  readonly sockets: SocketClaims;
  readonly frontDoor: () => Config['frontDoor'];
  /** Doors are open now, or cannot be opened. */
  readonly opened: () => void;
  readonly faulted: (fault: Fault) => void;
}

export class Opening {
  readonly #options: OpeningOptions;
  #beginning: Promise<void> | undefined;
  /** The sockets that were tried, as they were defined, by the service that shares them. */
  #tried: ReadonlyMap<string, string> = new Map();
  /** What is wrong with doors, as far as it was told, by content: each try finds the same anew. */
  #told: ReadonlyMap<string, Fault> = new Map();

  constructor(options: OpeningOptions) {
    this.#options = options;
  }

  /** Before each start: the first one finds everything in its place. */
  async begin(): Promise<void> {
    this.#beginning ??= this.#clearAway();
    await this.#beginning;
    await this.#open(false);
  }

  /** Services have come, changed or gone. `isReloaded`: the config was read anew, so what failed is tried again. */
  async follow(isReloaded: boolean): Promise<void> {
    if (this.#beginning === undefined) return;
    this.#arrange();
    await this.#trySockets();
    await this.#open(isReloaded);
  }

  async #clearAway(): Promise<void> {
    const { files, logs, pid, roster, supervision } = this.#options;
    for (const reason of await files.sweep(logs)) supervision.say('warn', reason);
    this.#arrange();
    await this.#trySockets();
    for (const { name } of groupsOf(roster.specs)) supervision.groupAdded(name);
    supervision.say('info', `supervisord started with pid ${pid}`);
    supervision.runningBegun();
  }

  #arrange(): void {
    this.#options.supervision.arrange([...this.#options.roster.services.values()]);
  }

  /** That a socket cannot be had is told before any process wants it (spec 6.12). */
  async #trySockets(): Promise<void> {
    const { roster, sockets, faulted } = this.#options;
    const before = this.#tried;
    const shared = [...roster.services.values()].flatMap(({ name, spec }) =>
      spec.program?.socket === undefined ? [] : [{ name, spec, socket: spec.program.socket }],
    );
    this.#tried = new Map(shared.map(({ name, socket }) => [name, JSON.stringify(socket)]));
    for (const { name, spec, socket } of shared) {
      if (before.get(name) === JSON.stringify(socket)) continue;
      try {
        await sockets.attempt(name, socket);
      } catch (error) {
        const text = noSocket(socket.url, error instanceof Error ? error.message : String(error));
        faulted(
          fault('no-socket', { text }, { service: name, places: [spec.keys['socket'] ?? spec.source] }),
        );
      }
    }
  }

  async #open(isReloaded: boolean): Promise<void> {
    const { doors, frontDoor, opened, faulted } = this.#options;
    await doors.arrange(frontDoor(), isReloaded);
    const before = this.#told;
    const now = new Map(this.#doorFaults().map((each) => [contentOf(each), each]));
    this.#told = now;
    for (const [content, each] of now) if (!before.has(content)) faulted(each);
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

/** Without where in the file it is asked for: that moves, and is no news. */
function contentOf({ code, service, message, hint }: Fault): string {
  return JSON.stringify([code, service, message, hint]);
}
