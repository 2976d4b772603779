/**
 * A running workspace that a test turns by hand: what is seen of it is what the test says, orders are kept.
 *
 * It keeps the door's promises: a subscriber gets the present first, and nothing but plain values leaves it.
 */

import { Emitter } from '../../src/base/event.ts';
import type {
  GroupChanges,
  InstanceView,
  LogPiece,
  Neighbour,
  Outcome,
  RuntimeApi,
  RuntimeEvent,
  RuntimeMessage,
  ServiceView,
  Snapshot,
  Unrunnable,
} from '../../src/protocol/api.ts';
import { applyMessage } from '../../src/protocol/snapshot.ts';

export class RuntimeDouble implements RuntimeApi {
  /** What was asked for, in words: `start service web (debug)`. */
  readonly orders: string[] = [];
  readonly #messages = new Emitter<RuntimeMessage>();
  #snapshot: Snapshot;
  /** What the next orders reject with. */
  failure: Error | undefined;
  /** What the next orders wait for before they are done. */
  gate: Promise<void> | undefined;

  /** What the next orders answer with. */
  outcomes: readonly Outcome[] = [];
  unrunnable: Unrunnable | undefined;
  logPiece: LogPiece | undefined;
  changes: GroupChanges = { added: [], changed: [], removed: [] };

  neighboursShown: readonly Neighbour[] = [];

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  subscribe: RuntimeApi['subscribe'] = (listener) => {
    listener({ kind: 'snapshot', snapshot: this.#snapshot });
    return this.#messages.event((message) => listener(structuredClone(message)));
  };

  equip = async (): Promise<void> => undefined;
  neighbours = async (): Promise<readonly Neighbour[]> => this.neighboursShown;

  get listened(): boolean {
    return this.#messages.listened;
  }

  /** One instance is now so. */
  change(instance: InstanceView): void {
    this.#send({ kind: 'instance', instance });
  }

  tell(event: RuntimeEvent): void {
    this.#send({ kind: 'event', event });
  }

  /** The config changed. */
  become(snapshot: Snapshot): void {
    this.#send({ kind: 'snapshot', snapshot });
  }

  start: RuntimeApi['start'] = (target, options = {}) =>
    this.#order(
      `start ${wordsOf(target)}${options.debug === true ? ' (debug)' : ''}${
        options.needs === undefined ? '' : ` (needs: ${options.needs})`
      }`,
    );
  stop: RuntimeApi['stop'] = (target) => this.#order(`stop ${wordsOf(target)}`);
  restart: RuntimeApi['restart'] = (target) => this.#order(`restart ${wordsOf(target)}`);
  reload: RuntimeApi['reload'] = () => this.#order('reload');
  trust: RuntimeApi['trust'] = () => this.#order('trust');
  shutdown: RuntimeApi['shutdown'] = (graceMs) => this.#order(`shutdown ${graceMs}`);
  unfollow: RuntimeApi['unfollow'] = (instance) => this.#order(`unfollow ${instance}`);
  signal: RuntimeApi['signal'] = async (target, name) => {
    await this.#order(`signal ${name} ${wordsOf(target)}`);
    return this.outcomes;
  };
  sendInput: RuntimeApi['sendInput'] = (instance, text) => this.#order(`send ${instance} ${text}`);
  scale: RuntimeApi['scale'] = (service, instances) => this.#order(`scale ${service} ${instances}`);
  background: RuntimeApi['background'] = async (instance) => {
    await this.#order(`background ${instance}`);
    return { id: 'b1' };
  };
  examine: RuntimeApi['examine'] = async (instance) => {
    await this.#order(`examine ${instance}`);
    return this.unrunnable;
  };
  readLog: RuntimeApi['readLog'] = async ({ instance = 'main', stream = 'stdout', offset, length }) => {
    await this.#order(`read ${instance} ${stream} ${offset} ${length}`);
    return this.logPiece;
  };
  clearLogs: RuntimeApi['clearLogs'] = async (target) => {
    await this.#order(`clear ${target === 'main' ? 'main' : wordsOf(target)}`);
    return this.outcomes;
  };
  reopenLogs: RuntimeApi['reopenLogs'] = () => this.#order('reopen');
  compare: RuntimeApi['compare'] = async () => {
    await this.#order('compare');
    return this.changes;
  };
  addGroup: RuntimeApi['addGroup'] = (group) => this.#order(`add ${group}`);
  removeGroup: RuntimeApi['removeGroup'] = (group) => this.#order(`remove ${group}`);
  configured: RuntimeApi['configured'] = async () => {
    await this.#order('configured');
    return [];
  };
  sendEvent: RuntimeApi['sendEvent'] = (type, data) => this.#order(`event ${type} ${data}`);
  follow: RuntimeApi['follow'] = async (instance) => {
    await this.#order(`follow ${instance}`);
    return { instance, lines: [], skipped: 0 };
  };

  #send(message: RuntimeMessage): void {
    this.#snapshot = applyMessage(this.#snapshot, message);
    this.#messages.fire(message);
  }

  async #order(words: string): Promise<void> {
    this.orders.push(words);
    await this.gate;
    if (this.failure !== undefined) throw this.failure;
  }
}

function wordsOf(target: Parameters<RuntimeApi['stop']>[0]): string {
  switch (target.kind) {
    case 'all':
      return 'all';
    case 'group':
      return `group ${target.group}`;
    case 'several':
      return target.targets.map(wordsOf).join(', ');
    case 'service':
      return `service ${target.service}`;
    case 'instance':
      return `instance ${target.instance}`;
  }
}

// ------------------------------------------------------------------------------------------ what is seen

export function snapshotOf(...services: readonly ServiceView[]): Snapshot {
  return {
    folder: '/home/ann/shop',
    files: ['/home/ann/shop/runtimes.yaml'],
    trusted: true,
    problems: [],
    groups: [],
    services,
  };
}

export function serviceOf(name: string, more: Partial<ServiceView> = {}): ServiceView {
  return {
    name,
    source: {
      file: '/home/ann/shop/runtimes.yaml',
      line: 3,
      column: 3,
      endLine: 3,
      endColumn: 3 + name.length,
    },
    runtime: 'node',
    handshake: 'port',
    autostart: true,
    oneShot: false,
    dependsOn: {},
    debuggable: true,
    cwd: '/home/ann/shop',
    faults: [],
    instances: [instanceOf(`${name}.0`)],
    ...more,
  };
}

export function instanceOf(name: string, more: Partial<InstanceView> = {}): InstanceView {
  const [service = name, index = '0'] = name.split('.');
  return {
    name,
    service,
    index: Number(index),
    process: service,
    group: service,
    state: 'STOPPED',
    since: 0,
    ...more,
  };
}

/** An instance as it is once its debugger listens. */
export function debugged(name: string, pid: number, port: number): InstanceView {
  return instanceOf(name, { state: 'RUNNING', pid, inspector: { host: '127.0.0.1', port } });
}
