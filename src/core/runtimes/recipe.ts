/**
 * What a recipe is: the knowledge of one language that turns a service into a plan of its start (spec section 4).
 *
 * A recipe decides and performs nothing. What it has to know of the machine it asks through `Look`, which remembers
 * what was asked: as long as none of that changes, the answer stands and nothing is looked at twice.
 */

import type { ServiceSpec } from '../../config/spec.ts';
import type { FaultParams, RunFaultCode } from '../../faults/catalogue.ts';
import type { Place } from '../../faults/fault.ts';
import type { Answer, Exit, FileKind } from '../outside.ts';

export interface Recipe {
  /** As `runtime` names it. */
  readonly name: string;
  /** As people call it: `Go`. */
  readonly title: string;
  /** How an instance is started now, or why it cannot be. Never rejects. */
  plan(service: ServiceSpec, look: Look, aims: Aims): Promise<Plan | Unfit>;
  /** How it is debugged; absent: it is not. */
  readonly debugging?: Debugging;
}

/** What is wanted of one start. */
export interface Aims {
  readonly instance: string;
  readonly index: number;
  /** The instance's id, as a string (RT-3): what `GAE_INSTANCE` says. */
  readonly id: string;
  readonly windows: boolean;
  /** As Node's `process.platform` has it. */
  readonly platform: string;
  /** An absolute path of a folder of ours for this service alone, in which builds and environments are kept. */
  readonly workFolder: string;
  /** Start it under its debugger, which is to listen (or, for some, to be called) at this port of the loopback address. */
  readonly debugPort?: number;
  /** A folder of the editor's that has what the debugger needs, such as debugpy; absent: there is none. */
  readonly debuggerFolder?: string;
  /** When the runtime was started, in milliseconds since the epoch: stands for a version that nobody wrote (RT-13). */
  readonly startedAt?: number;
  /** The port of the service's own door, and the address of the application's API server, where there are such (RP-41). */
  readonly doorPort?: number;
  readonly api?: { readonly host: string; readonly port: number };
}

/** How an instance is started. */
export interface Plan {
  readonly kind: 'plan';
  /** argv, or the one text of a shell, with `{port}` still in it. Most often the service's own. */
  readonly command: readonly string[];
  /** As in the service, unless the recipe has to change it. */
  readonly shell?: boolean | string;
  /** What its environment is made of; absent: all of ours, the service's variables over it. */
  readonly environment?: EnvironmentRule;
  /** Folders before the PATH, whichever environment that comes from; a PATH that the service itself sets stays in front. */
  readonly path?: readonly string[];
  /** One more argument made from the port, under `reverse-no-file` (RT-20). */
  readonly extraArgument?: (port: number) => string;
  /** Has to be done before; an instance is not started before it is. */
  readonly builds?: readonly Build[];
  /** Worth knowing and no reason not to start: variables that cannot be overridden (RT-12), a version that cannot be told. */
  readonly warnings?: readonly string[];
}

/** What a child's environment is made of, from beneath to above (spec 4.2). `PORT` is the handshake's and stands above all. */
export interface EnvironmentRule {
  /** What of our own environment there is: all of it, or these variables. */
  readonly inherits: 'all' | readonly string[];
  readonly beneath: Readonly<Record<string, string>>;
  /** The service's own variables: over what stands beneath, only where nothing does, or not at all. */
  readonly own: 'over' | 'where-unset' | 'left-out';
  readonly above: Readonly<Record<string, string>>;
}

/** Something that has to be made before a start: a binary, a virtual environment. Made once for whatever stands in `inputs`. */
export interface Build {
  /** Unique: builds of one identity are one, and two services never share it (RT-29). */
  readonly id: string;
  /** As a person reads it in the tree: `go build`. */
  readonly title: string;
  /** One after another; the first that fails is the end. */
  readonly steps: readonly BuildStep[];
  /** Absolute paths of folders of ours that hold no file when it begins: what is not made any more would live on there. */
  readonly empties?: readonly string[];
  /** Absolute paths that have to be there afterwards; while one of them is missing, it has to be built whatever else. */
  readonly makes: readonly string[];
  /** What it is made from: a change of one of these asks for another build (RT-21). */
  readonly inputs: BuildInputs;
  /** It may write among its inputs: what it makes there, and nobody declares, asks for no other build. */
  readonly writesInputs?: true;
  /** Where the tools said something is wrong, from what they printed. */
  readonly read?: (printed: string, cwd: string) => readonly CompilerMessage[];
  /** What is told beneath the fault and, in the reference's form, to the client, from the step that failed. */
  readonly failure: (failed: FailedStep) => BuildFailure;
}

export interface BuildStep {
  readonly argv: readonly [string, ...string[]];
  /** How it is told, where its arguments are nothing to read. */
  readonly told?: string;
  readonly cwd: string;
  /** The complete environment; absent: the one of the instance. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface BuildInputs {
  readonly root: string;
  /** Globs relative to `root`, as for `watch`. */
  readonly paths: readonly string[];
  readonly ignore: readonly string[];
  /** Leaves out more, by the path relative to `root`, with `/`: regular expressions of an `app.yaml` are no globs (RT-21). */
  readonly except?: (path: string) => boolean;
  /** Further absolute files and folders outside of `root` (RT-28). */
  readonly beside?: readonly string[];
}

export interface FailedStep {
  readonly step: BuildStep;
  /** Undefined: it could not be run at all, for this reason. */
  readonly exit?: Exit;
  readonly reason?: string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface BuildFailure {
  /** A clause: `exited with code 1`. */
  readonly ending: string;
  /** The reference's whole error text. */
  readonly text: string;
  /** What the front door answers under `profile: appengine`, to the byte. */
  readonly answer?: Answer;
}

/** One message of a compiler. Lines and columns are 1-based. */
export interface CompilerMessage {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** `file` is absolute. */
  readonly place: Place;
}

/** Why it cannot be started now. Tried again when what was looked at has changed, never by itself. */
export interface Unfit {
  readonly kind: 'unfit';
  readonly problem: UnfitProblem;
  /** The key of the service that is to blame: `command`, `runtime`, `cwd`. */
  readonly key: string;
  /** Other places that are to blame: the line of a `.nvmrc`. */
  readonly places?: readonly Place[];
  /** What the front door answers under `profile: appengine` instead of our page (RT-15). */
  readonly answer?: Answer;
}

/** A row of the catalogue with what it says. */
export type UnfitProblem = {
  readonly [C in UnfitCode]: { readonly code: C; readonly params: FaultParams<C> };
}[UnfitCode];

export type UnfitCode = Extract<
  RunFaultCode,
  'missing-program' | 'wrong-version' | 'missing-entry' | 'missing-dependencies' | 'unfit'
>;

/**
 * Asks the machine. Each answer is remembered, with what it depends on, for as long as the plan that was made of it.
 * Nothing of it rejects.
 */
export interface Look {
  /** The environment that the service would have without the recipe. */
  readonly env: Readonly<Record<string, string>>;
  /** Our own environment, without the service's variables; absent: nobody can tell the two apart. */
  readonly inherited?: Readonly<Record<string, string>>;
  /** The person's home, where there is one. */
  readonly home: string | undefined;
  /** The workspace folder. */
  readonly folder: string;
  /** What stands at an absolute path, links followed. */
  kind(path: string): Promise<FileKind | undefined>;
  /** A file's text, up to 1 MiB of it. */
  text(path: string): Promise<string | undefined>;
  /** The names in a folder, sorted; none where it cannot be read. */
  names(folder: string): Promise<readonly string[]>;
  /**
   * The first of these programs that is there, at all of them in each folder: in `folders`, then on the PATH of `env`.
   * Else where was looked. A name with a slash is a path, and looked at alone.
   */
  program(names: readonly string[], folders?: readonly string[]): Promise<Found>;
  /** What a program that ends by itself prints (`go version`), asked again when its file changes. Undefined: it cannot be run. */
  ask(argv: readonly [string, ...string[]], options?: AskOptions): Promise<Told | undefined>;
  /** The interpreter that the editor's extension for a language has selected for this folder: an absolute path. */
  chosen(language: string): string | undefined;
}

export type Found =
  | { readonly kind: 'found'; readonly path: string }
  /** Folders, in the order in which they were looked through. */
  | { readonly kind: 'nowhere'; readonly looked: readonly string[] };

export interface AskOptions {
  readonly cwd?: string;
  /** The complete environment; absent: `Look.env`. */
  readonly env?: Readonly<Record<string, string>>;
  /** In milliseconds; 10 seconds by default. */
  readonly timeoutMs?: number;
  /** Files on which the answer depends as well. */
  readonly dependsOn?: readonly string[];
}

export interface Told {
  readonly exit: Exit;
  readonly stdout: string;
  readonly stderr: string;
}

/** How the debugger of a recipe and the editor find each other. */
export interface Debugging {
  /**
   * The address in a line that it prints; absent: it says nothing, and listens at the port it was given as soon as
   * somebody can connect.
   */
  readonly address?: (line: string) => { readonly host: string; readonly port: number } | undefined;
  /** Its program is done and it only waits for debuggers to leave. */
  readonly isDone?: (line: string) => boolean;
  /** The editor listens, and each process calls it (Xdebug): there is nothing to connect to. */
  readonly calls?: true;
}
