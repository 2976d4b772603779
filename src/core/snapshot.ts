/** The whole workspace as a reader of the stream sees it first. */

import type { Config } from '../config/spec.ts';
import type { FrontDoors } from './front-door.ts';
import type { LogFiles } from './log/files.ts';
import type { Snapshot } from './model.ts';
import type { Roster } from './roster.ts';
import { groupViews } from './topology/groups.ts';

export interface Shown {
  readonly folder: string;
  readonly trusted: boolean;
  /** Of the process we live in, as Supervisor's tools are told it. */
  readonly pid: number;
  readonly config: Config;
  readonly roster: Roster;
  readonly doors: FrontDoors;
  readonly logs: LogFiles;
}

export function snapshotOf({ folder, trusted, pid, config, roster, doors, logs }: Shown): Snapshot {
  const { url: frontDoor, fault } = doors;
  // One that ran before its definition was broken still has a row of its own.
  const leftOut = (config.leftOut ?? []).filter(({ name }) => !roster.services.has(name));
  return {
    folder,
    files: config.files,
    ...(config.consulted === undefined ? {} : { consulted: config.consulted }),
    trusted,
    problems: config.problems,
    services: [...roster.services.values()].map((service) => service.view(doors.addressesOf(service))),
    ...(leftOut.length === 0 ? {} : { leftOut }),
    groups: groupViews({ ...config, services: roster.specs }),
    ...(config.supervisor === undefined
      ? {}
      : { supervisor: { identifier: logs.identifier, logFile: logs.main().path, pid } }),
    ...(frontDoor === undefined ? {} : { frontDoor }),
    ...(fault === undefined ? {} : { faults: [fault] }),
  };
}
