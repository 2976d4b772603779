/**
 * The only door to a running workspace: a handful of async methods and one stream of messages.
 *
 * Every value is plain JSON, so that the door may be a function call, a worker's port or a socket.
 */

import type { Disposable } from '../base/disposable.ts';
import type { LogBatch, RuntimeMessage, StartOptions, Target } from '../core/model.ts';

export type {
  ExitView,
  InstanceView,
  LogBatch,
  RuntimeEvent,
  RuntimeMessage,
  ServiceView,
  Snapshot,
  StartOptions,
  StateName,
  Target,
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
  /** Stops everything within `graceMs` (SIGKILL after that), closes the doors. */
  shutdown(graceMs: number): Promise<void>;
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
