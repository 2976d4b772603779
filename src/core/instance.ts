/**
 * One instance: performs what `step` decides, and tells what became of it.
 *
 * Every await may come back to a changed world: each start has a `Run`, and what belongs to an earlier run is
 * dropped by comparing identities.
 */

import type { Disposable } from '../base/disposable.ts';
import type { ServiceSpec, SocketSpec } from '../config/spec.ts';
import type { Fault, Place } from '../faults/fault.ts';
import { fault, type FaultFacts } from '../faults/make.ts';
import type { RunFaultCode } from '../faults/catalogue.ts';
import { awaitReady, type Note, type Readiness } from './handshake/await-ready.ts';
import { handshakes, launchPlan, type RuntimeConfiguration, serialise } from './handshake/launch.ts';
import { InstanceLog } from './log/instance-log.ts';
import { clipped } from './log/clip.ts';
import { findTrace } from './log/stack-trace.ts';
import type { ExitView, InstanceView, StateName, WaitView } from './model.ts';
import type { Child, Exit, Outside, SpawnFailure } from './outside.ts';
import { effectiveSpec, supervisorNames } from './process/effective.ts';
import { filesOf, type InstanceLogs } from './process/logs.ts';
import { policyOf } from './process/policy.ts';
import type { SocketClaim } from './process/socket-claims.ts';
import { isAtRest, type ProcessState, pidOf, stateName, stopped } from './process/state.ts';
import { isExpected, type Policy, type ProcessEvent, step } from './process/step.ts';
import { exitWords } from './process/words.ts';
import { unexpectedlyQuit } from './proxy/sentences.ts';
import type { Supervised, Supervision } from './supervisor/supervision.ts';
import { debugLaunch, isDebuggable, readInspector, saysDone } from './runtimes/debugging.ts';

/** What an instance needs from the runtime around it. */
export interface Surroundings {
  readonly outside: Outside;
  /** The environment children inherit. */
  readonly inherited: Readonly<Record<string, string>>;
  readonly windows: boolean;
  /** Front-door addresses by service. */
  urls(): Readonly<Record<string, string>>;
  /** Where its output is written; the definition is the effective one. See `logsOf` in `process/logs.ts`. */
  logsOf(instance: string, spec: ServiceSpec): InstanceLogs;
  /** A hold on the listening socket that the processes of its group share. See `process/socket-claims.ts`. */
  socketOf(socket: SocketSpec): Promise<SocketClaim>;
  /** Hears of what Supervisor would tell or log (spec 6.2 to 6.5, 6.10). */
  readonly supervision: Supervision;
  transition(instance: Instance, from: StateName, to: StateName, facts: TransitionFacts): void;
  portKnown(instance: Instance, host: string, port: number): void;
  faulted(fault: Fault): void;
  /** Something a view shows has changed. */
  changed(instance: Instance): void;
}

/** What others have found out about an instance: what its start waits for, and whether it is fine. */
export interface Aside {
  readonly waitingFor?: readonly WaitView[] | undefined;
  readonly health?: InstanceView['health'] | undefined;
  /** Stands only where the instance has no fault of its own. */
  readonly fault?: Fault | undefined;
}

export interface TransitionFacts {
  readonly pid?: number;
  readonly port?: number;
  readonly exit?: ExitView;
  readonly reason?: string;
  readonly attempt?: number;
}

/** How long a child that told no usable port may go on talking (RP-36). */
const lastWordsMs = 100;

/** After a crash: time for the next child to come up before we look for what the last one left. */
const unhurriedMs = 100;

/** What is wrong with the port that a child told. */
type BadPort = Extract<Readiness, { readonly kind: 'bad-port' }>;

/** All that belongs to one start. */
interface Run {
  child?: Child;
  host?: string;
  port?: number;
  inspector?: { readonly host: string; readonly port: number };
  inspectorPort?: number;
  files?: { readonly configuration: string; readonly port: string };
  /** What the reference says when this run ends early. */
  sentence?: string;
  /** It told no usable port, and has a moment for its last words. */
  badPort?: BadPort;
}

export class Instance implements Supervised {
  readonly name: string;
  readonly log: InstanceLog;
  readonly #around: Surroundings;
  readonly #index: number;
  #spec: ServiceSpec;
  #names: { readonly process: string; readonly group: string };
  #startedAt: number | undefined;
  #stoppedAt: number | undefined;
  #spawnError: string | undefined;
  #policy: Policy;
  #state: ProcessState = stopped;
  #since: number;
  #run: Run = {};
  #timer: Disposable | undefined;
  #fault: Fault | undefined;
  #reason: string | undefined;
  #exit: ExitView | undefined;
  #debug = false;
  #orders = 0;
  #retired = false;
  #final = false;
  #port: number | undefined;
  #aside: Aside = {};
  /** The child of the last run that ended. */
  #last: Child | undefined;
  #lastEndedAt = Number.NEGATIVE_INFINITY;
  readonly #settled = new Set<() => void>();
  /** Sweeps and temporary files of runs that are over but not yet cleared away. */
  readonly #clearing = new Set<Promise<void>>();
  /** Those of them that the next start has to wait for. */
  readonly #inTheWay = new Set<Promise<void>>();

  constructor(spec: ServiceSpec, index: number, around: Surroundings) {
    this.name = `${spec.name}.${index}`;
    this.#spec = effectiveSpec(spec, index);
    this.#names = supervisorNames(spec, index);
    this.#index = index;
    this.#around = around;
    this.#policy = policyOf(spec);
    this.#since = around.outside.clock.wall();
    this.log = new InstanceLog(this.name);
  }

  get spec(): ServiceSpec {
    return this.#spec;
  }

  get state(): ProcessState {
    return this.#state;
  }

  get process(): string {
    return this.#names.process;
  }

  get group(): string {
    return this.#names.group;
  }

  get stateName(): StateName {
    return stateName(this.#state);
  }

  get fault(): Fault | undefined {
    return this.#fault ?? this.#aside.fault;
  }

  get health(): InstanceView['health'] {
    return this.#aside.health;
  }

  /** Nothing speaks against sending it requests. */
  get isHealthy(): boolean {
    return this.#aside.health !== 'unhealthy';
  }

  /** What the runtime knows of it beside its own life; keys that are left out stay as they are. */
  note(aside: Aside): void {
    this.#aside = { ...this.#aside, ...aside };
    this.#tellChanged();
  }

  /** Where requests can be sent now. */
  get address(): { readonly host: string; readonly port: number } | undefined {
    const { host, port } = this.#run;
    return this.#state.kind === 'running' && host !== undefined && port !== undefined
      ? { host, port }
      : undefined;
  }

  get pid(): number | undefined {
    return pidOf(this.#state);
  }

  /** The port of the present or last run, for the reference's sentences. */
  get lastPort(): number | undefined {
    return this.#run.port ?? this.#port;
  }

  get isAtRest(): boolean {
    return isAtRest(this.#state);
  }

  /** A new definition, used from the next start on. */
  redefine(spec: ServiceSpec): void {
    this.#spec = effectiveSpec(spec, this.#index);
    this.#names = supervisorNames(spec, this.#index);
    this.#policy = policyOf(spec);
    // Faults point at lines of the file, which may have moved.
    if (this.#fault !== undefined) this.#fault = { ...this.#fault, places: this.#placesOf(this.#fault) };
    this.#tellChanged();
  }

  /** Grows with every order, so that whoever awaited something learns that the person has changed their mind. */
  get orders(): number {
    return this.#orders;
  }

  /** From now on it only ends: it takes no start any more, and what becomes of it is told to nobody. */
  retire(): void {
    this.#retired = true;
  }

  /** It only ends from now on, and what becomes of it is still told. */
  takeNoStart(): void {
    this.#final = true;
  }

  /** The next start waits for something, such as the end of another instance of the same name. */
  waitFor(something: Promise<void>): void {
    this.#inTheWay.add(something);
    void something.finally(() => this.#inTheWay.delete(something));
  }

  start(debug: boolean): void {
    if (this.#retired || this.#final) return;
    this.#ordered();
    const running = this.#state.kind === 'starting' || this.#state.kind === 'running';
    if (running && debug && !this.#debug) {
      this.restart(debug);
      return;
    }
    if (!running) this.#forget();
    if (!running) this.#debug = debug;
    this.#dispatch({ kind: 'start' });
  }

  restart(debug = this.#debug): void {
    if (this.#retired || this.#final) return;
    this.#ordered();
    this.#forget();
    this.#debug = debug;
    this.#dispatch({ kind: 'restart' });
  }

  /** Resolves once nothing of it is left, or when another order has taken this one's place. */
  async stop(): Promise<void> {
    const order = this.#ordered();
    // Why it ended by itself stays to be read.
    if (this.#state.kind !== 'fatal' && this.#state.kind !== 'exited') this.#forget();
    this.#dispatch({ kind: 'stop' });
    await this.#settledAfter(order);
    await Promise.all(this.#clearing);
  }

  /** Writes to the child's stdin. */
  write(bytes: Uint8Array): 'written' | 'none' | 'closed' {
    return this.#run.child?.write(bytes) ?? 'none';
  }

  /** SIGKILL, now, to the whole group: for a shutdown whose time is over. */
  kill(): void {
    this.#run.child?.signal('KILL');
  }

  #ordered(): number {
    this.#orders += 1;
    for (const settle of [...this.#settled]) settle();
    return this.#orders;
  }

  async #settledAfter(order: number): Promise<void> {
    // A child that takes no signals from us is UNKNOWN, and waiting for it would be for ever.
    while (!this.isAtRest && this.#state.kind !== 'unknown' && this.#orders === order) {
      await new Promise<void>((resolve) => {
        const settle = (): void => {
          this.#settled.delete(settle);
          resolve();
        };
        this.#settled.add(settle);
      });
    }
  }

  view(): InstanceView {
    const state = this.#state;
    const pid = pidOf(state);
    const run = this.#run;
    const live = state.kind === 'running' || state.kind === 'starting';
    // What was only hinted at is nobody's port before it was found.
    const isHint = handshakes[this.#spec.handshake].reports === 'sockets' && run.host === undefined;
    const port = isHint ? undefined : run.port;
    const attempt = state.kind === 'starting' || state.kind === 'backoff' ? state.attempt : undefined;
    const nextTry = this.#nextTryAt();
    const { fault: against } = this;
    const { waitingFor = [], health } = this.#aside;
    return {
      name: this.name,
      ...this.#names,
      service: this.#spec.name,
      index: this.#index,
      state: stateName(state),
      since: this.#since,
      ...(pid === undefined || pid === 0 ? {} : { pid }),
      ...(live && run.host !== undefined ? { host: run.host } : {}),
      ...(live && port !== undefined ? { port } : {}),
      ...(attempt === undefined || attempt === 0 ? {} : { attempt }),
      ...(nextTry === undefined ? {} : { nextTryAt: nextTry }),
      ...(this.#exit === undefined ? {} : { exit: this.#exit }),
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
      ...(against === undefined ? {} : { fault: against }),
      ...(waitingFor.length === 0 ? {} : { waitingFor }),
      ...(health === undefined ? {} : { health }),
      ...(live && run.inspector !== undefined ? { inspector: run.inspector } : {}),
      ...filesOf(this.#around.logsOf(this.name, this.#spec)),
      ...(this.#startedAt === undefined ? {} : { startedAt: this.#startedAt }),
      ...(this.#stoppedAt === undefined ? {} : { stoppedAt: this.#stoppedAt }),
      ...(this.#spawnError === undefined ? {} : { spawnError: this.#spawnError }),
    };
  }

  #nextTryAt(): number | undefined {
    const { clock } = this.#around.outside;
    const due =
      this.#state.kind === 'backoff' && !this.#state.giveUp
        ? this.#state.until
        : this.#state.kind === 'exited'
          ? this.#state.restartAt
          : undefined;
    return due === undefined ? undefined : Math.round(clock.wall() + (due - clock.now()));
  }

  /** What a person's order makes past. */
  #forget(): void {
    this.#fault = undefined;
    this.#reason = undefined;
    this.#exit = undefined;
  }

  // ------------------------------------------------------------------------------------- the state machine

  #dispatch(event: ProcessEvent): void {
    const { clock } = this.#around.outside;
    const next = step(this.#state, event, this.#policy, clock.now());
    for (const state of next.states) this.#enter(state);
    for (const effect of next.effects) {
      switch (effect.kind) {
        case 'spawn':
          void this.#launch();
          break;
        case 'signal':
          this.#signal(effect.name);
          break;
        case 'arm':
          this.#timer?.dispose();
          this.#timer = clock.after(Math.max(0, effect.at - clock.now()), () =>
            this.#dispatch({ kind: 'time' }),
          );
          break;
        case 'disarm':
          this.#timer?.dispose();
          this.#timer = undefined;
          break;
      }
    }
    this.#tellChanged();
    if (this.isAtRest || this.#state.kind === 'unknown') for (const settle of [...this.#settled]) settle();
  }

  #enter(state: ProcessState): void {
    const from = stateName(this.#state);
    const to = stateName(state);
    this.#state = state;
    if (from === to) return;
    this.#since = this.#around.outside.clock.wall();
    if (to === 'STARTING') this.#exit = undefined;
    if (to === 'RUNNING') this.#rest();
    if (to === 'FATAL' && this.#fault?.code === 'instance-died') {
      const tries = this.#policy.startRetries + 1;
      this.#reason = `gave up after ${tries} ${tries === 1 ? 'start' : 'starts'}: ${this.#reason ?? ''}`;
    }
    const pid = pidOf(state);
    const attempt = state.kind === 'backoff' ? state.attempt : undefined;
    const told = to === 'BACKOFF' || to === 'FATAL' || to === 'EXITED' || to === 'UNKNOWN';
    if (this.#retired) return;
    this.#around.transition(this, from, to, {
      ...(pid === undefined || pid === 0 ? {} : { pid }),
      ...(to === 'RUNNING' && this.#run.port !== undefined ? { port: this.#run.port } : {}),
      ...(this.#exit !== undefined && to !== 'RUNNING' ? { exit: this.#exit } : {}),
      ...(told && this.#reason !== undefined ? { reason: this.#reason } : {}),
      ...(attempt === undefined ? {} : { attempt }),
    });
  }

  /** RUNNING again: a crash stays to be read, but stands in nobody's way. */
  #rest(): void {
    this.#reason = undefined;
    const old = this.#fault;
    this.#fault = old?.code === 'instance-died' ? { ...old, severity: 'warning' } : undefined;
  }

  #signal(name: string): void {
    const { child } = this.#run;
    if (child === undefined) return;
    try {
      // False is "no such process": the exit is on its way (SV-33).
      child.signal(name);
    } catch (error) {
      this.#reason = `cannot be signalled: ${error instanceof Error ? error.message : String(error)}`;
      this.#dispatch({ kind: 'signalFailed' });
    }
  }

  // ------------------------------------------------------------------------------------------- one start

  async #launch(): Promise<void> {
    const run: Run = {};
    this.#run = run;
    try {
      // What an earlier life left behind may still hold the port.
      if (this.#inTheWay.size > 0) await Promise.all(this.#inTheWay);
      const taken = await this.#prepare(run);
      if (!this.#isCurrent(run)) return;
      if (taken !== undefined) {
        this.#portTaken(run, taken);
        return;
      }
      const plan = this.#plan(run);
      const logs = this.#around.logsOf(this.name, this.#spec);
      const born = await this.#around.outside.spawner.spawn({
        ...plan,
        ...('log' in logs ? logs : { logs }),
      });
      if (!('pid' in born)) {
        this.#cannotSpawn(run, born);
        return;
      }
      run.child = born;
      this.#watch(run, born, plan.env);
    } catch (error) {
      // Ports and temporary files can run out; that is a failed start like any other.
      const reason = error instanceof Error ? error.message : String(error);
      this.#cannotSpawn(run, { reason, way: 'Try again; if it fails again, please report it.' });
    }
  }

  /** Makes what the plan needs; gives the owner's name when the fixed port is somebody else's. */
  async #prepare(run: Run): Promise<string | undefined> {
    const { sockets, files } = this.#around.outside;
    const traits = handshakes[this.#spec.handshake];
    if (traits.givesPort) run.port = await this.#choosePort();
    if (
      traits.givesPort &&
      this.#spec.port !== 'auto' &&
      (await sockets.canConnect('localhost', this.#spec.port))
    ) {
      const owner = await sockets.strangerOn(this.#spec.port);
      return owner === undefined ? 'another program' : `${owner.command} (pid ${owner.pid})`;
    }
    if (this.#debug && isDebuggable(this.#spec)) run.inspectorPort = await sockets.freePort();
    if (traits.configuration === 'file') {
      const text = serialise(this.#configuration(run));
      run.files = {
        configuration: await files.temporary(new TextEncoder().encode(text)),
        port: await files.temporary(new Uint8Array()),
      };
    }
    if (run.port !== undefined) this.#port = run.port;
    return undefined;
  }

  /** A failed start that is tried again: the other program may leave. */
  #portTaken(run: Run, owner: string): void {
    const port = run.port ?? 0;
    this.#clear(run);
    this.#reason = `port ${port} is used by ${owner}`;
    this.#raise('port-taken', { what: this.name, port, owner }, 'port');
    this.#dispatch({ kind: 'spawnFailed' });
  }

  /** A fixed port, or a free one: the last one again, so that an instance keeps its address over restarts. */
  async #choosePort(): Promise<number> {
    const { sockets, clock } = this.#around.outside;
    if (this.#spec.port !== 'auto') return this.#spec.port;
    // Its own port was its own a moment ago, so a free one need not be looked for.
    if (this.#port !== undefined && clock.now() - this.#lastEndedAt < 1000) {
      if (!(await sockets.canConnect('localhost', this.#port))) return this.#port;
      // The last life left something behind that still listens, outside of its group.
      await this.#last?.sweep();
    }
    return sockets.freePort(this.#port);
  }

  #configuration(run: Run): RuntimeConfiguration {
    return {
      version: 1,
      service: this.#spec.name,
      instance: this.name,
      index: this.#index,
      applicationRoot: this.#spec.cwd,
      ...(run.port === undefined ? {} : { port: run.port }),
      environ: this.#spec.env,
      services: this.#around.urls(),
    };
  }

  #plan(run: Run): ReturnType<typeof launchPlan> {
    const traits = handshakes[this.#spec.handshake];
    const stdin = traits.configuration === 'stdin-base64' || traits.configuration === 'stdin-raw';
    return launchPlan(this.#spec, {
      index: this.#index,
      inherited: this.#around.inherited,
      windows: this.#around.windows,
      ...(run.port === undefined ? {} : { port: run.port }),
      ...(run.files === undefined ? {} : { files: run.files }),
      ...(stdin ? { configuration: serialise(this.#configuration(run)) } : {}),
      ...(run.inspectorPort === undefined
        ? {}
        : { debug: debugLaunch(this.#spec, run.inspectorPort, this.#around.inherited) }),
    });
  }

  #isCurrent(run: Run): boolean {
    if (this.#run !== run) return false;
    if (this.#state.kind === 'starting' || run.child !== undefined) return true;
    // Stopped before the child was born: there is nothing to wait for.
    if (this.#state.kind === 'stopping') this.#dispatch({ kind: 'spawnFailed' });
    this.#clear(run);
    return false;
  }

  #cannotSpawn(run: Run, failure: SpawnFailure): void {
    this.#clear(run);
    if (this.#run !== run) return;
    this.#reason = failure.reason;
    if (this.#state.kind === 'starting') {
      this.#raise(
        'cannot-spawn',
        { service: this.#spec.name, reason: failure.reason, way: failure.way },
        'command',
      );
    }
    this.#dispatch({ kind: 'spawnFailed' });
  }

  #watch(run: Run, child: Child, env: Readonly<Record<string, string>>): void {
    this.log.attach(child.output);
    const ready = awaitReady({
      spec: this.#spec,
      child,
      outside: this.#around.outside,
      env,
      ...(run.port === undefined ? {} : { port: run.port }),
      ...(run.files === undefined ? {} : { portFile: run.files.port }),
      inspectorPort: () => run.inspector?.port ?? run.inspectorPort,
      note: (note) => this.#noted(run, note),
    });
    if (run.inspectorPort !== undefined) this.#findInspector(run, child);
    this.#dispatch({ kind: 'spawned', pid: child.pid });
    void this.#settleReadiness(run, child, ready);
    void child.exited.then((exit) => this.#ended(run, child, exit));
  }

  #findInspector(run: Run, child: Child): void {
    const listening = child.output.onLines((lines) => {
      for (const { text } of lines) {
        const found = readInspector(text);
        if (found === undefined && !saysDone(text)) continue;
        // A launcher such as npm starts Node in turn: the one that announced itself last runs the service.
        // Once the program is done nobody is to attach to it any more, and who has is to leave.
        if (found === undefined) delete run.inspector;
        else run.inspector = found;
        if (this.#run === run) this.#tellChanged();
      }
    });
    void child.exited.then(() => listening.dispose());
  }

  async #settleReadiness(run: Run, child: Child, ready: ReturnType<typeof awaitReady>): Promise<void> {
    try {
      const outcome = await ready;
      if (this.#run !== run) return;
      switch (outcome.kind) {
        case 'gone':
          if (outcome.sentence !== undefined) run.sentence = outcome.sentence;
          return;
        case 'bad-port':
          run.badPort = outcome;
          // The last words may still be on their way, or not yet said (RP-36).
          await new Promise<void>((resolve) => void this.#around.outside.clock.after(lastWordsMs, resolve));
          this.#refuse(run);
          return;
        case 'ready':
          run.host = outcome.host;
          if (outcome.port !== undefined) {
            run.port = outcome.port;
            this.#port = outcome.port;
            this.#around.portKnown(this, outcome.host, outcome.port);
          }
          if (!this.#policy.proof) return;
          this.#dispatch({ kind: 'ready' });
          await this.#proveOwnership(run, child);
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#raise('internal', { reason }, 'command');
    }
  }

  /** What answers on the port must be this child or a descendant of it; a stranger is named. */
  async #proveOwnership(run: Run, child: Child): Promise<void> {
    if (run.port === undefined) return;
    const { port } = run;
    const owner = await this.#around.outside.sockets.ownerOf(port, child.pid);
    if (owner === undefined || owner === 'ours' || this.#run !== run) return;
    if (this.#state.kind !== 'running' && this.#state.kind !== 'starting') return;
    const named = `${owner.command} (pid ${owner.pid})`;
    this.#reason = `port ${port} is answered by ${named}`;
    if (this.#spec.port === 'auto') {
      this.#raise('port-stranger', { instance: this.name, port, owner: named }, 'command');
      this.#port = undefined;
    } else {
      this.#raise('port-taken', { what: this.name, port, owner: named }, 'port');
    }
    // No request may reach a stranger, and waiting will not make it leave.
    delete run.host;
    this.#dispatch({ kind: 'handshakeFailed' });
  }

  #noted(run: Run, note: Note): void {
    if (this.#run !== run || this.#state.kind !== 'starting') return;
    if (note.kind === 'slow') {
      this.#raise(
        'slow-start',
        { instance: this.name, seconds: note.seconds, awaited: note.awaited },
        'command',
      );
      this.#reason = note.awaited;
    } else {
      const actual = [...new Set(note.listeners.map((each) => `port ${each.port}`))];
      this.#raise('wrong-port', { instance: this.name, port: run.port ?? 0, actual }, 'handshake');
      this.#reason = `listens on ${actual.join(' and ')}, not on port ${run.port ?? 0}`;
    }
    this.#tellChanged();
  }

  /** Gives up on a child that told no usable port. Does nothing when that is done, or the child is being stopped. */
  #refuse(run: Run): void {
    const { badPort } = run;
    if (badPort === undefined || this.#run !== run) return;
    delete run.badPort;
    if (this.#state.kind !== 'starting') return;
    const { sentence, how } = badPort;
    this.#reason = sentence;
    this.#raise('bad-port', { service: this.#spec.name, sentence, how }, 'handshake', { sentence });
    this.#dispatch({ kind: 'handshakeFailed' });
  }

  #ended(run: Run, child: Child, exit: Exit): void {
    this.#last = child;
    this.#lastEndedAt = this.#around.outside.clock.now();
    this.#clear(run, child);
    if (this.#run !== run) return;
    // It did not wait to be put down.
    this.#refuse(run);
    const expected = isExpected(exit, this.#policy);
    // A signal that we sent ourselves is as expected as an end can be.
    this.#exit = { ...exit, expected: expected || this.#state.kind === 'stopping' };
    // What this exit means is the state machine's to say: too early, expected, or a crash.
    const next = step(this.#state, { kind: 'exited', exit }, this.#policy, this.#around.outside.clock.now());
    const early = this.#state.kind === 'starting' && next.states[0]?.kind === 'backoff';
    const ended = next.states.some((state) => state.kind === 'exited');
    if (early || (ended && !expected)) this.#died(run, exit, early);
    else if (ended) this.#reason = exitWords(exit);
    this.#dispatch({ kind: 'exited', exit });
  }

  #died(run: Run, exit: Exit, early: boolean): void {
    const words = exitWords(exit);
    const unready = early ? this.#unready(run) : '';
    this.#reason = words + unready;
    const sentence = run.sentence ?? (run.port === undefined ? undefined : unexpectedlyQuit(run.port));
    this.#raise(
      'instance-died',
      { instance: this.name, ending: words + unready, silent: this.#lastWords(run).length === 0 },
      'command',
      sentence === undefined ? {} : { sentence },
    );
  }

  #unready(run: Run): string {
    if (!this.#policy.proof) return ' too quickly';
    if (run.port === undefined) return ' before it was ready';
    // RP-30's words, since that is what the waiting was for.
    return ` before it was ready: Cannot connect to the instance on localhost:${run.port}`;
  }

  /**
   * Ends what a run left behind, and deletes its files.
   *
   * Looking at every process of the machine takes as long as a whole start, so after a crash that left nothing in
   * its group it waits until the next child is up.
   */
  #clear(run: Run, child?: Child): void {
    const { clock, files } = this.#around.outside;
    const urgent = child?.signal('KILL') === true || this.#state.kind === 'stopping';
    const work = async (): Promise<void> => {
      if (child !== undefined) {
        if (!urgent) await new Promise<void>((resolve) => void clock.after(unhurriedMs, resolve));
        await child.sweep();
      }
      if (run.files === undefined) return;
      const { configuration, port } = run.files;
      delete run.files;
      await files.remove(configuration);
      await files.remove(port);
    };
    const done = work().catch((error: unknown) => {
      this.#reason ??= `could not be cleared away: ${error instanceof Error ? error.message : String(error)}`;
    });
    for (const set of urgent ? [this.#clearing, this.#inTheWay] : [this.#clearing]) {
      set.add(done);
      void done.then(() => set.delete(done));
    }
  }

  #tellChanged(): void {
    if (!this.#retired) this.#around.changed(this);
  }

  // ---------------------------------------------------------------------------------------------- faults

  #raise<C extends RunFaultCode>(
    code: C,
    params: Parameters<typeof fault<C>>[1],
    key: string,
    facts: Pick<FaultFacts, 'sentence'> = {},
  ): void {
    const evidence = this.#lastWords(this.#run);
    const trace = code === 'instance-died' ? findTrace(evidence, this.#spec.cwd) : undefined;
    const raised = fault(code, params, {
      service: this.#spec.name,
      instance: this.name,
      ...(evidence.length === 0 ? {} : { evidence: evidence.join('\n') }),
      ...facts,
      places: [this.#placeOf(key), ...(trace === undefined ? [] : [trace.place])],
    });
    this.#fault =
      trace === undefined ? raised : { ...raised, message: asSentence(`${raised.message} ${trace.message}`) };
    if (!this.#retired) this.#around.faulted(this.#fault);
  }

  /** The tail of stderr, as long as the reference keeps it (RP-34). */
  #lastWords(run: Run): readonly string[] {
    const lines = run.child?.output.tail(100, 'stderr') ?? [];
    return clipped(lines.map((line) => line.text));
  }

  #placeOf(key: string): Place {
    return this.#spec.keys[key] ?? this.#spec.keys['command'] ?? this.#spec.source;
  }

  #placesOf(old: Fault): readonly Place[] {
    const key =
      old.code === 'port-taken'
        ? 'port'
        : old.code === 'bad-port' || old.code === 'wrong-port'
          ? 'handshake'
          : 'command';
    return [this.#placeOf(key), ...old.places.slice(1)];
  }
}

/** What a program threw seldom ends with a full stop, and a hint follows it. */
function asSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
