/**
 * The second adapter of `Outside`: a world without processes, whose clock is turned by hand.
 *
 * A child lives as long as the test says; ports are open or not; files and logs are texts; sockets are counted and
 * files change by hand. What the core asks for happens after the microtasks it awaited, never by itself.
 */

import { type Disposable, disposable } from '../../src/base/disposable.ts';
import { Emitter } from '../../src/base/event.ts';
import type {
  Child,
  Clock,
  Door,
  Doors,
  Exit,
  FileKind,
  Files,
  HttpClient,
  InputOutcome,
  Line,
  Listener,
  LogPlan,
  Logs,
  Outside,
  Output,
  ProgramAnswer,
  ProgramCall,
  Programs,
  Said,
  SharedSocket,
  SharedSockets,
  SpawnFailure,
  SpawnPlan,
  Sockets,
  Stranger,
  Stream,
  UpstreamFailure,
  Watcher,
} from '../../src/core/outside.ts';
import type { SocketSpec } from '../../src/config/spec.ts';
import { globsOf } from '../../src/node/watch-globs.ts';

export class World implements Outside {
  readonly clock = new HandClock();
  readonly children: FakeChild[] = [];
  readonly openPorts = new Set<number>();
  /** What somebody else listens on, so that no door can be opened there. */
  readonly takenPorts = new Set<number>();
  readonly texts = new Map<string, string>();
  /** `closed`: what was given to those who came through it, in milliseconds. */
  readonly doorsOpened: {
    host: string;
    port: number;
    decide: Parameters<Doors['open']>[0]['decide'];
    closed: number | undefined;
  }[] = [];
  /** When all that came through a closed door is over. */
  doorsEnd: Promise<void> = Promise.resolve();
  /** None of our addresses. */
  readonly refusedHosts = new Set<string>();
  listeners: readonly Listener[] = [];
  owner: 'ours' | Stranger | undefined = 'ours';
  spawnFailure: SpawnFailure | undefined;
  /** What a look at a command says; undefined: it could be run. */
  examination: SpawnFailure | undefined;
  /** What a GET is answered with where a port is open; a promise that stays open is a server that hangs. */
  status: (path: string) => number | undefined | Promise<number | undefined> = () => 200;
  /** Whether a connection is accepted; a promise that stays open is a port that swallows connections. */
  connects: (port: number) => boolean | Promise<boolean> = (port) => this.openPorts.has(port);
  /** How a command ends that is run to its end; undefined: not within its time. */
  ending: (argv: readonly string[], env: Readonly<Record<string, string>>) => Exit | undefined = () => ({
    code: 0,
  });
  /** What the core looked at, in order. */
  readonly looks: { readonly at: number; readonly what: string }[] = [];
  #port = 40_000;
  #pid = 100;

  /** How often a whole tree was looked through. */
  walks = 0;
  /** When all files were written last. */
  modified = 0;
  /** The same of single ones. */
  readonly touched = new Map<string, number>();

  /** Absolute paths of programs that there are, besides the texts. */
  readonly installed = new Set<string>();
  /** What a program that is asked something prints; undefined: it cannot be run. */
  tells: (
    argv: readonly string[],
    env: Readonly<Record<string, string>>,
    cwd: string,
  ) => ProgramAnswer | undefined = () => undefined;
  /** Steps of builds, in order of their beginning; each goes on until the test ends it. */
  readonly steps: FakeStep[] = [];

  readonly logs = new HandLogs();
  readonly sharedSockets = new CountedSockets();
  readonly watcher = new HandWatcher();

  get child(): FakeChild {
    const last = this.children.at(-1);
    if (last === undefined) throw new Error('Nothing was spawned.');
    return last;
  }

  readonly spawner = {
    spawn: (plan: SpawnPlan): Promise<Child | SpawnFailure> => {
      if (this.spawnFailure !== undefined) return Promise.resolve(this.spawnFailure);
      this.#pid += 1;
      const child = new FakeChild(plan, this.#pid, this.logs);
      this.children.push(child);
      return Promise.resolve(child);
    },
    examine: ({ argv }: Pick<SpawnPlan, 'argv'>): Promise<SpawnFailure | undefined> =>
      this.#look(`examine ${argv[0]}`, this.examination),
  };

  readonly programs: Programs = {
    find: (names, folders) => {
      const paths = folders.flatMap((folder) => names.map((name) => `${folder}/${name}`));
      return Promise.resolve(paths.find((path) => this.installed.has(path) || this.texts.has(path)));
    },
    ask: ({ argv, env, cwd }) => this.#look(`ask ${argv.join(' ')}`, this.tells(argv, env, cwd)),
    run: ({ said, ...call }) => {
      const step = new FakeStep(call, said);
      this.steps.push(step);
      return step;
    },
  };

  get step(): FakeStep {
    const last = this.steps.at(-1);
    if (last === undefined) throw new Error('Nothing is built.');
    return last;
  }

  readonly sockets: Sockets = {
    freePort: (preferred) => {
      this.#port += 1;
      return Promise.resolve(preferred ?? this.#port);
    },
    canConnect: async (_host, port) => this.#look(`connect ${port}`, await this.connects(port)),
    httpStatus: async (_host, port, path, timeoutMs) => {
      await this.#look(`GET ${path}`, undefined);
      if (!this.openPorts.has(port)) return undefined;
      const late = new Promise<undefined>((resolve) => {
        this.clock.after(timeoutMs, () => resolve(undefined));
      });
      return Promise.race([Promise.resolve(this.status(path)), late]);
    },
    listenersOf: () => this.#look('listeners', this.listeners),
    descriptorStamp: () => Promise.resolve(JSON.stringify(this.listeners)),
    ownerOf: () => Promise.resolve(this.owner),
    strangerOn: () => Promise.resolve(typeof this.owner === 'object' ? this.owner : undefined),
  };

  readonly files: Files = {
    temporary: (content) => {
      const path = `/tmp/${this.texts.size}`;
      this.texts.set(path, new TextDecoder().decode(content));
      return Promise.resolve(path);
    },
    read: (path) => this.#look('file', this.texts.get(path)),
    kind: (path) => Promise.resolve(this.#kind(path)),
    facts: (path) => {
      const kind = this.#kind(path);
      const size = new TextEncoder().encode(this.texts.get(path) ?? '').length;
      const modified = this.touched.get(path) ?? this.modified;
      return Promise.resolve(kind === undefined ? undefined : { kind, size, modified });
    },
    names: (folder) => {
      const within = [...this.texts.keys()].filter((path) => path.startsWith(`${folder}/`));
      const names = within.map((path) => path.slice(folder.length + 1).split('/')[0] ?? '');
      return Promise.resolve([...new Set(names)].toSorted());
    },
    matching: ({ root, paths, ignore }) => {
      this.walks += 1;
      const fits = globsOf(paths, ignore).matches;
      const found = [...this.texts.keys()].filter(
        (path) => path.startsWith(`${root}/`) && fits(path.slice(root.length + 1)),
      );
      return Promise.resolve(
        found.toSorted().map((path) => ({
          path,
          size: (this.texts.get(path) ?? '').length,
          modified: this.touched.get(path) ?? this.modified,
        })),
      );
    },
    write: (path, text) => {
      this.texts.set(path, text);
      return Promise.resolve(true);
    },
    makeFolder: () => Promise.resolve(true),
    bytes: (path, limit) => {
      const text = this.texts.get(path);
      return Promise.resolve(
        text === undefined ? undefined : new TextEncoder().encode(text).subarray(0, limit),
      );
    },
    real: (path) => Promise.resolve(this.#kind(path) === undefined ? undefined : path),
    remove: (path) => Promise.resolve(this.texts.delete(path)),
    run: (argv, _cwd, env) => this.#look(argv.join(' '), this.ending(argv, env)),
  };

  readonly doors: Doors = {
    open: ({ host, port, decide }) => {
      const isOurs = this.doorsOpened.some((door) => door.port === port && door.closed === undefined);
      if (isOurs || this.takenPorts.has(port))
        return Promise.reject(Object.assign(new Error('taken'), { code: 'EADDRINUSE' }));
      if (this.refusedHosts.has(host))
        return Promise.reject(Object.assign(new Error('no such address'), { code: 'EADDRNOTAVAIL' }));
      const free = port === 0 ? 50_000 + this.doorsOpened.length : port;
      const opened: (typeof this.doorsOpened)[number] = { host, port: free, decide, closed: undefined };
      this.doorsOpened.push(opened);
      const close = ({ graceMs = 0 } = {}): Promise<void> => {
        opened.closed = graceMs;
        return this.doorsEnd;
      };
      const door: Door = { host, port: free, close };
      return Promise.resolve(door);
    },
  };

  /** What children were asked by ourselves, in order. */
  readonly asked: Parameters<HttpClient['send']>[0][] = [];
  /** What they answer; a promise that stays open is a child that hangs. */
  answers: (request: Parameters<HttpClient['send']>[0]) => ReturnType<HttpClient['send']> = () =>
    Promise.resolve({
      status: 200,
      reason: 'OK',
      headers: [],
      body: new Uint8Array(),
      length: 0,
      broken: false,
    });

  readonly http: HttpClient = {
    send: (request) => {
      this.asked.push(request);
      const { timeoutMs, calledOff } = request;
      const late = new Promise<UpstreamFailure>((resolve) => {
        if (timeoutMs > 0)
          this.clock.after(timeoutMs, () => resolve({ kind: 'timed-out', reason: 'nothing came' }));
        void calledOff?.then(() =>
          resolve({ kind: 'unreachable', reason: 'it was called off', refused: false }),
        );
      });
      return timeoutMs === 0 && calledOff === undefined
        ? this.answers(request)
        : Promise.race([this.answers(request), late]);
    },
  };

  #look<T>(what: string, answer: T): Promise<T> {
    this.looks.push({ at: this.clock.now(), what });
    return Promise.resolve(answer);
  }

  #kind(path: string): FileKind | undefined {
    if (this.texts.has(path)) return 'file';
    const within = path.endsWith('/') ? path : `${path}/`;
    return [...this.texts.keys()].some((each) => each.startsWith(within)) ? 'folder' : undefined;
  }

  /** Lets everything that is awaited go on, without time passing. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
  }

  /** Lets time pass, timer by timer. */
  async pass(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    await this.settle();
    for (;;) {
      const due = this.clock.nextDue();
      if (due === undefined || due > until) break;
      this.clock.turnTo(due);
      await this.settle();
    }
    this.clock.turnTo(until);
    await this.settle();
  }
}

/** A step of a build that ends when the test says so, or is cancelled. */
export class FakeStep {
  readonly call: ProgramCall;
  readonly ended: Promise<ProgramAnswer | SpawnFailure>;
  isCancelled = false;
  /** When more of what was printed last is taken; undefined: at once. */
  taken: Promise<void> | undefined;
  /** It takes its time to die. */
  isSlowToDie = false;
  readonly #said: Said;
  readonly #end: (end: ProgramAnswer | SpawnFailure) => void;
  readonly #printed: Record<Stream, string> = { stdout: '', stderr: '' };

  constructor(call: ProgramCall, said: Said) {
    this.call = call;
    this.#said = said;
    const { promise, resolve } = Promise.withResolvers<ProgramAnswer | SpawnFailure>();
    this.ended = promise;
    this.#end = resolve;
  }

  /** A line, or several. */
  print(text: string, stream: Stream = 'stderr'): void {
    this.#printed[stream] += `${text}\n`;
    this.taken = this.#said(text.split('\n').map((line) => ({ stream, text: line })));
  }

  end(exit: Exit = { code: 0 }): void {
    this.#end({ exit, ...this.#printed });
  }

  fail(failure: SpawnFailure): void {
    this.#end(failure);
  }

  cancel(): void {
    this.isCancelled = true;
    if (!this.isSlowToDie) this.end({ signal: 'SIGKILL' });
  }
}

class HandClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>();

  now(): number {
    return this.#now;
  }

  wall(): number {
    return 1_700_000_000_000 + this.#now;
  }

  after(ms: number, run: () => void): Disposable {
    const timer = { at: this.#now + ms, run };
    this.#timers.add(timer);
    return disposable(() => this.#timers.delete(timer));
  }

  nextDue(): number | undefined {
    return this.#timers.size === 0 ? undefined : Math.min(...[...this.#timers].map(({ at }) => at));
  }

  turnTo(at: number): void {
    this.#now = Math.max(this.#now, at);
    for (const timer of [...this.#timers].filter((each) => each.at <= at)) {
      if (this.#timers.delete(timer)) timer.run();
    }
  }
}

export class FakeChild implements Child {
  readonly plan: SpawnPlan;
  readonly pid: number;
  readonly output: FakeOutput;
  /** The names alone, in order. */
  readonly signals: string[] = [];
  /** The same with whom they were for. */
  readonly signalled: { readonly name: string; readonly to: 'group' | 'process' }[] = [];
  /** What was written to its stdin after the start. */
  readonly written: Uint8Array[] = [];
  readonly exited: Promise<Exit>;
  swept = false;
  isGroupEmpty = false;
  /** It has become another user, who takes no signals from us. */
  refusesSignals = false;
  /** It has closed its stdin, or is gone. */
  hasClosedStdin = false;
  readonly #exit: (exit: Exit) => void;

  constructor(plan: SpawnPlan, pid: number, logs: HandLogs = new HandLogs()) {
    this.plan = plan;
    this.pid = pid;
    this.output = new FakeOutput(plan, logs);
    const { promise, resolve } = Promise.withResolvers<Exit>();
    this.exited = promise;
    this.#exit = resolve;
  }

  /** Everything that was written to its stdin after the start, as text. */
  get stdin(): string {
    return Buffer.concat(this.written).toString('utf8');
  }

  signal(name: string, to: 'group' | 'process' = 'group'): boolean {
    if (this.refusesSignals) throw Object.assign(new Error('not permitted'), { code: 'EPERM' });
    this.signals.push(name);
    this.signalled.push({ name, to });
    return !this.isGroupEmpty;
  }

  write(bytes: Uint8Array): InputOutcome {
    if (this.plan.openStdin !== true) return 'none';
    if (this.hasClosedStdin) return 'closed';
    this.written.push(bytes);
    return 'written';
  }

  sweep(): Promise<void> {
    this.swept = true;
    return Promise.resolve();
  }

  end(exit: Exit): void {
    this.hasClosedStdin = true;
    this.output.end();
    this.#exit(exit);
  }
}

class FakeOutput implements Output {
  readonly #plan: SpawnPlan;
  readonly #logs: HandLogs;
  readonly #lines: Line[] = [];
  readonly #listeners = new Emitter<readonly Line[]>();
  readonly #activity = new Emitter<void>();
  readonly #pieces = new Emitter<readonly [Stream, Uint8Array]>();
  readonly #captured = new Emitter<readonly [Stream, Uint8Array]>();
  readonly #first = Promise.withResolvers<string>();
  readonly #unfinished: Record<Stream, string> = { stdout: '', stderr: '' };
  bytes = 0;

  constructor(plan: SpawnPlan, logs: HandLogs) {
    this.#plan = plan;
    this.#logs = logs;
  }

  /** One line, or several, with the newline of the last one. */
  print(text: string, stream: Stream = 'stderr'): void {
    this.emit(`${text}\n`, stream);
  }

  /** Exactly these bytes, as one read; what follows the last newline waits for the rest of its line. */
  emit(piece: string | Uint8Array, stream: Stream = 'stdout'): void {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    const log = this.#plan.logs === undefined ? this.#plan.log : this.#plan.logs[stream];
    const text = Buffer.from(bytes).toString('utf8');
    if (log !== undefined) this.#logs.append(log, text);
    this.bytes += bytes.length;
    const parts = (this.#unfinished[stream] + text).split('\n');
    this.#unfinished[stream] = parts.pop() ?? '';
    const lines = parts.map((each) => ({ stream, text: each }));
    this.#pieces.fire([stream, bytes]);
    this.#tell(lines);
    this.#activity.fire();
  }

  /** What stood between the capture tokens. */
  capture(text: string, stream: Stream = 'stdout'): void {
    this.#captured.fire([stream, Buffer.from(text)]);
  }

  #tell(lines: readonly Line[]): void {
    if (lines.length === 0) return;
    this.#lines.push(...lines);
    this.#listeners.fire(lines);
  }

  /** The first line of stdout, as it came. */
  tellPort(line: string): void {
    this.#first.resolve(line);
  }

  end(): void {
    this.#first.resolve('');
    for (const stream of ['stdout', 'stderr'] as const) {
      const text = this.#unfinished[stream];
      this.#unfinished[stream] = '';
      if (text !== '') this.#tell([{ stream, text }]);
    }
  }

  tail(lines = 100, stream?: Stream): readonly Line[] {
    return this.#lines.filter((line) => stream === undefined || line.stream === stream).slice(-lines);
  }

  readonly onLines = this.#listeners.event;
  readonly onActivity = this.#activity.event;

  onBytes(listener: (stream: Stream, bytes: Uint8Array) => void): Disposable {
    return this.#pieces.event(([stream, bytes]) => listener(stream, bytes));
  }

  onCaptured(listener: (stream: Stream, bytes: Uint8Array) => void): Disposable {
    return this.#captured.event(([stream, bytes]) => listener(stream, bytes));
  }

  firstLine(): Promise<string> {
    return this.#first.promise;
  }

  isPaused = false;

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }
}

/** Log files that are texts. They never rotate; what was asked for is in the plans. */
export class HandLogs implements Logs {
  readonly texts = new Map<string, string>();
  /** The plan each file was last appended to with. */
  readonly plans = new Map<string, LogPlan>();
  readonly cleared: string[] = [];
  readonly swept: { readonly folder: string; readonly names: readonly string[] }[] = [];
  reopened = 0;
  /** Paths that are there and cannot be read, deleted or begun again, with the reason. */
  readonly unreadable = new Map<string, string>();

  read(
    path: string,
    offset: number,
    length: number,
  ): Promise<{ bytes: Uint8Array; size: number } | undefined> {
    const reason = this.unreadable.get(path);
    if (reason !== undefined) return Promise.reject(new Error(reason));
    const text = this.texts.get(path);
    if (text === undefined) return Promise.resolve(undefined);
    const bytes = Buffer.from(text);
    return Promise.resolve({ bytes: bytes.subarray(offset, offset + length), size: bytes.length });
  }

  clear(path: string): Promise<void> {
    const reason = this.unreadable.get(path);
    if (reason !== undefined) return Promise.reject(new Error(reason));
    this.cleared.push(path);
    this.texts.set(path, '');
    return Promise.resolve();
  }

  reopen(): Promise<void> {
    this.reopened += 1;
    return Promise.resolve();
  }

  /** When a file that is behind takes more, by its path. */
  readonly rooms = new Map<string, Promise<void>>();

  room(path: string): Promise<void> | undefined {
    return this.rooms.get(path);
  }

  append(plan: LogPlan, text: string): void {
    this.plans.set(plan.path, plan);
    this.texts.set(plan.path, (this.texts.get(plan.path) ?? '') + text);
  }

  sweep(folder: string, matches: (name: string) => boolean): Promise<readonly string[]> {
    const inside = [...this.texts.keys()].filter((path) => path.slice(0, path.lastIndexOf('/')) === folder);
    const meant = inside.filter((path) => matches(path.slice(folder.length + 1)));
    const kept = meant.filter((path) => this.unreadable.has(path));
    const gone = meant.filter((path) => !kept.includes(path));
    for (const path of gone) this.texts.delete(path);
    this.swept.push({ folder, names: gone.map((path) => path.slice(folder.length + 1)) });
    return Promise.resolve(kept.map((path) => `${path}: ${this.unreadable.get(path) ?? ''}`));
  }
}

/** Shared sockets that are only counted. */
class CountedSockets implements SharedSockets {
  /** What was opened, in order, and whether it is open still. */
  readonly opened: { readonly spec: SocketSpec; isOpen: boolean }[] = [];
  /** Why the next ones cannot be opened; undefined: they can. */
  failure: string | undefined;

  open(spec: SocketSpec): Promise<SharedSocket> {
    if (this.failure !== undefined) return Promise.reject(new Error(this.failure));
    const entry = { spec, isOpen: true };
    this.opened.push(entry);
    return Promise.resolve({
      url: spec.url,
      close: () => {
        if (!entry.isOpen) return Promise.reject(new Error(`${spec.url} is closed twice.`));
        entry.isOpen = false;
        return Promise.resolve();
      },
    });
  }

  /** The URLs that are open now. */
  get held(): readonly string[] {
    return this.opened.filter(({ isOpen }) => isOpen).map(({ spec }) => spec.url);
  }
}

type Watch = Parameters<Watcher['watch']>[0];

/** Watching driven by hand: it tells of what the test says, and matches no globs. */
class HandWatcher implements Watcher {
  /** What is watched now, in order of asking. */
  readonly watches: Watch[] = [];

  watch(options: Watch): Disposable {
    this.watches.push(options);
    return disposable(() => {
      const index = this.watches.indexOf(options);
      if (index !== -1) this.watches.splice(index, 1);
    });
  }

  /** A file changed; whoever watches below a folder that holds it is told. */
  change(path: string): void {
    for (const each of [...this.watches]) if (path.startsWith(`${each.root}/`)) each.changed(path);
  }

  /** Watching is not possible any more, for all. */
  fail(reason: string): void {
    for (const each of [...this.watches]) each.failed(reason);
  }
}
