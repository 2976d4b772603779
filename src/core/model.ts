/**
 * What a running workspace looks like from outside, as plain JSON values.
 *
 * The core makes these, `protocol` carries them, and every face (tree, terminal, debugger) reads them.
 */

import type { DependencyCondition, LeftOut, ProfileName, RestartPolicy, RoleName } from '../config/spec.ts';
import type { RecipeDefinition } from '../config/registered.ts';
import type { Fault, Finding, Place, Problem } from '../faults/fault.ts';

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
  /** All of its output, or its stdout where stderr has a file of its own. */
  readonly logFile?: string;
  readonly errorLogFile?: string;
  /** Supervisor's name of it within its group. */
  readonly process: string;
  /** The group it is known under to Supervisor's tools: its service's own name where it is in no other. */
  readonly group: string;
  /** When it last started and last ended, in milliseconds since the epoch. */
  readonly startedAt?: number;
  readonly stoppedAt?: number;
  /** Why the last start failed, in Supervisor's words (spec 6.3, 6.4). */
  readonly spawnError?: string;
  /** A start was ordered and waits for these. The state is still the one before. */
  readonly waitingFor?: readonly WaitView[];
  /** Only while it runs, and only where the config says how to tell. */
  readonly health?: 'unknown' | 'healthy' | 'unhealthy';
  /** Its own address at the front door: `http://api.0.localhost:8080/`. */
  readonly url?: string;
  /** Absent until its first request. Told again at most once a second. */
  readonly traffic?: TrafficView;
  /** It is being stopped and still has so many requests to answer. */
  readonly draining?: number;
  /** It runs and gets no requests just now, and why: it refused connections, or its ready request is not answered yet. */
  readonly outOfService?: string;
  /** It is at rest because nobody wanted it, and starts with the next request. */
  readonly asleep?: true;
  /** In STARTING: what is done before there is a process (`go build`), since when, in milliseconds since the epoch. */
  readonly preparing?: { readonly title: string; readonly since: number };
}

/** What an instance did with requests. Times are in milliseconds. */
export interface TrafficView {
  /** Since it was created; answers of 500 and above, and none, are errors. */
  readonly requests: number;
  readonly errors: number;
  /** Under way now. */
  readonly busy: number;
  /** Over the last minute. */
  readonly perSecond: number;
  readonly median: number;
  readonly p95: number;
  readonly p99: number;
}

/** What a start waits for: `db`, `healthy`, `not healthy yet`. */
export interface WaitView {
  readonly service: string;
  readonly condition: DependencyCondition;
  /** Why it is not met, in words: `STARTING`, `not healthy`, `FATAL`. */
  readonly reason: string;
  /** It cannot be met without a person's doing: the service is at rest and will not start by itself. */
  readonly stuck: boolean;
}

export interface GroupView {
  readonly name: string;
  readonly source: Required<Place>;
  /** In start order. */
  readonly services: readonly string[];
}

export interface ServiceView {
  readonly name: string;
  /** Where it is defined. */
  readonly source: Required<Place>;
  readonly runtime: string;
  readonly handshake: string;
  readonly autostart: boolean;
  readonly group?: string;
  /** A worker or a job that ends by itself: it has no port and is not restarted after an expected exit. */
  readonly oneShot: boolean;
  readonly dependsOn: Readonly<Record<string, DependencyCondition>>;
  /** When it is started again after an exit, and which exit codes are expected; only for people to read. */
  readonly restart?: RestartPolicy;
  readonly exitCodes?: readonly number[];
  /** The front-door address, the same over restarts; absent while nothing is open or the service has no port. */
  readonly url?: string;
  /** Its name at the address for everything: `http://api.localhost:8080/`. */
  readonly namedUrl?: string;
  readonly role?: RoleName;
  readonly scaling?: 'manual' | 'basic' | 'automatic';
  /** It starts with the first request. */
  readonly onRequest?: true;
  /** Requests that wait for an instance. */
  readonly queue?: number;
  /** How its requests are treated; absent where all of that is as usual. */
  readonly treatment?: TreatmentView;
  /** The one port that the file fixes for its instances. */
  readonly fixedPort?: number;
  /** Its instances have a standard input that stays open, so that lines can be sent to them. */
  readonly takesInput?: true;
  readonly debuggable: boolean;
  /** Laid over the attach configuration when the config has a map under `debug`. */
  readonly debug?: Readonly<Record<string, unknown>>;
  readonly cwd: string;
  /** Faults of the service itself, such as a front-door port that is taken. */
  readonly faults: readonly Fault[];
  readonly instances: readonly InstanceView[];
}

/** What a service's definition says about its requests, each where it differs from the usual. Times are in milliseconds. */
export interface TreatmentView {
  readonly profile?: ProfileName;
  /** Requests that an instance handles at once at most, and how long others wait for one with room. */
  readonly concurrency?: number;
  readonly queueMs?: number;
  /** Who came once comes to the same instance again. */
  readonly affinity?: 'cookie';
  /** Most instances that requests can start. */
  readonly maxInstances?: number;
  /** Instances with nothing to do that are kept at least, and at most. */
  readonly idle?: { readonly least: number; readonly most: number };
  /** After so long without a request an instance is stopped. */
  readonly idleMs?: number;
  /** Only of a backend. */
  readonly backend?: { readonly failFast: boolean; readonly dynamic: boolean; readonly public: boolean };
}

/** What other extensions bring to recipes. All paths are absolute. */
export interface Equipment {
  /** Recipes of theirs, in place of all that were told before. */
  readonly recipes?: readonly RecipeDefinition[];
  /** Language → the interpreter that its extension has selected for the folder; `null`: none any more. */
  readonly interpreters?: Readonly<Record<string, string | null>>;
  /** Language → the folder in which its debugger's extension keeps what a child needs (debugpy). */
  readonly debuggers?: Readonly<Record<string, string | null>>;
}

/** What runs on this machine from one folder, for whoever looks at all of it. */
export interface Neighbour {
  readonly folder: string;
  readonly kind: 'window' | 'daemon' | 'up';
  readonly pid: number;
  /** Since the epoch. */
  readonly since: number;
  /** It is this very host. */
  readonly self: boolean;
  readonly frontDoor?: string;
  readonly services: readonly {
    readonly name: string;
    readonly url?: string;
    readonly running: number;
    readonly instances: number;
    /** Of its instances, those that are at rest and start with the next request; absent when none. */
    readonly asleep?: number;
  }[];
}

export interface Snapshot {
  /** Absolute path of the workspace folder. */
  readonly folder: string;
  readonly files: readonly string[];
  /** Absolute paths of what else was looked at, there or not: the config means something else once one changes. */
  readonly consulted?: readonly string[];
  readonly trusted: boolean;
  /** Told to a window that only shows what another host runs; absent where the host is its own. */
  readonly runBy?: { readonly kind: 'daemon' | 'other'; readonly pid?: number };
  readonly problems: readonly Problem[];
  readonly services: readonly ServiceView[];
  /** What the files name and what cannot be run for an error in them. Absent: none. */
  readonly leftOut?: readonly LeftOut[];
  /** Groups of more than one service, or named apart from their only one; in order of priority. */
  readonly groups: readonly GroupView[];
  /** Only where the config is a `supervisord.conf`. */
  readonly supervisor?: { readonly identifier: string; readonly logFile: string; readonly pid: number };
  /** The one address for everything, while it is open. */
  readonly frontDoor?: string;
  /** Faults of no single service, such as a front-door port that is taken; absent when there is none. */
  readonly faults?: readonly Fault[];
}

/** What is meant: everything (that autostarts, for `start`), one service, or one instance. */
export type Target =
  | { readonly kind: 'all' }
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'service'; readonly service: string }
  | { readonly kind: 'instance'; readonly instance: string }
  /** Several of these at once, in the order of their priorities, each instance once. */
  | { readonly kind: 'several'; readonly targets: readonly Target[] };

export interface StartOptions {
  /**
   * Start under the recipe's debugger; stays so over restarts until a start without it. An instance that runs
   * without a debugger is restarted under it; one that runs under it already goes on as it is.
   */
  readonly debug?: boolean;
  /**
   * What becomes of the services it depends on: `start` starts those that do not run and waits for them (the
   * default), `wait` only waits, `ignore` starts it anyway.
   */
  readonly needs?: 'start' | 'wait' | 'ignore';
}

/** What became of one instance in an order to several (SV-85). */
export interface Outcome {
  readonly instance: string;
  /** A fault code (`not-running`, `bad-signal`, `no-log` …) and its message; absent: done. */
  readonly fault?: { readonly code: string; readonly message: string };
}

/** A part of a log file. */
export interface LogPiece {
  readonly text: string;
  /** Where it begins and ends in the file, in bytes, and how large the file is. */
  readonly from: number;
  readonly to: number;
  readonly size: number;
}

/** Names of groups, as `reread` tells them. */
export interface GroupChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
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
      /** What compilers said of single lines; absent: nothing. */
      readonly findings?: readonly Finding[];
    }
  | {
      readonly event: 'build';
      readonly service: string;
      /** The one whose start asked for it first. */
      readonly instance: string;
      /** What is done: `go build`. */
      readonly title: string;
      readonly outcome: 'started' | 'done' | 'failed' | 'cancelled';
      /** Since it started; 0 when it has just. */
      readonly ms: number;
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
