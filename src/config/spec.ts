/** What a config file comes down to: services with every default filled in. Plain data. */

import type { Place, Problem } from '../faults/fault.ts';
import type { RowName } from './formats/appengine/runtimes.ts';

export type HandshakeName = 'port' | 'discover' | 'none' | 'stdout' | 'file' | 'reverse' | 'reverse-no-file';
export type BalanceName = 'round-robin' | 'least-busy' | 'first-free';
export type ProfileName = 'plain' | 'appengine';
export type RestartPolicy = 'never' | 'unexpected' | 'always';
export type DependencyCondition = 'started' | 'ready' | 'healthy' | 'exited';

export type AffinityName = 'none' | 'cookie';

/**
 * How many instances there are and when they run (spec 3.8 to 3.10). Times are in milliseconds.
 *
 * Without it a service has a fixed number of instances that run while the service does.
 */
export type ScalingSpec =
  | { readonly kind: 'manual' }
  | { readonly kind: 'basic'; readonly maxInstances: number; readonly idleMs: number }
  | {
      readonly kind: 'automatic';
      readonly minPendingMs: number;
      /** Read and never used, as in the reference. */
      readonly maxPendingMs: number;
      readonly minIdle: number;
      readonly maxIdle: number;
      readonly maxInstances: number;
      /** How peak load divided by an instance's concurrency becomes a number of instances: the reference rounds down. */
      readonly rounding: 'down' | 'up';
    };

/** How requests to a service's instances are treated, whatever the profile. Times are in milliseconds; 0: no limit. */
export interface RequestSpec {
  /** Requests that an instance handles at once at most; absent: no limit. */
  readonly concurrency?: number;
  /** How long a request waits for an instance with room before it is answered with 503. */
  readonly queueMs: number;
  readonly affinity: AffinityName;
  /** How long an instance that is being stopped may go on with the requests it has, before its stop signal. */
  readonly drainMs: number;
  /** How long connecting to an instance may take. */
  readonly connectMs: number;
  /** How long an instance may take to begin its answer. */
  readonly responseMs: number;
  /** How long an exchange may be silent in the middle of its bodies. Upgrades and event streams are exempt. */
  readonly silenceMs: number;
  /** A request finds no instance running: it is started, and the request waits. */
  readonly startOnRequest: boolean;
  /** An instance that had no request for so long is stopped until the next one, whether or not the first one started it. */
  readonly idleMs?: number;
}

/** A URL handler of an App Engine application (spec 2.1). The first whose pattern matches the whole path has the request. */
export interface HandlerSpec {
  /** A regular expression without `^` and `$`, as the file has it. */
  readonly url: string;
  readonly serves:
    /** The child. `script` may use groups of the match (`\\1`); absent: no script header. */
    | { readonly kind: 'script'; readonly script?: string }
    /** A file by a path that may use groups of the match; `upload` says which files there are. */
    | { readonly kind: 'static-files'; readonly path: string; readonly upload?: string }
    | { readonly kind: 'static-dir'; readonly folder: string };
  readonly login: 'optional' | 'required' | 'admin';
  readonly onAuthFail: 'redirect' | 'unauthorized';
  readonly secure: 'optional' | 'always' | 'never';
  readonly redirectCode: 301 | 302 | 303 | 307;
  /** Only for static files. */
  readonly mimeType?: string;
  readonly httpHeaders: Readonly<Record<string, string>>;
  /** Seconds; absent: the application's default. */
  readonly expirationSeconds?: number;
  /** Static files: what leads to none of them is left to the next handler, instead of 404. */
  readonly requireMatchingFile?: true;
  readonly source: Required<Place>;
}

export interface ErrorHandlerSpec {
  /** Absent or `default`: the one that is used (HP-17). */
  readonly code?: string;
  /** As written, relative to the application's root. */
  readonly file: string;
  readonly source: Required<Place>;
}

/** What only an `app.yaml` says about a service (spec section 4). */
export interface ProjectSpec {
  /** Absolute. */
  readonly file: string;
  /** As written: `python312`, `go122`, `java8`. With `runtime: vm` the effective one (RT-2). */
  readonly runtime: string;
  readonly environment: 'standard' | 'flexible';
  /** Its variables are those of a virtual machine as well (RP-41). */
  readonly vm: boolean;
  readonly threadsafe: boolean;
  /** What the instance class gives. */
  readonly memoryMb: number;
  /** The version as written; absent: none is, and the time of the start stands for it. */
  readonly majorVersion?: string;
  /** The project's name outside of the local server (RT-12); absent: none is known. */
  readonly externalName?: string;
  /** The row of the reference's tables that holds for it; absent: the one of its name. See `formats/appengine/runtimes.ts`. */
  readonly row?: RowName;
  /** As written, for a shell; absent: the recipe's own. */
  readonly entrypoint?: string;
  /** The folder of the main package, as written (Go). */
  readonly main?: string;
  /** Regular expressions of files that are no part of it. */
  readonly skipFiles: readonly string[];
  readonly noBuildFiles: readonly string[];
}

/** What is special about a service with `profile: appengine` (spec section 2). */
export interface AppEngineSpec {
  /** Absolute: handler files and error handlers are relative to it. */
  readonly root: string;
  /** Its name as a module; services are modules. */
  readonly module: string;
  readonly version: string;
  readonly application: string;
  /** None: everything goes to the child, without a script. */
  readonly handlers: readonly HandlerSpec[];
  readonly errorHandlers: readonly ErrorHandlerSpec[];
  /** Such as `warmup`. */
  readonly inboundServices: readonly string[];
  readonly defaultExpirationSeconds?: number;
  /** The names of internal headers: `X-Appengine-…` and `X-Appengine-Dev-…`, or `X-Appengine-Internal-…` (spec 2.3, A and B). */
  readonly dialect: 'dev' | 'internal';
  /** Whose of its instances restart on a file's change with automatic scaling (spec 3.12). */
  readonly restartOnChange: 'always' | 'after-first-request' | 'never';
  readonly backgroundThreads: number;
  /** The scripts that requests of our own name where no handler has them (spec 4.1). */
  readonly scripts?: { readonly start: string; readonly warmup: string };
  /** Where the service comes from an `app.yaml`. */
  readonly project?: ProjectSpec;
}

/** Which scripts a FastCGI program is asked for. */
export interface FastCgiSpec {
  /** Absolute: the folder that scripts are in. */
  readonly root: string;
  /** Relative to it: has the requests that are for no script of their own. */
  readonly index: string;
}

/** How a service is built before it starts, where the file says so itself. */
export interface BuildSpec {
  /** argv. */
  readonly command: readonly string[];
  /** Globs relative to the service's folder: a change of one of these asks for another build. */
  readonly inputs: readonly string[];
  /** Absolute; while one of these is missing, it has to be built. */
  readonly outputs: readonly string[];
}

/** A service that is a backend of an application (spec section 5). */
export interface BackendSpec {
  readonly name: string;
  readonly class: 'B1' | 'B2' | 'B4' | 'B8' | 'B4_1G';
  readonly public: boolean;
  readonly dynamic: boolean;
  /** Answers 503 at once while it is busy, instead of queueing. */
  readonly failFast: boolean;
  /** From 1, in the order of the file. */
  readonly index: number;
}

/** What a service is besides an ordinary one. */
export type RoleName = 'service' | 'api-server' | 'app' | 'backend';

/** A rule of `dispatch.yaml`: the first that matches decides (spec 3.13). */
export interface DispatchRule {
  /** As written: a host and a path, in which a star stands at the ends: `api.example.com/v1`. */
  readonly url: string;
  readonly service: string;
  readonly source: Required<Place>;
}

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

/** Where one stream of one process of a program is written (spec 6.7 and 6.9). */
export type LogTarget =
  | { readonly kind: 'file'; readonly path: string; readonly maxBytes: number; readonly backups: number }
  /** A file of ours, named by the pattern of spec 6.9. */
  | { readonly kind: 'auto'; readonly maxBytes: number; readonly backups: number }
  | { readonly kind: 'none' };

/** One stream of a program. */
export interface StreamSpec {
  readonly log: LogTarget;
  /** Size of the capture buffer in bytes; 0: the tokens are ordinary output. */
  readonly captureBytes: number;
  /** PROCESS_LOG events are made of what it prints. */
  readonly events: boolean;
}

/** One process of a program: what may differ between the processes of one section. */
export interface ProcessSpec {
  /** Expanded `process_name`; unique within the group. */
  readonly name: string;
  /** argv; empty when `unrunnable` says why there is none. */
  readonly command: readonly string[];
  /** What the supervisor would say at each start of a command that cannot be parsed (SV-3). */
  readonly unrunnable?: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdout: StreamSpec;
  readonly stderr: StreamSpec;
}

/** What only a `supervisord.conf` says about a service (spec 6.7). Everything else is in `ServiceSpec`. */
export interface ProgramSpec {
  readonly kind: 'program' | 'eventlistener' | 'fcgi-program';
  /** One for each instance, in the order of the instances. */
  readonly processes: readonly [ProcessSpec, ...ProcessSpec[]];
  /** The group it belongs to, and that group's own priority. */
  readonly group: string;
  readonly groupPriority: number;
  readonly stopAsGroup: boolean;
  readonly killAsGroup: boolean;
  readonly redirectStderr: boolean;
  readonly stripAnsi: boolean;
  /** As it is to be set: `0o22`. */
  readonly umask?: number;
  /** A name or a uid, as written. */
  readonly user?: string;
  /** `SUPERVISOR_SERVER_URL`; absent: there is none. */
  readonly serverUrl?: string;
  readonly listener?: { readonly events: readonly string[]; readonly bufferSize: number };
  readonly socket?: SocketSpec;
}

/** The one listening socket that all processes of a FastCGI group share as descriptor 0 (spec 6.12). */
export interface SocketSpec {
  /** As the supervisor writes it: `tcp://127.0.0.1:9000`, `unix:///run/php.sock`. */
  readonly url: string;
  readonly at:
    | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
    | { readonly kind: 'unix'; readonly path: string; readonly owner?: string; readonly mode: number };
  /** 1 to 65535; absent: the system's maximum. */
  readonly backlog?: number;
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
  /** Nobody wrote the command: it was proposed, for this reason (`package.json has a script "dev"`). */
  readonly proposed?: string;
  /** The interpreter or compiler that the file names: a program or a path; absent: the recipe finds one. */
  readonly interpreter?: string;
  /** `false`: never built; absent: as the recipe does. */
  readonly build?: BuildSpec | false;
  /** The service speaks FastCGI at its port: `php-cgi`. */
  readonly fastcgi?: FastCgiSpec;
  /** Absolute. */
  readonly cwd: string;
  /** Added to the inherited environment: global env, env files, the service's own env, in rising order. */
  readonly env: Readonly<Record<string, string>>;
  readonly handshake: HandshakeName;
  readonly port: number | 'auto';
  readonly publish: number | 'auto';
  /** With `scaling`: those there are before anybody has asked for one. */
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
  readonly role: RoleName;
  readonly requests: RequestSpec;
  readonly scaling?: ScalingSpec;
  /** Always there with `profile: appengine`. */
  readonly appengine?: AppEngineSpec;
  /** Only with `role: backend`. */
  readonly backend?: BackendSpec;
  /** The port of each instance where a layout fixes them (spec 5.2); `publish` is then the balancer's. */
  readonly ports?: readonly number[];
  /** Is asked for before the stop signal, so that it can end by itself: `/_ah/stop`, `/quit`. */
  readonly stopRequest?: { readonly path: string; readonly withinMs: number };
  /** Only for what comes from a `supervisord.conf`. */
  readonly program?: ProgramSpec;
}

/** An XML-RPC endpoint that the file asks for (spec 6.13). */
export interface ControlServerSpec {
  readonly at:
    | { readonly kind: 'inet'; readonly host: string; readonly port: number }
    | { readonly kind: 'unix'; readonly path: string; readonly mode: number; readonly owner?: string };
  readonly username?: string;
  /** As written: plain, or `{SHA}` and 40 hexadecimal digits. */
  readonly password?: string;
  readonly source: Required<Place>;
}

/** What a `supervisord.conf` says about the supervisor itself. */
export interface SupervisorSpec {
  readonly identifier: string;
  /** The main log; absent: ours, in the storage folder. */
  readonly logFile?: LogFileSpec;
  readonly logLevel: 'critical' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'blather';
  readonly pidFile?: string;
  /** Where AUTO logs go; absent: the storage folder. */
  readonly childLogDir?: string;
  readonly noCleanup: boolean;
  readonly minFds: number;
  readonly minProcs: number;
  readonly servers: readonly ControlServerSpec[];
  readonly source: Required<Place>;
}

/** A named set of services that are started and stopped together. */
export interface GroupSpec {
  readonly name: string;
  readonly priority: number;
  readonly services: readonly string[];
  readonly source: Required<Place>;
}

export interface FrontDoorSpec {
  readonly host: string;
  readonly port: number | 'auto';
  /** Path prefix → service. Longest prefix wins. */
  readonly routes: Readonly<Record<string, string>>;
  /** From the file itself or from a `dispatch.yaml` that it names; before `routes`. */
  readonly dispatch: readonly DispatchRule[];
  /** Host names that are served besides those of this machine; `*.` for one level, `**.` for any (HP-45). */
  readonly allowedHosts: readonly string[];
  /** Where it stands in the file, if it does. */
  readonly source?: Required<Place>;
  /** Where its keys stand, for problems about one of them. */
  readonly keys?: Readonly<Record<string, Required<Place>>>;
}

/** The processes of an application with backends (spec 5.2): which services they are stands in `role`. */
export interface TopologySpec {
  /** The service that is the application itself. */
  readonly app: string;
  /** Of the port layout; 0: every port is the system's choice. */
  readonly minPort: number;
  readonly source: Required<Place>;
}

/** A service that a file names and that cannot be run. */
export interface LeftOut {
  readonly name: string;
  /** Where it begins. */
  readonly source: Required<Place>;
  /** The first thing that is wrong with it. */
  readonly message: string;
}

export interface Config {
  /** Absolute paths, in the order they were laid over each other. */
  readonly files: readonly string[];
  readonly services: readonly ServiceSpec[];
  readonly frontDoor: FrontDoorSpec;
  /** Only where the application has backends (spec section 5). */
  readonly topology?: TopologySpec;
  /** Absent where the file declares none. */
  readonly groups?: readonly GroupSpec[];
  /** Only where the file is a `supervisord.conf`. */
  readonly supervisor?: SupervisorSpec;
  readonly problems: readonly Problem[];
  /** In the order of the files. Absent: none. */
  readonly leftOut?: readonly LeftOut[];
  /**
   * Absolute paths of what else was looked at (a `package.json`, a folder without one): the config means something else
   * once one of them changes. Absent: none.
   */
  readonly consulted?: readonly string[];
}
