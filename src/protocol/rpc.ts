/**
 * `RuntimeApi` over JSON-RPC.
 *
 * `serve` and `connect` are each other's mirror: what one side calls, the other performs. The wire may be a
 * worker's port or a socket; this module only sees a reader and a writer.
 */

import {
  createMessageConnection,
  type MessageConnection,
  type MessageReader,
  type MessageWriter,
  NotificationType,
  RequestType,
  RequestType0,
} from 'vscode-jsonrpc/node';
import { type Disposable, disposable } from '../base/disposable.ts';
import type {
  ConfiguredService,
  Equipment,
  GroupChanges,
  LogBatch,
  LogPiece,
  LogRequest,
  Neighbour,
  Outcome,
  RuntimeApi,
  RuntimeMessage,
  StartOptions,
  Target,
  Unrunnable,
} from './api.ts';

const requests = {
  subscribe: new RequestType0<void, void>('subscribe'),
  reload: new RequestType0<void, void>('reload'),
  start: new RequestType<{ target: Target; options: StartOptions }, void, void>('start'),
  stop: new RequestType<Target, void, void>('stop'),
  restart: new RequestType<Target, void, void>('restart'),
  trust: new RequestType0<void, void>('trust'),
  follow: new RequestType<{ instance: string; lines: number }, LogBatch, void>('follow'),
  unfollow: new RequestType<{ instance: string }, void, void>('unfollow'),
  signal: new RequestType<{ target: Target; name: string }, readonly Outcome[], void>('signal'),
  sendInput: new RequestType<{ instance: string; text: string }, void, void>('sendInput'),
  scale: new RequestType<{ service: string; instances: number }, void, void>('scale'),
  background: new RequestType<{ instance: string }, { readonly id: string }, void>('background'),
  examine: new RequestType<{ instance: string }, Unrunnable | null, void>('examine'),
  readLog: new RequestType<LogRequest, LogPiece | null, void>('readLog'),
  clearLogs: new RequestType<{ target: Target | 'main' }, readonly Outcome[], void>('clearLogs'),
  reopenLogs: new RequestType0<void, void>('reopenLogs'),
  compare: new RequestType0<GroupChanges, void>('compare'),
  addGroup: new RequestType<{ group: string }, void, void>('addGroup'),
  removeGroup: new RequestType<{ group: string }, void, void>('removeGroup'),
  configured: new RequestType0<readonly ConfiguredService[], void>('configured'),
  sendEvent: new RequestType<{ type: string; data: string }, void, void>('sendEvent'),
  equip: new RequestType<Equipment, void, void>('equip'),
  neighbours: new RequestType0<readonly Neighbour[], void>('neighbours'),
  shutdown: new RequestType<{ graceMs: number }, void, void>('shutdown'),
};
const message = new NotificationType<RuntimeMessage>('message');

export interface Wire {
  readonly reader: MessageReader;
  readonly writer: MessageWriter;
}

/** Answers the calls that come over a wire. Disposed, it listens no more; the runtime itself goes on. */
export function serve(wire: Wire, api: RuntimeApi): Disposable {
  const connection = createMessageConnection(wire.reader, wire.writer);
  let subscription: Disposable | undefined;
  connection.onRequest(requests.subscribe, () => {
    subscription?.dispose();
    subscription = api.subscribe((each) => {
      // A reader that leaves in the middle of a message is no matter of the runtime's; the wire tells its owner.
      connection.sendNotification(message, each).catch(() => undefined);
    });
  });
  connection.onRequest(requests.reload, () => api.reload());
  connection.onRequest(requests.start, ({ target, options }) => api.start(target, options));
  connection.onRequest(requests.stop, (target) => api.stop(target));
  connection.onRequest(requests.restart, (target) => api.restart(target));
  connection.onRequest(requests.trust, () => api.trust());
  connection.onRequest(requests.follow, ({ instance, lines }) => api.follow(instance, lines));
  connection.onRequest(requests.unfollow, ({ instance }) => api.unfollow(instance));
  connection.onRequest(requests.signal, ({ target, name }) => api.signal(target, name));
  connection.onRequest(requests.sendInput, ({ instance, text }) => api.sendInput(instance, text));
  connection.onRequest(requests.scale, ({ service, instances }) => api.scale(service, instances));
  connection.onRequest(requests.background, ({ instance }) => api.background(instance));
  // JSON has no undefined.
  connection.onRequest(requests.examine, async ({ instance }) => (await api.examine(instance)) ?? null);
  connection.onRequest(requests.readLog, async (request) => (await api.readLog(request)) ?? null);
  connection.onRequest(requests.clearLogs, ({ target }) => api.clearLogs(target));
  connection.onRequest(requests.reopenLogs, () => api.reopenLogs());
  connection.onRequest(requests.compare, () => api.compare());
  connection.onRequest(requests.addGroup, ({ group }) => api.addGroup(group));
  connection.onRequest(requests.removeGroup, ({ group }) => api.removeGroup(group));
  connection.onRequest(requests.configured, () => api.configured());
  connection.onRequest(requests.sendEvent, ({ type, data }) => api.sendEvent(type, data));
  connection.onRequest(requests.equip, (equipment) => api.equip(equipment));
  connection.onRequest(requests.neighbours, () => api.neighbours());
  connection.onRequest(requests.shutdown, ({ graceMs }) => api.shutdown(graceMs));
  connection.listen();
  return disposable(() => {
    subscription?.dispose();
    connection.dispose();
  });
}

/** A `RuntimeApi` whose other side is at the end of a wire. Calls reject once the wire is closed. */
export function connect(wire: Wire): RuntimeApi & Disposable {
  const connection: MessageConnection = createMessageConnection(wire.reader, wire.writer);
  const listeners = new Set<(each: RuntimeMessage) => void>();
  connection.onNotification(message, (each) => {
    for (const listener of [...listeners]) listener(each);
  });
  connection.listen();
  return {
    subscribe(listener) {
      listeners.add(listener);
      // Asking again makes the other side send a snapshot first, so that no late-comer misses the present.
      connection.sendRequest(requests.subscribe).catch(() => listeners.delete(listener));
      return disposable(() => listeners.delete(listener));
    },
    reload: () => connection.sendRequest(requests.reload),
    start: (target, options = {}) => connection.sendRequest(requests.start, { target, options }),
    stop: (target) => connection.sendRequest(requests.stop, target),
    restart: (target) => connection.sendRequest(requests.restart, target),
    trust: () => connection.sendRequest(requests.trust),
    follow: (instance, lines) => connection.sendRequest(requests.follow, { instance, lines }),
    unfollow: (instance) => connection.sendRequest(requests.unfollow, { instance }),
    signal: (target, name) => connection.sendRequest(requests.signal, { target, name }),
    sendInput: (instance, text) => connection.sendRequest(requests.sendInput, { instance, text }),
    scale: (service, instances) => connection.sendRequest(requests.scale, { service, instances }),
    background: (instance) => connection.sendRequest(requests.background, { instance }),
    examine: async (instance) => (await connection.sendRequest(requests.examine, { instance })) ?? undefined,
    readLog: async (request) => (await connection.sendRequest(requests.readLog, request)) ?? undefined,
    clearLogs: (target) => connection.sendRequest(requests.clearLogs, { target }),
    reopenLogs: () => connection.sendRequest(requests.reopenLogs),
    compare: () => connection.sendRequest(requests.compare),
    addGroup: (group) => connection.sendRequest(requests.addGroup, { group }),
    removeGroup: (group) => connection.sendRequest(requests.removeGroup, { group }),
    configured: () => connection.sendRequest(requests.configured),
    sendEvent: (type, data) => connection.sendRequest(requests.sendEvent, { type, data }),
    equip: (equipment) => connection.sendRequest(requests.equip, equipment),
    neighbours: () => connection.sendRequest(requests.neighbours),
    shutdown: (graceMs) => connection.sendRequest(requests.shutdown, { graceMs }),
    dispose: () => connection.dispose(),
  };
}
