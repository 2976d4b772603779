/**
 * One instance: takes orders, has its starts performed, and tells what became of it.
 *
 * Every await may come back to a changed world: each start has a `Run`, and what belongs to an earlier run is
 * dropped by comparing identities. What happens next is decided in `process/step.ts`; what is said of it, in
 * `process/record.ts` and `process/complaints.ts`.
 */

import type { ServiceSpec } from '../config/spec.ts';
import type { Fault } from '../faults/fault.ts';
import { clipped } from './log/clip.ts';
import { InstanceLog } from './log/instance-log.ts';
import type { ExitView, InstanceView, StateName, WaitView } from './model.ts';
import type { Child, Exit, SpawnFailure, SpawnPlan } from './outside.ts';
import { Clearing } from './process/clearing.ts';
import { Complaints } from './process/complaints.ts';
import { effectiveSpec, supervisorNames } from './process/effective.ts';
import { Lifecycle } from './process/lifecycle.ts';
import { filesOf } from './process/logs.ts';
import { OrderCount } from './process/order-count.ts';
import { policyOf } from './process/policy.ts';
import { cannotBeParsed, type Obstacle, Preparation } from './process/preparation.ts';
import { ReadinessWatch } from './process/readiness.ts';
import { ProcessRecord } from './process/record.ts';
import type { Run } from './process/run.ts';
import { isAtRest, type ProcessState, pidOf, stateName } from './process/state.ts';
import { isExpected, type ProcessEvent, type SignalTarget } from './process/step.ts';
import { lines, spawnErrorOf } from './process/supervisor-words.ts';
import type { Surroundings, TransitionFacts } from './process/surroundings.ts';
import { viewOf } from './process/view.ts';
import { exitWords } from './process/words.ts';
import { unexpectedlyQuit } from './proxy/sentences.ts';
import type { Supervised } from './supervisor/supervision.ts';

export type { Surroundings, TransitionFacts } from './process/surroundings.ts';

/** What others have found out about an instance: what its start waits for, and whether it is fine. */
export interface Aside {
  readonly waitingFor?: readonly WaitView[] | undefined;
  readonly health?: InstanceView['health'] | undefined;
  /** Stands only where the instance has no fault of its own. */
  readonly fault?: Fault | undefined;
}

export class Instance implements Supervised {
  readonly name: string;
  readonly log: InstanceLog;
  readonly #around: Surroundings;
  readonly #index: number;
  readonly #life: Lifecycle;
  readonly #record: ProcessRecord;
  readonly #complaints: Complaints;
  readonly #preparation: Preparation;
  readonly #clearing: Clearing;
  readonly #orders = new OrderCount();
  #spec: ServiceSpec;
  #names: { readonly process: string; readonly group: string };
  #run: Run;
  #watch: ReadinessWatch | undefined;
  #since: number;
  #exit: ExitView | undefined;
  #debug = false;
  #retired = false;
  #final = false;
  #aside: Aside = {};

  constructor(spec: ServiceSpec, index: number, around: Surroundings) {
    const { outside, supervision } = around;
    this.name = `${spec.name}.${index}`;
    this.#spec = effectiveSpec(spec, index);
    this.#names = supervisorNames(spec, index);
    this.#run = { spec: this.#spec };
    this.#index = index;
    this.#around = around;
    this.#since = outside.clock.wall();
    this.log = new InstanceLog(this.name);
    this.#life = new Lifecycle(policyOf(spec), outside.clock, {
      entered: (from, to, cause) => this.#entered(from, to, cause),
      spawn: () => void this.#launch(),
      signal: (signal, to) => this.#kill(signal, to),
      settled: () => {
        this.#tellChanged();
        this.#orders.wake();
      },
    });
    this.#record = new ProcessRecord({
      instance: this,
      clock: outside.clock,
      supervision,
      isExpected: (exit) => isExpected(exit, this.#life.policy),
    });
    this.#complaints = new Complaints({
      instance: this.name,
      spec: () => this.#spec,
      lastWords: () => this.#lastWords(),
      tell: (fault) => {
        if (!this.#retired) around.faulted(fault);
      },
    });
    this.#preparation = new Preparation({ instance: this.name, index, around });
    this.#clearing = new Clearing(outside, (reason) => {
      this.#complaints.reason ??= reason;
    });
  }

  // ------------------------------------------------------------------------------------------ what it is

  /** The effective definition. */
  get spec(): ServiceSpec {
    return this.#spec;
  }

  /** Supervisor's name of it within its group. */
  get process(): string {
    return this.#names.process;
  }

  get group(): string {
    return this.#names.group;
  }

  get state(): ProcessState {
    return this.#life.state;
  }

  get stateName(): StateName {
    return stateName(this.state);
  }

  get pid(): number | undefined {
    return pidOf(this.state);
  }

  get isAtRest(): boolean {
    return isAtRest(this.state);
  }

  get fault(): Fault | undefined {
    return this.#complaints.fault ?? this.#aside.fault;
  }

  get health(): InstanceView['health'] {
    return this.#aside.health;
  }

  /** Nothing speaks against sending it requests. */
  get isHealthy(): boolean {
    return this.#aside.health !== 'unhealthy';
  }

  /** Where requests can be sent now. */
  get address(): { readonly host: string; readonly port: number } | undefined {
    const { host, port } = this.#run;
    return this.state.kind === 'running' && host !== undefined && port !== undefined
      ? { host, port }
      : undefined;
  }

  /** The port of the present or last run, for the reference's sentences. */
  get lastPort(): number | undefined {
    return this.#run.port ?? this.#preparation.port;
  }

  /** Grows with every order, so that whoever awaited something learns that the person has changed their mind. */
  get orders(): number {
    return this.#orders.count;
  }

  view(): InstanceView {
    const { waitingFor, health } = this.#aside;
    return viewOf(
      {
        state: this.state,
        run: this.#run,
        exit: this.#exit,
        reason: this.#complaints.reason,
        fault: this.fault,
        waitingFor,
        health,
        known: {
          name: this.name,
          index: this.#index,
          since: this.#since,
          ...this.#names,
          ...filesOf(this.#around.logsOf(this.name, this.#spec)),
          ...this.#record.facts,
        },
      },
      this.#around.outside.clock,
    );
  }

  /** What the runtime knows of it beside its own life; keys that are left out stay as they are. */
  note(aside: Aside): void {
    this.#aside = { ...this.#aside, ...aside };
    this.#tellChanged();
  }

  /** A new definition, used from the next start on. */
  redefine(spec: ServiceSpec): void {
    this.#spec = effectiveSpec(spec, this.#index);
    this.#names = supervisorNames(spec, this.#index);
    this.#life.policy = { ...policyOf(spec), final: this.#final };
    this.#complaints.moved();
    this.#tellChanged();
  }

  // --------------------------------------------------------------------------------------------- orders

  start(debug: boolean): void {
    if (this.#final) return;
    this.#orders.next();
    const { kind } = this.state;
    const running = kind === 'starting' || kind === 'running';
    if (running && debug && !this.#debug) {
      this.restart(debug);
      return;
    }
    if ((running || kind === 'unknown') && this.pid !== undefined)
      this.#record.pointless('start', this.stateName, '');
    if (!running) this.#forget();
    if (!running) this.#debug = debug;
    this.#life.dispatch({ kind: 'start' });
  }

  restart(debug = this.#debug): void {
    if (this.#final) return;
    this.#orders.next();
    this.#forget();
    this.#debug = debug;
    this.#life.dispatch({ kind: 'restart' });
  }

  /** Resolves once nothing of it is left, or when another order has taken this one's place. */
  async stop(): Promise<void> {
    const order = this.#orders.next();
    if (this.pid === undefined && this.state.kind !== 'starting' && this.state.kind !== 'stopping')
      this.#record.pointless('stop', this.stateName, this.#life.policy.stopSignal);
    // Why it ended by itself stays to be read.
    if (this.state.kind !== 'fatal' && this.state.kind !== 'exited') this.#forget();
    this.#life.dispatch({ kind: 'stop' });
    await this.#end(order);
  }

  /** As `stop`, but BACKOFF becomes FATAL: its whole group is being stopped (SV-40). */
  async giveUp(): Promise<void> {
    if (this.state.kind !== 'backoff') {
      await this.stop();
      return;
    }
    const order = this.#orders.next();
    this.#life.dispatch({ kind: 'giveUp' });
    await this.#end(order);
  }

  async #end(order: number): Promise<void> {
    await this.#orders.until(
      // A child that takes no signals from us is UNKNOWN, and waiting for it would be for ever.
      () => !this.#life.isBusy && (this.isAtRest || this.state.kind === 'unknown'),
      order,
    );
    await this.#clearing.over();
  }

  /** SIGKILL, now, to the whole group: for a shutdown whose time is over. */
  kill(): void {
    this.#run.child?.signal('KILL');
  }

  /** Sends a signal to its first process, without meaning to end it. Gives the reason when it cannot (SV-35). */
  signal(name: string): string | undefined {
    const { child } = this.#run;
    const { pid } = this;
    if (child === undefined || pid === undefined) {
      const text = lines.notToBeSignalled(this.process, name);
      this.#record.say('debug', text);
      return text;
    }
    this.#record.say('debug', lines.signalling(this.process, pid, name));
    if (!['RUNNING', 'STARTING', 'STOPPING'].includes(this.stateName))
      return lines.badState(this.process, this.stateName, ['RUNNING', 'STARTING', 'STOPPING']);
    try {
      if (!child.signal(name, 'process')) this.#record.justExited();
      return undefined;
    } catch (error) {
      const text = lines.signalFailed(this.process, pid, name, reasonOf(error));
      this.#record.say('critical', text);
      this.#complaints.reason = `cannot be signalled: ${reasonOf(error)}`;
      this.#life.dispatch({ kind: 'signalFailed' });
      return text;
    }
  }

  /** Writes to the child's stdin. One that is being stopped takes no input any more. */
  write(bytes: Uint8Array): 'written' | 'none' | 'closed' {
    if (this.state.kind === 'stopping') return 'none';
    return this.#run.child?.write(bytes) ?? 'none';
  }

  /** Why it could not be run, in Supervisor's words, without running it; undefined when it could (SV-83). */
  async examine(): Promise<SpawnFailure | undefined> {
    const unrunnable = this.#spec.program?.processes[0].unrunnable;
    if (unrunnable !== undefined) return cannotBeParsed(unrunnable).failure;
    const { argv, cwd, env } = this.#preparation.plan({ spec: this.#spec });
    const failure = await this.#around.outside.spawner.examine({ argv, cwd, env });
    if (failure === undefined) return undefined;
    return { ...failure, reason: spawnErrorOf(failure, { name: this.process, program: argv[0], cwd }) };
  }

  /** From now on it only ends: it takes no start any more, and what becomes of it is told to no face. */
  retire(): void {
    this.#retired = true;
    this.takeNoStart();
  }

  /** It only ends from now on, and does not start by itself either (SV-22); what becomes of it is still told. */
  takeNoStart(): void {
    this.#final = true;
    this.#life.policy = { ...this.#life.policy, final: true };
    this.#record.reportNoStops();
    // What it waits for will not come any more.
    this.#life.dispatch({ kind: 'time' });
  }

  /** The next start waits for something, such as the end of another instance of the same name. */
  waitFor(something: Promise<void>): void {
    this.#clearing.block(something);
  }

  /** What a person's order makes past. */
  #forget(): void {
    this.#complaints.forget();
    this.#exit = undefined;
  }

  // -------------------------------------------------------------------------------------- the state machine

  #entered(from: ProcessState, state: ProcessState, cause: ProcessEvent): void {
    const to = stateName(state);
    this.#since = this.#around.outside.clock.wall();
    if (to === 'STARTING') this.#exit = undefined;
    if (to === 'RUNNING') this.#complaints.rest();
    if (to === 'FATAL') this.#complaints.gaveUp(this.#life.policy.startRetries + 1);
    this.#record.entered(from, state, cause);
    if (!this.#retired) this.#around.transition(this, stateName(from), to, this.#factsOf(state));
  }

  #factsOf(state: ProcessState): TransitionFacts {
    const to = stateName(state);
    const pid = pidOf(state);
    const attempt = state.kind === 'backoff' ? state.attempt : undefined;
    const told = to === 'BACKOFF' || to === 'FATAL' || to === 'EXITED' || to === 'UNKNOWN';
    const { reason } = this.#complaints;
    return {
      ...(pid === undefined || pid === 0 ? {} : { pid }),
      ...(to === 'RUNNING' && this.#run.port !== undefined ? { port: this.#run.port } : {}),
      ...(this.#exit !== undefined && to !== 'RUNNING' ? { exit: this.#exit } : {}),
      ...(told && reason !== undefined ? { reason } : {}),
      ...(attempt === undefined ? {} : { attempt }),
    };
  }

  #kill(signal: string, to: SignalTarget): void {
    const { child } = this.#run;
    if (child === undefined) return;
    this.#record.killing(signal, to, signal === 'KILL' && this.state.kind === 'stopping');
    try {
      // Nobody to signal: the exit is on its way (SV-33).
      if (!child.signal(signal, to)) this.#record.justExited();
    } catch (error) {
      this.#record.killFailed(reasonOf(error));
      this.#complaints.reason = `cannot be signalled: ${reasonOf(error)}`;
      this.#life.dispatch({ kind: 'signalFailed' });
    }
  }

  // --------------------------------------------------------------------------------------------- one start

  async #launch(): Promise<void> {
    const run: Run = { spec: this.#spec };
    this.#run = run;
    try {
      // What an earlier life left behind may still hold the port.
      await this.#clearing.free();
      const obstacle = await this.#preparation.prepare(run, this.#debug);
      if (!this.#isWanted(run)) return;
      if (obstacle !== undefined) {
        this.#hindered(run, obstacle);
        return;
      }
      const plan = this.#planned(run);
      const born = await this.#around.outside.spawner.spawn(plan);
      if ('pid' in born) this.#born(run, born, plan.env);
      else this.#cannotSpawn(run, born, spawnErrorOf(born, this.#spawned(plan)));
    } catch (error) {
      // Ports and temporary files can run out; that is a failed start like any other.
      const reason = reasonOf(error);
      const failure = {
        reason,
        way: 'Try again; if it fails again, please report it.',
        stage: 'pipes',
      } as const;
      this.#cannotSpawn(
        run,
        failure,
        spawnErrorOf(failure, this.#spawned({ argv: [''], cwd: run.spec.cwd })),
      );
    }
  }

  #planned(run: Run): SpawnPlan {
    const logs = this.#around.logsOf(this.name, run.spec);
    return { ...this.#preparation.plan(run), ...('log' in logs ? logs : { logs }) };
  }

  #spawned({ argv, cwd }: Pick<SpawnPlan, 'argv' | 'cwd'>): Parameters<typeof spawnErrorOf>[1] {
    return { name: this.process, program: argv[0], cwd };
  }

  /** Whether the child is still to be born. */
  #isWanted(run: Run): boolean {
    if (this.#run !== run) return false;
    if (this.state.kind === 'starting') return true;
    this.#clear(run);
    // Stopped before the child was born: there is nothing to wait for.
    if (this.state.kind === 'stopping') this.#life.dispatch({ kind: 'spawnFailed' });
    return false;
  }

  #hindered(run: Run, obstacle: Obstacle): void {
    if (obstacle.kind === 'unrunnable') {
      this.#cannotSpawn(run, obstacle.failure, obstacle.text);
      return;
    }
    const { owner } = obstacle;
    const port = run.port ?? 0;
    this.#clear(run);
    this.#complaints.reason = `port ${port} is used by ${owner}`;
    this.#complaints.raise('port-taken', { what: this.name, port, owner }, 'port');
    this.#record.spawnFailed(this.#complaints.reason);
    // A failed start that is tried again: the other program may leave.
    this.#life.dispatch({ kind: 'spawnFailed' });
  }

  #cannotSpawn(run: Run, failure: SpawnFailure, text: string): void {
    this.#clear(run);
    if (this.#run !== run) return;
    const { reason, way } = failure;
    this.#complaints.reason = reason;
    if (this.state.kind === 'starting')
      this.#complaints.raise('cannot-spawn', { service: this.#spec.name, reason, way }, 'command');
    this.#record.spawnFailed(text);
    this.#life.dispatch({ kind: 'spawnFailed' });
  }

  #born(run: Run, child: Child, env: Readonly<Record<string, string>>): void {
    run.child = child;
    this.log.attach(child.output);
    const { proof } = this.#life.policy;
    this.#watch = new ReadinessWatch({
      instance: this.name,
      run,
      child,
      env,
      outside: this.#around.outside,
      complaints: this.#complaints,
      isCurrent: () => this.#run === run,
      isStarting: () => this.state.kind === 'starting',
      isUp: () => this.state.kind === 'starting' || this.state.kind === 'running',
      reachable: (host, port) => {
        this.#preparation.port = port;
        this.#around.portKnown(this, host, port);
      },
      portLost: () => {
        this.#preparation.port = undefined;
      },
      ready: proof ? () => this.#life.dispatch({ kind: 'ready' }) : undefined,
      failed: () => {
        this.#record.spawnFailed(this.#complaints.reason ?? '');
        this.#life.dispatch({ kind: 'handshakeFailed' });
      },
      changed: () => this.#tellChanged(),
    });
    this.#watch.begin();
    this.#record.spawned(child);
    this.#life.dispatch({ kind: 'spawned', pid: child.pid });
    this.#record.born(child);
    void child.exited.then((exit) => this.#ended(run, child, exit));
  }

  #ended(run: Run, child: Child, exit: Exit): void {
    this.#preparation.ended(child);
    this.#clear(run, child);
    this.#record.gone();
    if (this.#run !== run) return;
    // It did not wait to be put down.
    this.#watch?.refuse();
    const expected = isExpected(exit, this.#life.policy);
    // A signal that we sent ourselves is as expected as an end can be.
    this.#exit = { ...exit, expected: expected || this.state.kind === 'stopping' };
    // What this exit means is the state machine's to say: too early, expected, or a crash.
    const { states } = this.#life.foresee({ kind: 'exited', exit });
    const early = this.state.kind === 'starting' && states[0]?.kind === 'backoff';
    const ended = states.some((state) => state.kind === 'exited');
    if (early || (ended && !expected)) this.#died(run, exit, early);
    else if (ended) this.#complaints.reason = exitWords(exit);
    this.#life.dispatch({ kind: 'exited', exit });
  }

  #died(run: Run, exit: Exit, early: boolean): void {
    const ending = exitWords(exit) + (early ? this.#unready(run) : '');
    this.#complaints.reason = ending;
    const sentence = run.sentence ?? (run.port === undefined ? undefined : unexpectedlyQuit(run.port));
    this.#complaints.raise(
      'instance-died',
      { instance: this.name, ending, silent: this.#lastWords().length === 0 },
      'command',
      sentence === undefined ? {} : { sentence },
    );
  }

  #unready(run: Run): string {
    if (!this.#life.policy.proof) return ' too quickly';
    if (run.port === undefined) return ' before it was ready';
    // RP-30's words, since that is what the waiting was for.
    return ` before it was ready: Cannot connect to the instance on localhost:${run.port}`;
  }

  /** Ends what a run left behind. */
  #clear(run: Run, child?: Child): void {
    const urgent = child?.signal('KILL') === true || this.state.kind === 'stopping';
    this.#clearing.clear(run, child, urgent);
  }

  /** The tail of stderr, as long as the reference keeps it (RP-34). */
  #lastWords(): readonly string[] {
    const tail = this.#run.child?.output.tail(100, 'stderr') ?? [];
    return clipped(tail.map((line) => line.text));
  }

  #tellChanged(): void {
    if (!this.#retired) this.#around.changed(this);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
