/**
 * All that the core needs from the world, as small interfaces.
 *
 * `node/` meets them with real processes, sockets and files; the tests of the core with a double. Times are in
 * milliseconds; `Clock.now` is monotonic.
 */

import type { Disposable } from '../base/disposable.ts';
import type { SocketSpec } from '../config/spec.ts';

export interface Outside {
  readonly clock: Clock;
  readonly spawner: Spawner;
  readonly programs: Programs;
  readonly sockets: Sockets;
  readonly files: Files;
  readonly doors: Doors;
  readonly logs: Logs;
  readonly sharedSockets: SharedSockets;
  readonly watcher: Watcher;
  readonly http: HttpClient;
}

export interface Clock {
  /** Monotonic; only differences mean anything. */
  now(): number;
  /** Since the epoch, for people. */
  wall(): number;
  after(ms: number, run: () => void): Disposable;
}

// ---------------------------------------------------------------------------------------------- processes

/** Everything needed to start one child; decided before anything happens. */
export interface SpawnPlan {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** The complete environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Bytes for stdin, which is then closed; without it stdin is /dev/null. */
  readonly stdin?: Uint8Array;
  /** Keeps stdin open after that, for `Child.write`. */
  readonly openStdin?: boolean;
  /** Where all output goes besides the tail. */
  readonly log?: LogPlan;
  /** A file for each stream instead of `log`. */
  readonly logs?: { readonly stdout?: LogPlan; readonly stderr?: LogPlan };
  /** stderr is the same pipe as stdout (SV-13). */
  readonly redirectStderr?: boolean;
  /** Colour codes are taken out of what the log files get (SV-56). */
  readonly stripAnsi?: boolean;
  /** Bytes of the capture buffer of a stream; 0 or absent: capture is off (SV-58). */
  readonly capture?: { readonly stdout?: number; readonly stderr?: number };
  readonly umask?: number;
  /** A name or a uid. A user who cannot be switched to makes the child exit with 127 (SV-11). */
  readonly user?: string;
  /** Becomes descriptor 0 (SV-81). */
  readonly socket?: SharedSocket;
  /**
   * As for Supervisor, a folder that cannot be entered and a program that the system will not run are no failures
   * to spawn: the child says so on its stderr and exits with 127 (SV-11).
   */
  readonly asSupervisor?: true;
}

export interface LogPlan {
  readonly path: string;
  /** Rotates once the file is this large; 0 never does. */
  readonly maxBytes: number;
  readonly backups: number;
}

export interface Exit {
  readonly code?: number;
  /** With `SIG`. */
  readonly signal?: string;
}

/** Why a command could not be run at all, in words (spec 6.3). */
export interface SpawnFailure {
  readonly reason: string;
  /** What to do about it. */
  readonly way: string;
  /** What kind of failure, for spec 6.3's exact texts; absent: none of these. */
  readonly cause?: SpawnFailureCause;
  /** The system's name of the error: `EMFILE`. */
  readonly errno?: string;
  /** What was found in the place of the program, such as a directory; absent: it was not found. */
  readonly path?: string;
  /** Its pipes or logs could not be made, so nothing was started yet; absent: the start itself failed. */
  readonly stage?: 'pipes';
}

export type SpawnFailureCause =
  | 'not-found'
  | 'is-directory'
  | 'not-executable'
  | 'no-permission'
  | 'too-many-files'
  | 'too-many-processes'
  | 'no-directory';

export type Stream = 'stdout' | 'stderr';

export interface Line {
  readonly stream: Stream;
  readonly text: string;
}

export interface Spawner {
  /**
   * Starts a child as the leader of its own process group. Never throws: a failure comes back as a value.
   * Output is read from the first byte on (spec 1.7, mended).
   */
  spawn(plan: SpawnPlan): Promise<Child | SpawnFailure>;
  /** Looks whether the command could be run, and runs nothing (SV-4, SV-5). */
  examine(plan: Pick<SpawnPlan, 'argv' | 'cwd' | 'env'>): Promise<SpawnFailure | undefined>;
}

/**
 * What became of an attempt to write to a child's stdin. `none`: it has none that is open for writing; `closed`: the
 * child has closed it; `full`: it has not read what it was given before, and nothing more is kept for it.
 */
export type InputOutcome = 'written' | 'none' | 'closed' | 'full';

export interface Child {
  readonly pid: number;
  readonly output: Output;
  /** Resolves once the child is reaped and its output drained (at most 100 ms after the exit). */
  readonly exited: Promise<Exit>;
  /** Signals the whole group, or the first process alone; `TERM` without `SIG`. True when there was something to signal. */
  signal(name: string, to?: 'group' | 'process'): boolean;
  /** Writes to stdin (SV-66). */
  write(bytes: Uint8Array): InputOutcome;
  /** Kills whatever of the group or of its descendants is left, and returns when none is. */
  sweep(): Promise<void>;
}

/** The tee: what a child printed, in bounded memory. */
export interface Output {
  /** The last lines, at most `lines` of them (spec RP-34: 100 by default), of one stream or of both. */
  tail(lines?: number, stream?: Stream): readonly Line[];
  /** Lines (without their line ends; a last fragment when the stream ends) as they come. Costs something only while listened to. */
  onLines(listener: (lines: readonly Line[]) => void): Disposable;
  /** Something was printed; for looking at the child again. */
  onActivity(listener: () => void): Disposable;
  /** The first line of stdout with its newline, if it had one; '' when stdout ended without one. It does not reach the tail or `onLines` when asked for before the first byte. */
  firstLine(): Promise<string>;
  /** While paused the child feels backpressure: its pipe fills. */
  pause(): void;
  resume(): void;
  /** All bytes read so far. */
  readonly bytes: number;
  /**
   * Bytes as they come, before lines are cut, without what is captured, and without colours where the plan says so.
   * Costs something only while listened to.
   */
  onBytes(listener: (stream: Stream, bytes: Uint8Array) => void): Disposable;
  /** What stood between the capture tokens (spec 6.9), as it came; only where the plan asks for capture. */
  onCaptured(listener: (stream: Stream, bytes: Uint8Array) => void): Disposable;
}

// ---------------------------------------------------------------------------------------- tools that end

/** Programs that are asked something or that make something, and end by themselves. Nothing of it rejects. */
export interface Programs {
  /**
   * The first program that is there and that we may run: at all of these names in each folder, in order. Folders are
   * absolute; on Windows the usual extensions are tried where a name has none.
   */
  find(names: readonly string[], folders: readonly string[]): Promise<string | undefined>;
  /**
   * Runs a program to its end and gives what it printed, as far as that is kept. Undefined: it cannot be run, or it took
   * longer than `timeoutMs`; then nothing of it is left.
   */
  ask(question: ProgramCall & { readonly timeoutMs: number }): Promise<ProgramAnswer | undefined>;
  /** Runs a step of a build. What it prints is told as it comes. */
  run(step: ProgramCall & { readonly said: (lines: readonly Line[]) => void }): ProgramRun;
}

export interface ProgramCall {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** The complete environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** The last 256 KiB of each stream are kept. */
export interface ProgramAnswer {
  readonly exit: Exit;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramRun {
  /** Resolves when it has ended and nothing of its process group is left; with a failure where it could not be run. */
  readonly ended: Promise<ProgramAnswer | SpawnFailure>;
  /** Kills its whole process group. */
  cancel(): void;
}

// --------------------------------------------------------------------------------------------- log files

/** The log files that children write to, and our own main log. */
export interface Logs {
  /** At most `length` bytes from `offset` on, and how large the file is now; undefined when there is none. Rejects when it cannot be read. */
  read(
    path: string,
    offset: number,
    length: number,
  ): Promise<{ bytes: Uint8Array; size: number } | undefined>;
  /** Deletes the file and begins it again, whether or not somebody writes to it (SV-88). */
  clear(path: string): Promise<void>;
  /** Opens all files again by their names, after somebody has moved them away (SV-93). */
  reopen(): Promise<void>;
  /** Appends to a file as the tee would, with rotation: for the main log. */
  append(plan: LogPlan, text: string): void;
  /** Deletes what `matches` among the files of a folder; never throws. Gives the reasons for what could not be deleted. */
  sweep(folder: string, matches: (name: string) => boolean): Promise<readonly string[]>;
}

// ----------------------------------------------------------------------------------------- shared sockets

/** A listening socket that we hold and never accept from. */
export interface SharedSocket {
  readonly url: string;
  close(): Promise<void>;
}

export interface SharedSockets {
  /** Creates, binds and listens (spec 6.12). Rejects with an Error whose message is the reason. */
  open(spec: SocketSpec): Promise<SharedSocket>;
}

// ---------------------------------------------------------------------------------------- watching files

export interface Watcher {
  /** Tells of files that appear, change or go below `root` and match one of `paths` and none of `ignore`; globs are relative to `root`. */
  watch(options: {
    readonly root: string;
    readonly paths: readonly string[];
    readonly ignore: readonly string[];
    changed(path: string): void;
    /** Watching is not possible (any more): why. */
    failed(reason: string): void;
  }): Disposable;
}

// ------------------------------------------------------------------------------------------------ sockets

export interface Listener {
  readonly host: string;
  readonly port: number;
  readonly pid: number;
}

/** Another process, as named in a fault. */
export interface Stranger {
  readonly pid: number;
  readonly command: string;
}

export interface Sockets {
  /** A port that nothing listens on at the loopback addresses; not given twice within a minute. */
  freePort(preferred?: number): Promise<number>;
  /** Whether somebody accepts a TCP connection. Never throws. */
  canConnect(host: string, port: number): Promise<boolean>;
  /** GETs a path and gives the status, or undefined when nothing answered in time. */
  httpStatus(host: string, port: number, path: string, timeoutMs: number): Promise<number | undefined>;
  /** TCP listeners of a child and all its descendants. `undefined`: the platform cannot tell. */
  listenersOf(pid: number): Promise<readonly Listener[] | undefined>;
  /** Cheap and changes whenever the child's (or a descendant's) open descriptors do; undefined: cannot tell. */
  descriptorStamp(pid: number): Promise<string | undefined>;
  /**
   * Who listens on a port: the child (or a descendant), a stranger, or undefined when it cannot be told.
   */
  ownerOf(port: number, childPid: number): Promise<'ours' | Stranger | undefined>;
  /** Who listens on a port, whoever it is. */
  strangerOn(port: number): Promise<Stranger | undefined>;
}

export type FileKind = 'file' | 'folder';

export interface FileFacts {
  readonly kind: FileKind;
  readonly size: number;
  /** Since the epoch. */
  readonly modified: number;
}

/** What tells a file from what it was before. */
export interface FileStamp {
  /** Absolute. */
  readonly path: string;
  readonly size: number;
  /** Since the epoch. */
  readonly modified: number;
}

export interface Files {
  /** A new private file with this content; returns its absolute path. */
  temporary(content: Uint8Array): Promise<string>;
  /** Its text, or undefined when there is none. */
  read(path: string): Promise<string | undefined>;
  /** What stands at a path, links followed; undefined: nothing, something else, or nothing that we may see. Never throws. */
  kind(path: string): Promise<FileKind | undefined>;
  /** The same with what a static file's headers tell of it. */
  facts(path: string): Promise<FileFacts | undefined>;
  /** Its bytes, at most `limit` of them; undefined when there is none or it cannot be read. Never throws. */
  bytes(path: string, limit: number): Promise<Uint8Array | undefined>;
  /** The names in a folder, sorted; none where it cannot be read. Never throws. */
  names(folder: string): Promise<readonly string[]>;
  /**
   * The files below `root` that match one of `paths` and none of `ignore`, as for `Watcher`, sorted by their paths; links
   * to folders are not followed. Never throws: what cannot be read is not there.
   */
  matching(options: {
    readonly root: string;
    readonly paths: readonly string[];
    readonly ignore: readonly string[];
  }): Promise<readonly FileStamp[]>;
  /** A file with this text and the folders above it, whole or not at all. Never throws; false when that failed. */
  write(path: string, text: string): Promise<boolean>;
  /** A folder and those above it. Never throws; false when that failed. */
  makeFolder(path: string): Promise<boolean>;
  /** A path without links in it, or undefined when nothing is there: for telling whether a file lies below a folder. */
  real(path: string): Promise<string | undefined>;
  /** Never throws; false when it could not be deleted. On Windows retries sharing violations (RP-19). */
  remove(path: string): Promise<boolean>;
  /** Runs a command to its end; resolves to its exit, or undefined after the time-out. */
  run(
    argv: readonly string[],
    cwd: string,
    env: Readonly<Record<string, string>>,
    timeoutMs: number,
  ): Promise<Exit | undefined>;
}

// ------------------------------------------------------------------------------------------ the front door

export type Headers = readonly (readonly [name: string, value: string])[];

export interface RequestHead {
  readonly method: string;
  /** As on the request line: path and query. */
  readonly target: string;
  /** `1.0` or `1.1`. */
  readonly version: string;
  /** In order, names as sent. */
  readonly headers: Headers;
  /** The client's address. */
  readonly remote: string;
  /** An `Upgrade` request (WebSocket, HMR). */
  readonly upgrade: boolean;
}

/** Who waits for the answer to a request. */
export interface Client {
  readonly hasLeft: boolean;
  /** Called once, when it leaves; whoever the request waits with sets it, and takes it back when the waiting is over. */
  whenLeft: (() => void) | undefined;
}

export interface Answer {
  readonly status: number;
  /** Of the status line; absent: the usual one. */
  readonly reason?: string;
  readonly headers: Headers;
  readonly body: string;
  /** What is no text; stands instead of `body`. */
  readonly bytes?: Uint8Array;
}

/** What to do with a request. */
export type Decision =
  | {
      readonly kind: 'answer';
      readonly answer: Answer;
      readonly service?: string;
      /** The request's body is read first, up to so many bytes, so that the client gets to see the answer (HP-36). */
      readonly drain?: number;
    }
  /** A file as it is, streamed, with the length it has when it is opened. What cannot be opened is answered with `gone`. */
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly status: number;
      readonly headers: Headers;
      readonly gone: Answer;
      readonly service?: string;
    }
  | {
      readonly kind: 'forward';
      readonly service: string;
      readonly instance: string;
      readonly host: string;
      readonly port: number;
      /** Called once, when the exchange is over however it ended: for counting what an instance is busy with. */
      done(): void;
      /** The upstream failed before a byte of its response came: what to answer. */
      failed(failure: UpstreamFailure): Promise<Answer>;
      /** There was no connection, so the request was seen by nobody: who else may have it. Counts as busy at once. */
      elsewhere?(): Forward | undefined;
      /**
       * The whole answer is read first, at most `limit` bytes of body, and what is made of it is answered instead:
       * the reference form (spec 2.4, 2.5). `bodyless`: the child answers as if nobody wanted its body (HEAD).
       */
      readonly collect?: Collect;
      /** What is sent instead of the client's head; then no pass of the plain profile is applied. */
      readonly send?: SentHead;
      /** The connection is made for this request and closed after it (spec 2.4). */
      readonly ownConnection?: true;
      /**
       * Asked when the head of the answer has come: another instance that is to have the request instead, for which
       * its body is kept, up to `keepBody` bytes (spec 5.7). The answer is then read and dropped. A promise, which never
       * rejects, where the other one has to finish a request first.
       */
      again?(status: number): Forward | Answer | undefined | Promise<Forward | Answer | undefined>;
      readonly keepBody?: number;
      /** The exchange has become one that lasts (an upgrade, an event stream): nobody waits for its end. Called at most once. */
      lasting?(): void;
      /** The head of the answer has come, after so many milliseconds. Called at most once. */
      answered?(status: number): void;
      /** Headers that the answer gets in addition, such as a cookie. */
      readonly addHeaders?: Headers;
      readonly timeouts?: Timeouts;
      /** The service speaks FastCGI: this is asked instead of `host` and `port`. */
      readonly fastcgi?: FastCgiRequest;
    };

export type Forward = Extract<Decision, { readonly kind: 'forward' }>;

/** All in milliseconds; 0: no limit. */
export interface Timeouts {
  readonly connectMs: number;
  readonly responseMs: number;
  readonly silenceMs: number;
}

/** A request as it goes to a child; the framing of its body is the data plane's: `Content-Length` as the client told it. */
export interface SentHead {
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
}

export interface Collect {
  readonly limit: number;
  /** Never rejects. */
  finish(response: Received): Answer | Promise<Answer>;
}

/** A whole response. */
export interface Received {
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** How many bytes the body had, of which at most `limit` were kept. */
  readonly length: number;
  /** The body broke off (HP-19). */
  readonly broken: boolean;
}

/** Requests of our own to children: ready, stop and background requests, and the API server's end. */
export interface HttpClient {
  /** On a connection of its own that is closed afterwards. Never rejects. */
  send(request: {
    readonly host: string;
    readonly port: number;
    readonly head: SentHead;
    readonly body?: Uint8Array;
    /** For the whole exchange; 0: no limit. */
    readonly timeoutMs: number;
    /** How much of the body is kept. */
    readonly limit: number;
    /** Nobody wants the answer any more once it resolves. */
    readonly calledOff?: Promise<void>;
    /** Called once all of the request has been handed to a connection that stands; never where none came about. */
    readonly sent?: () => void;
  }): Promise<Received | UpstreamFailure>;
}

/** A request in the words of CGI, for an instance or for whatever accepts on the socket that a service's instances share. */
export interface FastCgiRequest {
  readonly at:
    | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
    | { readonly kind: 'unix'; readonly path: string };
  /** In order; each character of a value stands for one byte. `CONTENT_LENGTH` is missing where it is not known yet. */
  readonly params: readonly (readonly [name: string, value: string])[];
  /** One instance listens there by itself, so that it is known who answers. */
  readonly isAlone?: true;
  /** The program's words about this request, on the error stream of the protocol. */
  said(line: string): void;
}

export type UpstreamFailure =
  | {
      readonly kind: 'unreachable';
      readonly reason: string;
      /** There was no connection at all, so the instance cannot have seen the request. */
      readonly refused: boolean;
    }
  | { readonly kind: 'bad-response'; readonly reason: string }
  /** One of the request's time limits ran out. */
  | { readonly kind: 'timed-out'; readonly reason: string };

export interface DoorRequest {
  readonly service?: string;
  readonly instance?: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly ms: number;
}

export interface Doors {
  /** Opens an HTTP listener. `port` 0 takes a free one. Rejects with `{ code: 'EADDRINUSE' }` when the port is taken. */
  open(options: {
    readonly host: string;
    readonly port: number;
    readonly decide: (head: RequestHead, client?: Client) => Decision | Promise<Decision>;
    onRequest?(request: DoorRequest): void;
  }): Promise<Door>;
}

export interface Door {
  readonly host: string;
  readonly port: number;
  /**
   * Stops listening at once, and ends what is under way: at once, or when it is over and at the latest after `graceMs`.
   * Resolves when all of it is. Called again without grace, it waits no longer.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}
