/**
 * What an editor's window speaks to: a home of its own, or the host that runs the folder already.
 *
 * A folder is never run twice: before anything starts, the window takes the folder's control socket, and joins whoever
 * has it instead. It holds the socket only while something runs, so that a window that just shows a folder is in
 * nobody's way. Leaving another's host stops nothing of it.
 */

import { realpathSync } from 'node:fs';
import type { Disposable } from '../base/disposable.ts';
import { disposable } from '../base/disposable.ts';
import { reasonOf } from '../node/error-words.ts';
import type { RuntimeApi, RuntimeMessage, Snapshot } from '../protocol/api.ts';
import { applyMessage } from '../protocol/snapshot.ts';
import { Clients } from './clients.ts';
import { connectToHost, type ControlSocket, openControlSocket } from './control-socket.ts';
import { daemonPid } from './daemon.ts';
import { createHome, type HomeOptions } from './home.ts';
import { SocketInUse } from './unix-socket.ts';

export interface WindowOptions extends Omit<HomeOptions, 'resident' | 'control' | 'tap'> {
  /** Takes a line for the editor's own log. */
  readonly print: (line: string) => void;
}

/** A host and what it shows now. */
interface Side {
  readonly api: RuntimeApi;
  snapshot: Snapshot;
}

interface Own extends Side {
  readonly clients: Clients;
}

/** A stop that is the first half of a restart is no rest. */
const restMs = 1000;

export class WindowHome {
  readonly #options: WindowOptions;
  readonly #listeners = new Set<(message: RuntimeMessage) => void>();
  /** Instances whose log is shown, whichever host writes it. */
  readonly #followed = new Set<string>();
  #trusted: boolean;
  #own: Own | undefined;
  #joined: (Side & Disposable) | undefined;
  #socket: ControlSocket | undefined;
  /** Orders under way that may start something. */
  #orders = 0;
  #rest: NodeJS.Timeout | undefined;
  #over = false;
  /** Whoever changes sides does so alone. */
  #turn: Promise<unknown>;
  readonly api: RuntimeApi;

  constructor(options: WindowOptions) {
    this.#options = options;
    this.#trusted = options.trusted;
    this.#turn = this.#begin();
    this.api = this.#door();
  }

  async #begin(): Promise<void> {
    if (!(await this.#join())) this.#ownHome();
  }

  /** Whichever host is shown now. */
  get #side(): Side {
    return this.#joined ?? this.#ownHome();
  }

  #ownHome(): Own {
    if (this.#own !== undefined) return this.#own;
    const { print: _, ...options } = this.#options;
    const home = createHome({ ...options, trusted: this.#trusted, resident: true });
    const clients = new Clients(home.api);
    const api = clients.join();
    let own: Own | undefined;
    api.subscribe((message) => {
      if (own === undefined) {
        if (message.kind === 'snapshot') own = { api, clients, snapshot: message.snapshot };
        return;
      }
      own.snapshot = applyMessage(own.snapshot, message);
      this.#tell(own, message);
      if (message.kind === 'snapshot' || message.kind === 'instance') this.#watchRest();
    });
    if (own === undefined) throw new Error('A host sends its snapshot at once.');
    this.#own = own;
    return this.#own;
  }

  /** Joins the host that runs the folder. False: nobody does, or it is not for us to ask. */
  async #join(): Promise<boolean> {
    if (!this.#trusted || this.#socket !== undefined || this.#over) return false;
    if (this.#joined !== undefined) return true;
    const { folder } = this.#options;
    const client = await connectToHost(folder);
    if (client === undefined) return false;
    const pid = daemonPid(realFolder(folder));
    // It may write the folder in another way than this window.
    const ours = (snapshot: Snapshot): Snapshot => ({
      ...snapshot,
      folder,
      runBy: pid === undefined ? { kind: 'other' } : { kind: 'daemon', pid },
    });
    const first = new Promise<Snapshot>((resolve) => {
      client.api.subscribe((message) => {
        const told: RuntimeMessage =
          message.kind === 'snapshot' ? { kind: 'snapshot', snapshot: ours(message.snapshot) } : message;
        if (told.kind === 'snapshot') resolve(told.snapshot);
        if (joined === undefined) return;
        joined.snapshot = applyMessage(joined.snapshot, told);
        this.#tell(joined, told);
      });
    });
    let joined: (Side & Disposable) | undefined;
    const snapshot = await Promise.race([first, client.closed]);
    if (snapshot === undefined) return false;
    joined = { api: client.api, snapshot, dispose: () => client.dispose() };
    await this.#show(joined);
    void client.closed.then(() => this.#inTurn(() => this.#left()));
    return true;
  }

  /** Whoever ran the folder has ended: the window shows what is there, and starts nothing. */
  async #left(): Promise<void> {
    if (this.#over || this.#joined === undefined) return;
    const own = this.#ownHome();
    await own.api.reload();
    await this.#show(undefined);
  }

  async #show(joined: (Side & Disposable) | undefined): Promise<void> {
    this.#joined = joined;
    const { api, snapshot } = this.#side;
    for (const listener of this.#listeners) listener({ kind: 'snapshot', snapshot });
    // What the one host calls so, the other may not have.
    await Promise.all([...this.#followed].map((each) => api.follow(each, 0).catch(() => undefined)));
  }

  #tell(from: Side, message: RuntimeMessage): void {
    if (from === (this.#joined ?? this.#own)) for (const listener of this.#listeners) listener(message);
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(act);
    this.#turn = done.catch((error: unknown) => this.#options.print(reasonOf(error)));
    return done;
  }

  /** The host that is to start something: ours once the folder is ours alone. */
  async #claim(): Promise<RuntimeApi> {
    for (let attempt = 0; attempt < 2; attempt += 1) {
      if (await this.#join()) break;
      if (!this.#trusted || (await this.#takeSocket()) !== 'taken') break;
    }
    return this.#side.api;
  }

  async #takeSocket(): Promise<'ours' | 'taken' | 'none'> {
    if (this.#socket !== undefined) return 'ours';
    try {
      this.#socket = await openControlSocket(this.#options.folder, this.#ownHome().clients);
      return 'ours';
    } catch (error) {
      if (error instanceof SocketInUse) return 'taken';
      this.#options.print(`Terminals cannot reach this host: ${reasonOf(error)}.`);
      return 'none';
    }
  }

  async #order(give: (api: RuntimeApi) => Promise<void>): Promise<void> {
    this.#orders += 1;
    try {
      await give(await this.#inTurn(() => this.#claim()));
    } finally {
      this.#orders -= 1;
      this.#watchRest();
    }
  }

  /** Holds the socket while something runs, whoever had it started, and lets go of it a moment after. */
  #watchRest(): void {
    if (this.#isBusy()) {
      clearTimeout(this.#rest);
      this.#rest = undefined;
      if (this.#socket === undefined && this.#orders === 0 && !this.#over)
        void this.#inTurn(async () => {
          if (this.#isBusy() && !this.#over) await this.#takeSocket();
        });
      return;
    }
    if (this.#socket === undefined) return;
    this.#rest ??= setTimeout(() => {
      this.#rest = undefined;
      void this.#inTurn(() => this.#letGo());
    }, restMs).unref();
  }

  async #letGo(): Promise<void> {
    if (this.#isBusy() || this.#over) return;
    const socket = this.#socket;
    this.#socket = undefined;
    await socket?.close();
  }

  #isBusy(): boolean {
    const instances = this.#own?.snapshot.services.flatMap((service) => service.instances) ?? [];
    return (
      this.#orders > 0 ||
      instances.some(
        ({ state, pid, waitingFor, nextTryAt }) =>
          pid !== undefined ||
          waitingFor !== undefined ||
          nextTryAt !== undefined ||
          !['STOPPED', 'EXITED', 'FATAL', 'UNKNOWN'].includes(state),
      )
    );
  }

  async #shutdown(graceMs: number): Promise<void> {
    // Not in turn: whoever closes the window waits for nobody.
    this.#over = true;
    clearTimeout(this.#rest);
    this.#joined?.dispose();
    await this.#own?.api.shutdown(graceMs);
    await this.#socket?.close();
  }

  #door(): RuntimeApi {
    const now = async (): Promise<RuntimeApi> => {
      await this.#turn;
      return this.#side.api;
    };
    return {
      subscribe: (listener) => {
        void this.#inTurn(async () => {
          listener({ kind: 'snapshot', snapshot: this.#side.snapshot });
          this.#listeners.add(listener);
        });
        return disposable(() => this.#listeners.delete(listener));
      },
      // A host that came while nothing ran here is seen at the latest now.
      reload: async () => {
        const reads = await this.#inTurn(async () => {
          if (!this.#isBusy()) await this.#join();
          return this.#side.api;
        });
        await reads.reload();
      },
      start: (target, options) => this.#order((api) => api.start(target, options)),
      stop: async (target) => (await now()).stop(target),
      restart: (target) => this.#order((api) => api.restart(target)),
      trust: async () => {
        this.#trusted = true;
        await this.#own?.api.trust();
        await this.#inTurn(() => this.#join());
      },
      follow: async (instance, lines) => {
        this.#followed.add(instance);
        return (await now()).follow(instance, lines);
      },
      unfollow: async (instance) => {
        this.#followed.delete(instance);
        await (await now()).unfollow(instance);
      },
      signal: async (target, name) => (await now()).signal(target, name),
      sendInput: async (instance, text) => (await now()).sendInput(instance, text),
      scale: (service, instances) => this.#order((api) => api.scale(service, instances)),
      examine: async (instance) => (await now()).examine(instance),
      readLog: async (request) => (await now()).readLog(request),
      clearLogs: async (target) => (await now()).clearLogs(target),
      reopenLogs: async () => (await now()).reopenLogs(),
      compare: async () => (await now()).compare(),
      addGroup: (group) => this.#order((api) => api.addGroup(group)),
      removeGroup: async (group) => (await now()).removeGroup(group),
      configured: async () => (await now()).configured(),
      sendEvent: async (type, data) => (await now()).sendEvent(type, data),
      shutdown: (graceMs) => this.#shutdown(graceMs),
    };
  }
}

function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    // It is gone; what ran in it is known by what it was called.
    return folder;
  }
}
