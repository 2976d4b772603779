/**
 * A running workspace: the methods of the one door.
 *
 * Knows what should run and what does; how a config file is found and read, and how anything is done, is told to it.
 */

import type { Disposable } from '../base/disposable.ts';
import type { Config } from '../config/spec.ts';
import type { Fault } from '../faults/fault.ts';
import { fault, FaultError } from '../faults/make.ts';
import { beginThread } from './background-threads.ts';
import type { LogPart } from './control.ts';
import type { Configured } from './definitions.ts';
import type {
  Equipment,
  GroupChanges,
  LogBatch,
  LogPiece,
  Neighbour,
  Outcome,
  RuntimeMessage,
  Snapshot,
  StartOptions,
  Target,
} from './model.ts';
import { Rooms } from './rooms.ts';
import type { RuntimeOptions } from './runtime-options.ts';
import type { Journal } from './supervisor/journal.ts';
import { Told } from './topology/told.ts';

export type { RuntimeOptions } from './runtime-options.ts';

export class Runtime {
  readonly #options: RuntimeOptions;
  readonly #rooms: Rooms;

  constructor(options: RuntimeOptions) {
    this.#options = options;
    this.#rooms = new Rooms(options);
  }

  /** Supervisor's main log, and the one who writes it and speaks with event listeners. */
  get journal(): Journal {
    return this.#rooms.journal;
  }

  subscribe(listener: (message: RuntimeMessage) => void): Disposable {
    return this.#rooms.messages.subscribe(listener);
  }

  snapshot(): Snapshot {
    return this.#rooms.snapshot();
  }

  async reload(): Promise<void> {
    const told = new Told(this.#rooms.topology, this.#rooms.roster.instances);
    await this.#rooms.definitions.reload();
    // Once everything is open, and has its port again.
    this.#rooms.orders.again(await told.outdated());
  }

  start(target: Target, options: StartOptions = {}): Promise<void> {
    return this.#rooms.orders.start(target, options);
  }

  stop(target: Target): Promise<void> {
    return this.#rooms.orders.stop(target);
  }

  restart(target: Target): Promise<void> {
    return this.#rooms.orders.restart(target);
  }

  async trust(): Promise<void> {
    this.#rooms.trusted = true;
    this.journal.release();
    this.#rooms.messages.snapshot();
  }

  /** Whatever acts on processes or on files that the folder has chosen. */
  #refuseUntrusted(): void {
    if (!this.#rooms.trusted) throw new FaultError(fault('untrusted', {}));
  }

  async follow(instance: string, lines: number): Promise<LogBatch> {
    return this.#rooms.following.follow(instance, lines);
  }

  async unfollow(instance: string): Promise<void> {
    this.#rooms.following.unfollow(instance);
  }

  async signal(target: Target, name: string): Promise<readonly Outcome[]> {
    this.#refuseUntrusted();
    return this.#rooms.control.signal(target, name);
  }

  async sendInput(instance: string, text: string): Promise<void> {
    this.#refuseUntrusted();
    return this.#rooms.control.sendInput(instance, text);
  }

  async scale(service: string, instances: number): Promise<void> {
    this.#refuseUntrusted();
    return this.#rooms.definitions.scale(service, instances);
  }

  async background(instance: string): Promise<{ readonly id: string }> {
    this.#refuseUntrusted();
    return beginThread(this.#rooms.roster, instance);
  }

  async examine(instance: string): Promise<{ readonly cause?: string; readonly reason: string } | undefined> {
    // A recipe may run programs to find out.
    this.#refuseUntrusted();
    return this.#rooms.control.examine(instance);
  }

  readLog(part: LogPart): Promise<LogPiece | undefined> {
    return this.#rooms.control.readLog(part);
  }

  async clearLogs(target: Target | 'main'): Promise<readonly Outcome[]> {
    this.#refuseUntrusted();
    return this.#rooms.control.clearLogs(target);
  }

  async reopenLogs(): Promise<void> {
    this.#refuseUntrusted();
    return this.#options.outside.logs.reopen();
  }

  async compare(): Promise<GroupChanges> {
    this.#rooms.orders.refuseWhenOver();
    return this.#rooms.definitions.compare();
  }

  async addGroup(group: string): Promise<void> {
    this.#refuseUntrusted();
    return this.#rooms.definitions.addGroup(group);
  }

  async removeGroup(group: string): Promise<void> {
    this.#refuseUntrusted();
    return this.#rooms.definitions.removeGroup(group);
  }

  async configured(): Promise<readonly Configured[]> {
    return this.#rooms.definitions.configured();
  }

  async sendEvent(type: string, data: string): Promise<void> {
    this.#refuseUntrusted();
    this.#rooms.orders.refuseWhenOver();
    this.#rooms.supervision.remote(type, data);
  }

  /** What the editor's extensions know. */
  get equipment(): Equipment {
    return this.#rooms.equipment;
  }

  async equip(told: Equipment): Promise<void> {
    const { interpreters, debuggers } = this.#rooms.equipment;
    this.#rooms.equipment = {
      ...this.#rooms.equipment,
      ...told,
      interpreters: { ...interpreters, ...told.interpreters },
      debuggers: { ...debuggers, ...told.debuggers },
    };
    if (told.recipes !== undefined) await this.reload();
  }

  async neighbours(): Promise<readonly Neighbour[]> {
    return (await this.#options.neighbours?.()) ?? [];
  }

  /** Everything stops within `graceMs`, and the doors are closed. */
  async shutdown(graceMs: number): Promise<void> {
    this.#rooms.watching.dispose();
    this.#rooms.mending.dispose();
    await this.#rooms.orders.shutdown(graceMs);
    await this.#rooms.doors.close();
    this.#rooms.topology.dispose();
    this.#rooms.reception.dispose();
    this.#rooms.following.dispose();
    this.#rooms.supervision.dispose();
  }

  /** Everything, group after group, as a person who says Ctrl-C expects. Nothing can be started afterwards. */
  stopInOrder(): Promise<void> {
    this.#rooms.watching.dispose();
    this.#rooms.mending.dispose();
    return this.#rooms.orders.stopInOrder();
  }

  /** SIGKILL to everything, now. */
  killAll(): void {
    this.#rooms.orders.killAll();
  }

  /** Holds back all output while the reader of the tap cannot keep up. */
  pauseOutput(): void {
    for (const instance of this.#rooms.roster.all) instance.log.pause();
  }

  resumeOutput(): void {
    for (const instance of this.#rooms.roster.all) instance.log.resume();
  }

  /** Nothing runs, and nothing will by itself. */
  get isIdle(): boolean {
    return this.#rooms.orders.isIdle;
  }

  /** Something could not be started, and will be by itself once that has changed. */
  get isMending(): boolean {
    return this.#rooms.mending.isBusy;
  }

  /** The config as it was last taken over. */
  get config(): Config {
    return this.#rooms.definitions.config;
  }

  /** The `config` event, for a reader that comes first. */
  tellConfig(): void {
    this.#rooms.messages.tell(this.#rooms.configEvent());
  }

  /** A fault that belongs to no instance's state, told once. */
  tellFault(raised: Fault): void {
    this.#rooms.tellFault(raised);
  }
}
