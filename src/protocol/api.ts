/**
 * The only door to a running workspace: a handful of async methods and one stream of messages.
 *
 * Every value is plain JSON, so that the door may be a function call, a worker's port or a socket.
 */

import type { Disposable } from '../base/disposable.ts';
import type { ServiceSpec } from '../config/spec.ts';
export type { LeftOut } from '../config/spec.ts';
import type {
  Equipment,
  GroupChanges,
  LogBatch,
  LogPiece,
  Neighbour,
  Outcome,
  RuntimeMessage,
  StartOptions,
  Target,
} from '../core/model.ts';

export type {
  Equipment,
  ExitView,
  GroupChanges,
  GroupView,
  InstanceView,
  LogBatch,
  LogPiece,
  Neighbour,
  Outcome,
  RuntimeEvent,
  RuntimeMessage,
  ServiceView,
  Snapshot,
  StartOptions,
  StateName,
  Target,
  TrafficView,
} from '../core/model.ts';

export interface RuntimeApi {
  /** Sends the present snapshot first, at once, then every message. `log` messages only for followed instances; `log` and `request` events never. */
  subscribe(listener: (message: RuntimeMessage) => void): Disposable;
  /**
   * Reads the config files again and applies the difference: unchanged instances keep running, changed ones
   * restart, removed ones stop.
   */
  reload(): Promise<void>;
  /** Returns when the start has been ordered, not when it is RUNNING. Rejects with a FaultError's message when nothing may run. */
  start(target: Target, options?: StartOptions): Promise<void>;
  /** Returns when everything meant is in a stopped state and no process of it is left. */
  stop(target: Target): Promise<void>;
  /** Stops, then starts; returns when the start has been ordered. */
  restart(target: Target): Promise<void>;
  /** From the next start on, things may run. */
  trust(): Promise<void>;
  /** The last lines of one instance, at most `lines`, and from now on its `log` messages. Following twice is following once. */
  follow(instance: string, lines: number): Promise<LogBatch>;
  unfollow(instance: string): Promise<void>;
  /** Sends a signal (`HUP`, `SIGHUP`, `1`) to the first process of each instance that has one; changes no state (spec 6.5). */
  signal(target: Target, name: string): Promise<readonly Outcome[]>;
  /** Writes to an instance's stdin (SV-89). Rejects where it has none that is open. */
  sendInput(instance: string, text: string): Promise<void>;
  /** How many instances a service has from now on, until its config changes. */
  scale(service: string, instances: number): Promise<void>;
  /**
   * Has an instance of a service with `scaling` begin a background thread (spec 3.4): sends it `GET /_ah/background` with
   * this id. Returns once that is sent; the thread may go on for hours. Rejects with the reason where none begins.
   */
  background(instance: string): Promise<{ readonly id: string }>;
  /** Whether the command could be run at all, without running it (SV-83): undefined when it can. */
  examine(instance: string): Promise<Unrunnable | undefined>;
  /** A part of an instance's log, or of the main log without an instance. Undefined when there is no such file. */
  readLog(request: LogRequest): Promise<LogPiece | undefined>;
  /** Empties the logs of what is meant, or the main log. */
  clearLogs(target: Target | 'main'): Promise<readonly Outcome[]>;
  /** Opens all log files again by their names. */
  reopenLogs(): Promise<void>;
  /** Reads the config files and tells what `addGroup` and `removeGroup` would change; changes nothing itself (SV-90). Rejects when the files have errors. */
  compare(): Promise<GroupChanges>;
  /** Takes a group of the config last compared into the running workspace, and starts what autostarts (SV-92). */
  addGroup(group: string): Promise<void>;
  /** Takes a group that is wholly at rest out of the running workspace (SV-92). */
  removeGroup(group: string): Promise<void>;
  /** Everything that the config last read or compared names, in use or not: what `avail` tells. */
  configured(): Promise<readonly ConfiguredService[]>;
  /** Tells event listeners of a REMOTE_COMMUNICATION event (spec 6.10). */
  sendEvent(type: string, data: string): Promise<void>;
  /** What the editor's extensions know; laid over what was told before, key by key. Config files are read again where that changes them. */
  equip(equipment: Equipment): Promise<void>;
  /** All hosts of this user on this machine, this one among them, by folder. */
  neighbours(): Promise<readonly Neighbour[]>;
  /** Stops everything within `graceMs` (SIGKILL after that), closes the doors. */
  shutdown(graceMs: number): Promise<void>;
}

/** A service as the config has it, whether or not it is part of the running workspace. */
export interface ConfiguredService {
  readonly group: string;
  readonly groupPriority: number;
  /** Its group is part of the running workspace. */
  readonly inUse: boolean;
  readonly spec: ServiceSpec;
}

/** Why a command cannot be run. */
export interface Unrunnable {
  /** One of `SpawnFailureCause`. */
  readonly cause?: string;
  readonly reason: string;
}

export interface LogRequest {
  /** Absent: the main log. */
  readonly instance?: string;
  /** `stdout` without it; where both go to one file, it is that file. */
  readonly stream?: 'stdout' | 'stderr';
  /** In bytes; negative: so many before the end. */
  readonly offset: number;
  /** In bytes, at most 1 MiB; 0: to the end, as far as that goes. */
  readonly length: number;
}

/** What a runtime host is told when it is started (a worker's `workerData`). */
export interface HostOptions {
  /** Absolute path of the workspace folder. */
  readonly folder: string;
  /** A folder of ours for log files and remembered ports; made when it is missing. */
  readonly storage: string;
  readonly trusted: boolean;
  /** The config file that a person chose; else the folder's own is found. */
  readonly file?: string;
}
