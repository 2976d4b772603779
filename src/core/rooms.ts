/**
 * The rooms of the core, put together for one workspace: what each is told of the others, and whom a change concerns.
 *
 * What may be asked of all of it is `runtime.ts`.
 */

import type { Config, FrontDoorSpec } from '../config/spec.ts';
import type { Fault } from '../faults/fault.ts';
import { Control } from './control.ts';
import { Definitions } from './definitions.ts';
import { Following } from './following.ts';
import { FrontDoors } from './front-door.ts';
import { Health } from './health.ts';
import type { Instance } from './instance.ts';
import { LogFiles } from './log/files.ts';
import { Mending } from './mending.ts';
import { Messages } from './messages.ts';
import type { Equipment, EventBody, Snapshot, StateName } from './model.ts';
import { Opening } from './opening.ts';
import { Orders } from './orders.ts';
import { SocketClaims } from './process/socket-claims.ts';
import type { Surroundings, TransitionFacts } from './process/surroundings.ts';
import { Reception } from './reception.ts';
import { Roster } from './roster.ts';
import type { RuntimeOptions } from './runtime-options.ts';
import { Workshop } from './runtimes/workshop.ts';
import { snapshotOf } from './snapshot.ts';
import { Journal } from './supervisor/journal.ts';
import { Supervision } from './supervisor/supervision.ts';
import { Topology } from './topology/topology.ts';
import { Watching } from './watching.ts';

export class Rooms {
  /** What the editor's extensions know. */
  equipment: Equipment = {};
  readonly #options: RuntimeOptions;
  readonly messages: Messages;
  readonly roster = new Roster();
  readonly following: Following;
  readonly doors: FrontDoors;
  readonly #opening: Opening;
  readonly #logs: LogFiles;
  readonly definitions: Definitions;
  readonly orders: Orders;
  readonly control: Control;
  readonly #health: Health;
  readonly watching: Watching;
  readonly mending: Mending;
  readonly #workshop: Workshop;
  readonly reception: Reception;
  /** What the config says of doors, as it was last taken over. */
  readonly #frontDoor: () => FrontDoorSpec;
  /** Supervisor's main log, and the one who writes it and speaks with event listeners. */
  readonly journal: Journal;
  readonly supervision: Supervision;
  readonly #sockets: SocketClaims;
  readonly topology: Topology;
  /** Of the folder: whether its commands may be run. */
  trusted: boolean;

  constructor(options: RuntimeOptions) {
    this.#options = options;
    this.trusted = options.trusted;
    const { outside, tap } = options;
    this.messages = new Messages(outside.clock, () => {
      this.reception.views.told();
      return this.snapshot();
    });
    this.following = new Following(outside.clock, this.roster, (batch) =>
      this.messages.send({ kind: 'log', batch }),
    );
    const config = options.load([]);
    // Until there are definitions, what they begin with.
    const now = (): Config => (this.definitions ?? { config }).config;
    const supervisor = (): Config['supervisor'] => now().supervisor;
    this.#frontDoor = () => now().frontDoor;
    this.#logs = new LogFiles((name) => options.logPath(name), supervisor, options.tag);
    this.journal = new Journal({
      clock: outside.clock,
      level: () => supervisor()?.logLevel ?? 'info',
      file: () => this.#logs.main(),
      append: (plan, text) => outside.logs.append(plan, text),
      holds: () => !this.trusted,
    });
    this.supervision = new Supervision({
      clock: outside.clock,
      journal: this.journal,
      identifier: () => this.#logs.identifier,
    });
    this.#sockets = new SocketClaims(outside.sharedSockets, (text) => this.supervision.say('info', text));
    this.#workshop = new Workshop({
      outside,
      inherited: options.environment,
      windows: options.windows,
      platform: options.platform,
      folder: options.folder,
      workFolder: (service) => options.workFolder(service),
      equipment: () => this.equipment,
      ...(options.recipeOf === undefined ? {} : { recipeOf: options.recipeOf }),
      told: (event) => this.messages.tell(event),
      say: (level, text) => this.supervision.say(level, text),
    });
    this.orders = new Orders({
      clock: outside.clock,
      roster: this.roster,
      supervision: this.supervision,
      trusted: () => this.trusted,
      begin: () => this.#opening.begin(),
      ready: () => this.messages.tell({ event: 'ready' }),
      halted: (instances) => {
        this.mending.consider();
        this.reception.views.lookAt(instances);
      },
      wanted: (service) => this.#workshop.forgive(service),
      faulted: (raised) => this.tellFault(raised),
    });
    this.control = new Control({
      outside,
      roster: this.roster,
      logs: this.#logs,
      refuseWhenOver: () => this.orders.refuseWhenOver(),
    });
    this.#health = new Health({
      outside,
      inherited: options.environment,
      changed: () => {
        this.orders.consider();
        this.orders.tellIfReady();
      },
      isHalted: (instance) => this.orders.isHalted(instance),
      say: (text) => this.supervision.say('info', text),
      faulted: (raised) => this.tellFault(raised),
    });
    this.watching = new Watching({
      clock: outside.clock,
      watcher: outside.watcher,
      roster: this.roster,
      logFiles: () => this.#logs.all(this.roster.all),
      isMade: (service, path) => this.#workshop.makes(service, path),
      isWaiting: (instance) => this.orders.isWaiting(instance),
      isHalted: (instance) => this.orders.isHalted(instance),
      again: (instances, reason) => this.orders.again(instances, reason),
      say: (text) => this.supervision.say('info', text),
      faulted: (raised) => this.tellFault(raised),
      shown: () => this.messages.snapshot(),
    });
    this.mending = new Mending({
      clock: outside.clock,
      watcher: outside.watcher,
      roster: this.roster,
      isHalted: (instance) => this.orders.isHalted(instance),
      again: (instances, reason) => this.orders.again(instances, reason),
      say: (text) => this.supervision.say('info', text),
    });
    this.reception = new Reception({
      outside,
      roster: this.roster,
      supervision: this.supervision,
      frontDoor: this.#frontDoor,
      others: () => ({
        doors: this.doors,
        orders: this.orders,
        definitions: this.definitions,
        topology: this.topology,
      }),
      shown: () => this.messages.snapshot(),
    });
    this.doors = new FrontDoors({
      outside,
      memory: options.memory,
      accounts: this.reception.accounts,
      services: () => [...this.roster.services.values()],
      service: (name) => this.roster.services.get(name),
      listening: (what, url) => this.messages.tell({ event: 'listening', what, url }),
      ...(tap?.request === undefined ? {} : { requested: (request) => tap.request?.(request) }),
      // Of no single process, so that it stands in no process's log.
      said: (service, line) => this.supervision.say('warn', `${service} said over FastCGI: ${line}`),
      queued: () => this.reception.views.queued(),
      warn: (text) => this.supervision.say('warn', text),
      change: (ms) => this.messages.change(ms),
      isHalted: (instance) => this.orders.isHalted(instance),
    });
    this.#opening = new Opening({
      roster: this.roster,
      doors: this.doors,
      supervision: this.supervision,
      files: this.#logs,
      logs: outside.logs,
      pid: options.pid,
      sockets: this.#sockets,
      frontDoor: this.#frontDoor,
      opened: () => {
        this.reception.views.renew();
        this.messages.snapshot();
      },
      faulted: (raised) => this.tellFault(raised),
    });
    this.topology = new Topology({
      clock: outside.clock,
      sockets: outside.sockets,
      config: () => this.definitions.config,
      specs: () => this.roster.specs,
      instance: (service, index) =>
        this.roster.services.get(service)?.instances.find((each) => each.index === index),
      urlOf: (service) => this.doors.urlOf(service),
      say: (level, text) => this.supervision.say(level, text),
    });
    this.definitions = new Definitions(
      {
        load: () => options.load(this.equipment.recipes ?? []),
        roster: this.roster,
        orders: this.orders,
        supervision: this.supervision,
        parts: this.reception.parts(this.#surroundings()),
        welcome: (instance) => this.#welcome(instance),
        farewell: (instance) => {
          this.#health.forget(instance);
          this.following.unfollow(instance.name);
        },
        arranged: (isReloaded) => this.#arranged(isReloaded),
        resized: () => this.messages.snapshot(),
        pause: (ms) => this.messages.pause(ms),
      },
      config,
    );
  }

  /** What each instance has around it. */
  #surroundings(): Surroundings {
    const { outside, environment, windows } = this.#options;
    return {
      outside,
      inherited: environment,
      windows,
      supervision: this.supervision,
      topology: this.topology,
      workshop: this.#workshop,
      doorPortOf: (service) => this.doors.portOf(service) ?? this.doors.portOf(),
      idOf: (name, index) => {
        const service = this.roster.services.get(name);
        const instance = service?.instances.find((each) => each.index === index);
        return instance === undefined ? undefined : service?.idOf(instance);
      },
      urls: () => this.#opening.urls(),
      logsOf: (instance, spec) => this.#logs.of(instance, spec),
      socketOf: (service, socket) =>
        this.#sockets.claim(service, socket, () => {
          const now = this.roster.services.get(service)?.spec.program?.socket;
          return JSON.stringify(now) === JSON.stringify(socket);
        }),
      part: (instance) => this.reception.part(instance),
      transition: (instance, from, to, facts) => this.#transition(instance, from, to, facts),
      portKnown: (instance, host, port) =>
        this.messages.tell({
          event: 'port',
          instance: instance.name,
          host,
          port,
          handshake: instance.spec.handshake,
        }),
      faulted: (raised) => this.tellFault(raised),
      changed: (instance) => this.#changed(instance),
    };
  }

  snapshot(): Snapshot {
    return snapshotOf({
      folder: this.#options.folder,
      trusted: this.trusted,
      pid: this.#options.pid,
      config: this.definitions.config,
      roster: this.roster,
      doors: this.doors,
      logs: this.#logs,
    });
  }

  #welcome(instance: Instance): void {
    this.reception.views.lookAt([instance]);
    const { tap } = this.#options;
    if (tap?.lines !== undefined) instance.log.tap((lines) => tap.lines?.(instance.name, lines));
  }

  async #arranged(isReloaded: boolean): Promise<void> {
    for (const instance of this.roster.instances) this.#health.renew(instance);
    this.watching.consider();
    this.mending.consider();
    if (!this.orders.isOver) await this.#opening.follow(isReloaded);
    this.messages.tell(this.configEvent());
    this.messages.snapshot();
  }

  #transition(instance: Instance, from: StateName, to: StateName, facts: TransitionFacts): void {
    const now = this.roster.instances.find(({ name }) => name === instance.name);
    // Of one that has left the config its end is still told, unless another has come under its name.
    if (now !== undefined && now !== instance) return;
    this.messages.tell({
      event: 'state',
      service: instance.spec.name,
      instance: instance.name,
      from,
      to,
      ...facts,
    });
    if (now === undefined) return;
    this.reception.moved(instance, to);
    this.messages.moved();
    this.topology.moved(instance, to);
    this.#health.moved(instance, to);
    this.orders.consider();
    if (to === 'RUNNING' || to === 'EXITED') this.orders.tellIfReady();
  }

  #changed(instance: Instance): void {
    this.reception.noticed(instance);
    this.messages.changed(instance);
    this.watching.consider();
    this.mending.consider();
  }

  /** A fault that belongs to no instance's state, told once. */
  tellFault(raised: Fault): void {
    this.messages.fault(raised);
  }

  configEvent(): EventBody {
    const { files, services, problems } = this.definitions.config;
    return { event: 'config', files, services: services.map((spec) => spec.name), problems: problems.length };
  }
}
