/**
 * One instance: takes orders, shows what it is, and tells what became of it.
 *
 * What happens next is decided in `process/step.ts` and driven by `process/lifecycle.ts`; starts are performed by
 * `process/starts.ts`; what is said of it is said by `process/record.ts` and `process/complaints.ts`.
 */

import type { ServiceSpec } from '../config/spec.ts';
import type { Fault } from '../faults/fault.ts';
import { InstanceLog } from './log/instance-log.ts';
import type { InstanceView, StateName, WaitView } from './model.ts';
import type { InputOutcome, SpawnFailure } from './outside.ts';
import { ChildControl } from './process/child-control.ts';
import { Complaints } from './process/complaints.ts';
import { effectiveSpec, supervisorNames } from './process/effective.ts';
import { Lifecycle } from './process/lifecycle.ts';
import { filesOf } from './process/logs.ts';
import { OrderCount } from './process/order-count.ts';
import { isExpected, policyOf } from './process/policy.ts';
import type { Hindrance } from './process/planning.ts';
import { ProcessRecord } from './process/record.ts';
import { Starts } from './process/starts.ts';
import { isAtRest, type ProcessState, pidOf, stateName } from './process/state.ts';
import type { ProcessEvent } from './process/step.ts';
import type { Surroundings, TransitionFacts } from './process/surroundings.ts';
import { type RequestFacts, viewOf } from './process/view.ts';
import { talkOf } from './supervisor/listener-protocol.ts';
import type { Supervised } from './supervisor/supervision.ts';

export type { Surroundings, TransitionFacts } from './process/surroundings.ts';

/** What others have found out about an instance: what its start waits for, whether it is fine, and how requests fare. */
export interface Aside extends RequestFacts {
  readonly waitingFor?: readonly WaitView[] | undefined;
  readonly health?: InstanceView['health'] | undefined;
  /** Stands only where the instance has no fault of its own. */
  readonly fault?: Fault | undefined;
}

/** The two steps of an end. Neither rejects. */
export interface Ending {
  /** It is at rest, or the order does not stand any more. */
  readonly gone: Promise<void>;
  /** And nothing of what it ran is left. */
  readonly cleared: Promise<void>;
}

export class Instance implements Supervised {
  readonly name: string;
  readonly log: InstanceLog;
  readonly #around: Surroundings;
  readonly #index: number;
  readonly #life: Lifecycle;
  readonly #record: ProcessRecord;
  readonly #complaints: Complaints;
  readonly #starts: Starts;
  readonly #control: ChildControl;
  readonly #orders = new OrderCount();
  #spec: ServiceSpec;
  #names: { readonly process: string; readonly group: string };
  #since: number;
  #retired = false;
  #final = false;
  #aside: Aside = {};
  #askedToEnd: number | undefined;

  constructor(spec: ServiceSpec, index: number, around: Surroundings) {
    const { outside, supervision } = around;
    this.name = `${spec.name}.${index}`;
    this.#spec = effectiveSpec(spec, index);
    this.#names = supervisorNames(spec, index);
    this.#index = index;
    this.#around = around;
    this.#since = outside.clock.wall();
    this.log = new InstanceLog(this.name, talkOf(spec));
    this.#life = new Lifecycle(policyOf(spec), outside.clock, {
      entered: (from, to, cause) => this.#entered(from, to, cause),
      spawn: () => void this.#starts.launch(),
      signal: (signal, to) => this.#control.end(signal, to),
      part: () => this.#control.part(),
      settled: () => {
        this.#record.settled();
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
      lastWords: () => this.#starts.lastWords(),
      tell: (fault) => {
        if (!this.#retired) around.faulted(fault);
      },
    });
    this.#starts = new Starts({
      instance: this.name,
      index,
      around,
      life: this.#life,
      record: this.#record,
      complaints: this.#complaints,
      log: this.log,
      spec: () => this.#spec,
      process: () => this.process,
      id: () => around.idOf?.(this.#spec.name, index) ?? String(index),
      portKnown: (host, port) => around.portKnown(this, host, port),
      changed: () => this.#tellChanged(),
    });
    this.#control = new ChildControl({
      instance: this,
      around,
      life: this.#life,
      record: this.#record,
      complaints: this.#complaints,
      starts: this.#starts,
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

  /** Among the instances of its service, from 0. */
  get index(): number {
    return this.#index;
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

  /** The last process that was to end because of an order, not by itself. */
  get askedToEnd(): number | undefined {
    return this.#askedToEnd;
  }

  get isAtRest(): boolean {
    return isAtRest(this.state);
  }

  /** A start of it was ordered and waits for others that may still come. */
  get isAboutToStart(): boolean {
    const { waitingFor = [] } = this.#aside;
    return waitingFor.length > 0 && !waitingFor.some(({ stuck }) => stuck);
  }

  /** Why it is not even tried to start it, before something is changed; undefined: nothing is in its way. */
  get hindrance(): Hindrance | undefined {
    return this.state.kind === 'fatal' ? this.#starts.hindrance : undefined;
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
    const { host, port } = this.#starts.run;
    return this.state.kind === 'running' && host !== undefined && port !== undefined
      ? { host, port }
      : undefined;
  }

  /** What the present run was told of the other processes of its application; undefined before, and at rest. */
  get told(): Readonly<Record<string, string>> | undefined {
    const { kind } = this.state;
    return kind === 'starting' || kind === 'running' ? this.#starts.run.told : undefined;
  }

  /** The port of the present or last run, for the reference's sentences. */
  get lastPort(): number | undefined {
    return this.#starts.lastPort;
  }

  view(): InstanceView {
    const { waitingFor, health } = this.#aside;
    return viewOf(
      {
        state: this.state,
        run: this.#starts.run,
        // What waits to start again has an end behind it that we asked for ourselves: nothing to be told of.
        exit: this.state.kind === 'stopped' && (waitingFor?.length ?? 0) > 0 ? undefined : this.#starts.exit,
        reason: this.#complaints.reason,
        fault: this.fault,
        waitingFor,
        health,
        requests: this.#aside,
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
    if (running && debug && !this.#starts.debug) {
      this.restart(debug);
      return;
    }
    if ((running || kind === 'unknown') && this.pid !== undefined)
      this.#record.pointless('start', this.stateName, '');
    if (!running) this.#forget();
    if (!running) this.#starts.debug = debug;
    this.#life.dispatch({ kind: 'start' });
  }

  restart(debug = this.#starts.debug, reason?: string): void {
    if (this.#final) return;
    this.#orders.next();
    this.#forget();
    this.#complaints.reason = reason;
    this.#starts.debug = debug;
    this.#life.dispatch({ kind: 'restart' });
  }

  /** Resolves once nothing of it is left, or when another order has taken this one's place. */
  async stop(): Promise<void> {
    await this.ending().cleared;
  }

  /**
   * The same in two steps: others may stop as soon as it is `gone`, while what it left behind is `cleared`.
   *
   * @param stands Whether the order still does, looked at whenever something changes; without it, until the next one.
   */
  ending(stands?: () => boolean): Ending {
    const order = this.#orders.next();
    const { kind } = this.state;
    // Whoever ends everything orders a stop of all there is.
    if (!this.#final && this.pid === undefined && kind !== 'starting' && kind !== 'stopping')
      this.#record.pointless('stop', this.stateName, this.#life.policy.stopSignal);
    // Why it ended by itself stays to be read.
    if (kind !== 'fatal' && kind !== 'exited') this.#forget();
    this.#life.dispatch({ kind: 'stop' });
    return this.#endOf(stands ?? (() => this.#orders.count === order));
  }

  /** As `ending`, but BACKOFF becomes FATAL: its whole group is being stopped (SV-40). */
  givingUp(stands?: () => boolean): Ending {
    if (this.state.kind !== 'backoff') return this.ending(stands);
    const order = this.#orders.next();
    this.#life.dispatch({ kind: 'giveUp' });
    return this.#endOf(stands ?? (() => this.#orders.count === order));
  }

  #endOf(stands: () => boolean): Ending {
    const gone = this.#orders.until(
      // A child that takes no signals from us is UNKNOWN, and waiting for it would be for ever.
      () => !this.#life.isBusy && (this.isAtRest || this.state.kind === 'unknown'),
      stands,
    );
    return { gone, cleared: gone.then(() => this.#starts.clearing.over()) };
  }

  /** SIGKILL, now, to the whole group: for a shutdown whose time is over. */
  kill(): void {
    this.#starts.callOff();
    this.#control.kill();
  }

  /** Sends a signal to its first process, without meaning to end it. Gives the reason when it cannot (SV-35). */
  signal(name: string): string | undefined {
    return this.#control.signal(name);
  }

  /** Writes to the child's stdin; what stands against it is noted in Supervisor's words (SV-66). */
  write(bytes: Uint8Array): InputOutcome {
    return this.#control.write(bytes);
  }

  /** Why it could not be run, in Supervisor's words, without running it; undefined when it could (SV-83). */
  examine(): Promise<SpawnFailure | undefined> {
    return this.#starts.examine();
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
    this.#starts.clearing.block(something);
  }

  /** What a person's order makes past. */
  #forget(): void {
    this.#complaints.forget();
    this.#starts.exit = undefined;
  }

  // -------------------------------------------------------------------------------------- the state machine

  #entered(from: ProcessState, state: ProcessState, cause: ProcessEvent): void {
    const to = stateName(state);
    this.#since = this.#around.outside.clock.wall();
    if (state.kind === 'stopping' && state.pid !== undefined) this.#askedToEnd = state.pid;
    if (state.kind === 'stopping') this.#starts.callOff();
    if (to === 'STARTING') this.#starts.exit = undefined;
    if (to === 'RUNNING') this.#complaints.rest();
    if (to === 'FATAL') this.#complaints.gaveUp(this.#life.policy.startRetries + 1);
    this.#record.entered(from, state, cause);
    this.#around.transition(this, stateName(from), to, this.#factsOf(state));
  }

  #factsOf(state: ProcessState): TransitionFacts {
    const to = stateName(state);
    const pid = pidOf(state);
    const told = ['STOPPING', 'BACKOFF', 'FATAL', 'EXITED', 'UNKNOWN'].includes(to);
    return {
      ...(pid === undefined || pid === 0 ? {} : { pid }),
      ...(to === 'RUNNING' && this.#starts.run.port !== undefined ? { port: this.#starts.run.port } : {}),
      ...(this.#starts.exit !== undefined && to !== 'RUNNING' ? { exit: this.#starts.exit } : {}),
      ...(told && this.#complaints.reason !== undefined ? { reason: this.#complaints.reason } : {}),
      ...(state.kind === 'backoff' ? { attempt: state.attempt } : {}),
    };
  }

  #tellChanged(): void {
    if (!this.#retired) this.#around.changed(this);
  }
}
