/**
 * Supervision: the one object the runtime tells its happenings to. It makes Supervisor's events of them, keeps the
 * journal, and drives the pools of event listeners (spec 6.10 and 6.11).
 *
 * It decides nothing about processes: no state changes because of what is told here.
 */

import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import type { ProcessSpec, ServiceSpec, StreamSpec } from '../../config/spec.ts';
import { AnsiStripper } from '../log/strip-ansi.ts';
import type { StateName } from '../model.ts';
import type { Child, Clock, InputOutcome, Stream } from '../outside.ts';
import { joined, textOf } from './bytes.ts';
import {
  communicationEvent,
  type EventName,
  groupEvent,
  logEvent,
  remoteEvent,
  stateEvent,
  subscribedBy,
  type SupervisorEvent,
  supervisorEvent,
} from './events.ts';
import type { Journal, JournalLevel } from './journal.ts';
import { ListenerProcess } from './listener-process.ts';
import { Pool } from './pool.ts';
import { Serial } from './serial.ts';
import { Ticks } from './ticks.ts';

/** What supervision needs to know of an instance. */
export interface Supervised {
  /** `web.0`. */
  readonly name: string;
  /** Supervisor's name of it within its group. */
  readonly process: string;
  readonly group: string;
  /** The effective one: with what is this instance's own. */
  readonly spec: ServiceSpec;
  readonly stateName: StateName;
  readonly pid: number | undefined;
  /** Writes to the child's stdin. `none`: there is none that is open; `closed`: the child has closed it. */
  write(bytes: Uint8Array): InputOutcome;
}

/** What an event about a change of state tells besides the states. */
export interface TransitionNote {
  /** Of the child that the change is about, also when it is gone by now. */
  readonly pid?: number;
  /** The failed starts so far: `tries`. */
  readonly attempt?: number;
  /** Whether an exit was expected. */
  readonly expected?: boolean;
}

export interface SupervisionOptions {
  readonly clock: Clock;
  readonly journal: Journal;
  /** The supervisor's own name: `server` in an event's envelope. */
  identifier(): string;
}

/** A pool and the processes that are in it now, in the order of the instances. */
interface Membership {
  readonly pool: Pool;
  readonly instances: readonly Supervised[];
}

export class Supervision {
  readonly #options: SupervisionOptions;
  readonly #serials = new Serial();
  /** By the name of the service. */
  readonly #pools = new Map<string, Membership>();
  readonly #listeners = new Map<Supervised, ListenerProcess>();
  /** What listens to the output of children that live. */
  readonly #ears = new Map<Supervised, Disposable>();
  readonly #ticks: Ticks;
  #isStopping = false;

  constructor(options: SupervisionOptions) {
    this.#options = options;
    this.#ticks = new Ticks({
      clock: options.clock,
      wanted: (period) => this.#isWanted(`TICK_${period}`),
      fire: (tick) => this.#emit(tick),
    });
  }

  /** Writes a line to the journal. */
  say(level: JournalLevel, text: string): void {
    this.#options.journal.say(level, text);
  }

  /** Called after the new state is stored (spec 6.2), before anything else hears of it. */
  moved(instance: Supervised, from: StateName, to: StateName, note: TransitionNote): void {
    const { pid = instance.pid ?? 0, attempt: tries = 0, expected = false } = note;
    this.#emit(stateEvent(instance, from, to, { pid, tries, expected }));
    if (to === 'RUNNING') this.#dispatch(this.#poolOf(instance));
  }

  /** The child is born: listens to its bytes where events, capture or the listener protocol ask for it. */
  born(instance: Supervised, child: Child): void {
    const { program } = instance.spec;
    const spec = program?.processes.find(({ name }) => name === instance.process) ?? program?.processes[0];
    const ears = new DisposableStore();
    const hear = this.#hearing(instance, child, spec);
    if (hear !== undefined) ears.add(child.output.onBytes(hear));
    if ((spec?.stdout.captureBytes ?? 0) > 0 || (spec?.stderr.captureBytes ?? 0) > 0) {
      ears.add(
        child.output.onCaptured((stream, bytes) =>
          this.#captured(instance, child, spec?.[stream], stream, bytes),
        ),
      );
    }
    this.#ears.get(instance)?.dispose();
    this.#ears.set(instance, ears);
  }

  /** What is to be done with each chunk of output; undefined: nothing at all. */
  #hearing(
    instance: Supervised,
    child: Child,
    spec: ProcessSpec | undefined,
  ): ((stream: Stream, bytes: Uint8Array) => void) | undefined {
    const listener = this.#listenerOf(instance);
    // A listener's stdout is a conversation with us, and told to nobody else.
    const tells = (stream: Stream): boolean =>
      spec?.[stream].events === true && !(stream === 'stdout' && listener !== undefined);
    const events = { stdout: tells('stdout'), stderr: tells('stderr') };
    const noted = this.#options.journal.writes('debug');
    if (listener === undefined && !events.stdout && !events.stderr && !noted) return undefined;
    return (stream, bytes) => {
      this.#note(instance, stream, bytes);
      if (events[stream]) this.#log(instance, child, stream, bytes);
      if (stream === 'stdout') this.#guarded(() => listener?.hear(bytes));
    };
  }

  /** At debug level the journal has all output, too (spec 6.9). */
  #note(instance: Supervised, stream: Stream, bytes: Uint8Array): void {
    const { journal } = this.#options;
    if (journal.writes('debug')) {
      journal.say('debug', `'${instance.process}' ${stream} output:\n${textOf(bytes)}`);
    }
  }

  #log(instance: Supervised, child: Child, stream: Stream, bytes: Uint8Array): void {
    if (!this.#isWanted(stream === 'stdout' ? 'PROCESS_LOG_STDOUT' : 'PROCESS_LOG_STDERR')) return;
    this.#emit(logEvent(instance, child.pid, stream, bytes));
  }

  #captured(
    instance: Supervised,
    child: Child,
    spec: StreamSpec | undefined,
    stream: Stream,
    captured: Uint8Array,
  ): void {
    const bytes = instance.spec.program?.stripAnsi === true ? withoutAnsi(captured) : captured;
    // As in Supervisor, whose manual says otherwise: what is captured is told as output, too.
    if (spec?.events === true && bytes.length > 0) this.#log(instance, child, stream, bytes);
    this.#emit(communicationEvent(instance, child.pid, stream, bytes));
    this.say('debug', `'${instance.process}' ${stream} emitted a comm event`);
  }

  #listenerOf(instance: Supervised): ListenerProcess | undefined {
    const pool = this.#poolOf(instance);
    if (pool === undefined) return undefined;
    const listener = new ListenerProcess({
      instance,
      say: (level, text) => this.say(level, text),
      returned: (parcel, why) => this.#guarded(() => pool.takeBack(parcel, why)),
      ready: () => this.#dispatch(pool),
    });
    this.#listeners.set(instance, listener);
    return listener;
  }

  /** The child is gone and drained; called before the exit's state change (SV-37, SV-38). */
  gone(instance: Supervised): void {
    this.#ears.get(instance)?.dispose();
    this.#ears.delete(instance);
    const listener = this.#listeners.get(instance);
    this.#listeners.delete(instance);
    listener?.gone();
  }

  groupAdded(name: string): void {
    this.#emit(groupEvent('ADDED', name));
  }

  groupRemoved(name: string): void {
    this.#emit(groupEvent('REMOVED', name));
  }

  /** Pools of event listeners follow the services that are there now. */
  arrange(
    services: readonly { readonly spec: ServiceSpec; readonly instances: readonly Supervised[] }[],
  ): void {
    const listening = services.filter(({ spec }) => spec.program?.kind === 'eventlistener');
    for (const [name, { pool }] of this.#pools) {
      if (listening.some(({ spec }) => spec.name === name)) continue;
      pool.dispose();
      this.#pools.delete(name);
    }
    for (const { spec, instances } of listening) {
      const pool = this.#pools.get(spec.name)?.pool ?? this.#newPool(spec);
      this.#pools.set(spec.name, { pool, instances });
      const { events = [], bufferSize = 10 } = spec.program?.listener ?? {};
      pool.subscribe(subscribedBy(events), bufferSize);
    }
    this.#ticks.arrange();
  }

  /** Events wait for listeners that run and may yet take them. */
  get isTelling(): boolean {
    return [...this.#pools.values()].some(
      ({ pool, instances }) =>
        pool.waiting.length > 0 && instances.some(({ stateName }) => stateName === 'RUNNING'),
    );
  }

  #newPool(spec: ServiceSpec): Pool {
    return new Pool({
      name: spec.program?.group ?? spec.name,
      clock: this.#options.clock,
      identifier: () => this.#options.identifier(),
      say: (level, text) => this.say(level, text),
      listeners: () =>
        (this.#pools.get(spec.name)?.instances ?? []).flatMap(
          (instance) => this.#listeners.get(instance) ?? [],
        ),
      failed: (error) => this.#failed(error),
    });
  }

  #poolOf(instance: Supervised): Pool | undefined {
    return this.#pools.get(instance.spec.name)?.pool;
  }

  /** SUPERVISOR_STATE_CHANGE_RUNNING. */
  runningBegun(): void {
    this.#isStopping = false;
    this.#emit(supervisorEvent('RUNNING'));
  }

  /** SUPERVISOR_STATE_CHANGE_STOPPING, once. */
  stoppingBegun(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#emit(supervisorEvent('STOPPING'));
  }

  /** REMOTE_COMMUNICATION (spec 6.13). */
  remote(type: string, data: string): void {
    this.#emit(remoteEvent(type, data));
  }

  #isWanted(name: EventName): boolean {
    return [...this.#pools.values()].some(({ pool }) => pool.wants(name));
  }

  #emit(event: SupervisorEvent): void {
    const pools = [...this.#pools.values()].flatMap(({ pool }) => (pool.wants(event.name) ? [pool] : []));
    if (pools.length === 0) return;
    const serial = this.#serials.take();
    for (const pool of pools) this.#guarded(() => pool.accept(event, serial));
  }

  #dispatch(pool: Pool | undefined): void {
    this.#guarded(() => pool?.dispatch());
  }

  /** What goes wrong with a listener must not go wrong with the process an event is about. */
  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.say('critical', `uncaptured exception while sending events: ${String(error)}`);
  }

  dispose(): void {
    this.#ticks.dispose();
    for (const { pool } of this.#pools.values()) pool.dispose();
    this.#pools.clear();
    for (const ears of this.#ears.values()) ears.dispose();
    this.#ears.clear();
    this.#listeners.clear();
  }
}

/** Of a text that is whole. */
function withoutAnsi(bytes: Uint8Array): Uint8Array {
  const stripper = new AnsiStripper();
  return joined(stripper.push(bytes), stripper.end());
}
