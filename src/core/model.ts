/**
 * What a running workspace looks like from outside, as plain JSON values.
 *
 * The core makes these, `protocol` carries them, and every face (tree, terminal, debugger) reads them.
 */

import type { Fault, Place, Problem } from '../faults/fault.ts';

/** Supervisor's names (spec 6.1), everywhere a person sees them. */
export type StateName =
  | 'STOPPED'
  | 'STARTING'
  | 'RUNNING'
  | 'BACKOFF'
  | 'STOPPING'
  | 'EXITED'
  | 'FATAL'
  | 'UNKNOWN';

export interface ExitView {
  readonly code?: number;
  /** With `SIG`. */
  readonly signal?: string;
  readonly expected: boolean;
}

export interface InstanceView {
  /** `api.0`: unique within the workspace folder. */
  readonly name: string;
  readonly service: string;
  readonly index: number;
  readonly state: StateName;
  readonly pid?: number;
  readonly host?: string;
  readonly port?: number;
  /** When the present state was entered, in milliseconds since the epoch. */
  readonly since: number;
  /** The failed starts so far, in STARTING and BACKOFF. */
  readonly attempt?: number;
  /** In BACKOFF (and EXITED with a paced restart): when the next start is due, in milliseconds since the epoch. */
  readonly nextTryAt?: number;
  readonly exit?: ExitView;
  /** Why it is in this state, in words, where that is not plain from the state. */
  readonly reason?: string;
  /**
   * What stands against it. After an automatic restart it stays, as a warning, so that a crash is not
   * forgotten the moment the service is back; a person's start, stop or restart clears it.
   */
  readonly fault?: Fault;
  /** Where its debugger listens, once it does. */
  readonly inspector?: { readonly host: string; readonly port: number };
  readonly logFile?: string;
}

export interface ServiceView {
  readonly name: string;
  /** Where it is defined. */
  readonly source: Required<Place>;
  readonly runtime: string;
  readonly handshake: string;
  readonly autostart: boolean;
  readonly group?: string;
  /** The front-door address, the same over restarts; absent while nothing is open or the service has no port. */
  readonly url?: string;
  readonly debuggable: boolean;
  /** Laid over the attach configuration when the config has a map under `debug`. */
  readonly debug?: Readonly<Record<string, unknown>>;
  readonly cwd: string;
  /** Faults of the service itself, such as a front-door port that is taken. */
  readonly faults: readonly Fault[];
  readonly instances: readonly InstanceView[];
}

export interface Snapshot {
  /** Absolute path of the workspace folder. */
  readonly folder: string;
  readonly files: readonly string[];
  readonly trusted: boolean;
  readonly problems: readonly Problem[];
  readonly services: readonly ServiceView[];
  /** The one address for everything, while it is open. */
  readonly frontDoor?: string;
  /** Faults of no single service, such as a front-door port that is taken; absent when there is none. */
  readonly faults?: readonly Fault[];
}

/** What is meant: everything (that autostarts, for `start`), one service, or one instance. */
export type Target =
  | { readonly kind: 'all' }
  | { readonly kind: 'service'; readonly service: string }
  | { readonly kind: 'instance'; readonly instance: string };

export interface StartOptions {
  /**
   * Start under the recipe's debugger; stays so over restarts until a start without it. An instance that runs
   * without a debugger is restarted under it; one that runs under it already goes on as it is.
   */
  readonly debug?: boolean;
}

/** One object a line of `runtimes up --json`; the fields are a promise (see `docs/cli.md`). `at` is ISO 8601. */
export type RuntimeEvent = { readonly at: string } & EventBody;

export type EventBody =
  | {
      readonly event: 'config';
      readonly files: readonly string[];
      readonly services: readonly string[];
      readonly problems: number;
    }
  | {
      readonly event: 'state';
      readonly service: string;
      readonly instance: string;
      readonly from: StateName;
      readonly to: StateName;
      readonly pid?: number;
      readonly port?: number;
      readonly exit?: ExitView;
      readonly reason?: string;
      readonly attempt?: number;
    }
  | {
      readonly event: 'port';
      readonly instance: string;
      readonly host: string;
      readonly port: number;
      readonly handshake: string;
    }
  | {
      readonly event: 'log';
      readonly instance: string;
      readonly stream: 'stdout' | 'stderr';
      readonly line: string;
    }
  | {
      readonly event: 'fault';
      readonly code: string;
      readonly service?: string;
      readonly instance?: string;
      readonly message: string;
      readonly hint?: string;
      readonly evidence?: string;
      readonly places: readonly Place[];
    }
  | { readonly event: 'listening'; readonly what: string; readonly url: string }
  | {
      readonly event: 'request';
      readonly service: string;
      readonly instance?: string;
      readonly method: string;
      readonly path: string;
      readonly status: number;
      readonly ms: number;
    }
  | { readonly event: 'ready' }
  | { readonly event: 'stopped'; readonly clean: boolean };

/** Lines of one instance, for whoever follows it. */
export interface LogBatch {
  readonly instance: string;
  readonly lines: readonly LogLine[];
  /** Lines left out before these because there were more than a reader can take; all of them are in the log file. */
  readonly skipped: number;
}

export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** The stream: first a snapshot, then what changes. A reader keeps its snapshot current with `applyMessage`. */
export type RuntimeMessage =
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly kind: 'instance'; readonly instance: InstanceView }
  | { readonly kind: 'log'; readonly batch: LogBatch }
  | { readonly kind: 'event'; readonly event: RuntimeEvent };
