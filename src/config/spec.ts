/** What a config file comes down to: services with every default filled in. Plain data. */

import type { Place, Problem } from '../faults/fault.ts';

export type HandshakeName = 'port' | 'discover' | 'none' | 'stdout' | 'file' | 'reverse' | 'reverse-no-file';
export type BalanceName = 'round-robin' | 'least-busy' | 'first-free';
export type ProfileName = 'plain' | 'appengine';
export type RestartPolicy = 'never' | 'unexpected' | 'always';
export type DependencyCondition = 'started' | 'ready' | 'healthy' | 'exited';

/** How we learn that an instance is ready (or healthy). Times are in milliseconds. */
export interface Check {
  /** Connects to the instance's port. */
  readonly tcp?: true;
  /** A path on the instance's port that must answer below 400. */
  readonly http?: string;
  /** A regular expression that a line of output must match; a group named or numbered 1 is the port for `discover`. */
  readonly log?: string;
  /** A command that must exit with 0. */
  readonly exec?: readonly string[];
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly failures: number;
}

export interface LogFileSpec {
  readonly path: string;
  readonly maxBytes: number;
  readonly backups: number;
}

export interface ServiceSpec {
  readonly name: string;
  /** Where the service's name stands. Problems of the whole service point here. */
  readonly source: Required<Place>;
  /** Where single keys stand (`command`, `port`, `handshake`, `publish` …), for problems about them. */
  readonly keys: Readonly<Record<string, Required<Place>>>;
  /** argv when no shell runs; the single text when one does. Never empty. */
  readonly command: readonly string[];
  readonly shell: boolean | string;
  readonly runtime: string;
  /** Absolute. */
  readonly cwd: string;
  /** Added to the inherited environment: global env, env files, the service's own env, in rising order. */
  readonly env: Readonly<Record<string, string>>;
  readonly handshake: HandshakeName;
  readonly port: number | 'auto';
  readonly publish: number | 'auto';
  readonly instances: number;
  readonly balance: BalanceName;
  readonly profile: ProfileName;
  readonly autostart: boolean;
  readonly dependsOn: Readonly<Record<string, DependencyCondition>>;
  readonly ready?: Check;
  readonly health?: Check;
  readonly restart: RestartPolicy;
  readonly startMs: number;
  readonly startRetries: number;
  readonly exitCodes: readonly number[];
  /** Without `SIG`: `TERM`, `INT` … */
  readonly stopSignal: string;
  readonly stopMs: number;
  readonly priority: number;
  readonly watch?: {
    readonly paths: readonly string[];
    readonly ignore: readonly string[];
    readonly debounceMs: number;
    readonly cascade: boolean;
  };
  readonly logFile?: LogFileSpec;
  /** `false`: no debugging; `true`: the recipe's way; a map: laid over the attach configuration. */
  readonly debug: boolean | Readonly<Record<string, unknown>>;
  readonly group?: string;
}

export interface FrontDoorSpec {
  readonly host: string;
  readonly port: number | 'auto';
  /** Path prefix → service. Longest prefix wins. */
  readonly routes: Readonly<Record<string, string>>;
  /** Where it stands in the file, if it does. */
  readonly source?: Required<Place>;
}

export interface Config {
  /** Absolute paths, in the order they were laid over each other. */
  readonly files: readonly string[];
  readonly services: readonly ServiceSpec[];
  readonly frontDoor: FrontDoorSpec;
  readonly problems: readonly Problem[];
}
