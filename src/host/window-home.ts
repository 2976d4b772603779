/**
 * What an editor's window speaks to: a home of its own, or the host that runs the folder already.
 *
 * A folder is never run twice: before anything starts, the window takes the folder's control socket, and joins whoever
 * has it instead. It holds the socket only while something runs, and closes all that its home has open before it lets
 * go, so that a window that just shows a folder is in nobody's way. Leaving another's host stops nothing of it.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { disposable } from '../base/disposable.ts';
import { reasonOf } from '../node/error-words.ts';
import type { RuntimeApi, RuntimeMessage, Snapshot } from '../protocol/api.ts';
import { applyMessage } from '../protocol/snapshot.ts';
import { Clients } from './clients.ts';
import { type ControlSocket, openControlSocket } from './control-socket.ts';
import { createHome, type HomeOptions } from './home.ts';
import { answerMs, type Joined, meetHost, type Side } from './joined-host.ts';
import { SocketInUse } from './unix-socket.ts';

export interface WindowOptions extends Omit<HomeOptions, 'resident' | 'control' | 'tap'> {
  /** Takes a line for the editor's own log. */
  readonly print: (line: string) => void;
}

interface Own extends Side {
  readonly clients: Clients;
  /** Has it stand in the list of what runs on this machine. */
  readonly announce: () => void;
  /**
   * Resolves when everything of it is closed; undefined until that has begun. From then on it only shows how its
   * services ended, and whatever is to run takes a new one.
   */
  retired: Promise<void> | undefined;
}

/** A stop that is the first half of a restart is no rest. */
const restMs = 1000;
/** So often an idle window looks for a host that has come. */
const lookMs = 3000;
/** For a home in which nothing runs any more. */
const graceMs = 1500;

/** How long after a failed call the end of its connection may be noticed. */
const noticeMs = 100;

const silentWords = 'The host that runs this folder does not answer';

export class WindowHome {
  readonly #options: WindowOptions;
  readonly #listeners = new Set<(message: RuntimeMessage) => void>();
  /** Instances whose log is shown, whichever host writes it. */
  readonly #followed = new Set<string>();
  #trusted: boolean;
  #own: Own | undefined;
  #joined: Joined | undefined;
  /** Somebody has the folder and does not answer. */
  #isSilent = false;
  #socket: ControlSocket | undefined;
  /** Orders under way that may start something. */
  #orders = 0;
  #rest: NodeJS.Timeout | undefined;
  readonly #look: NodeJS.Timeout;
  #isLooking = false;
  #over = false;
  /** Whoever changes sides does so alone. */
  #turn: Promise<unknown>;
  readonly api: RuntimeApi;

  constructor(options: WindowOptions) {
    this.#options = options;
    this.#trusted = options.trusted;
    this.#turn = this.#begin();
    this.#look = setInterval(() => void this.#lookAround(), lookMs).unref();
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
    this.#refuseWhenOver();
    const { print: _, ...options } = this.#options;
    const home = createHome({ ...options, trusted: this.#trusted, resident: true, kind: 'editor' });
    const clients = new Clients(home.api);
    const api = clients.join();
    let own: Own | undefined;
    api.subscribe((message) => {
      if (own === undefined) {
        if (message.kind === 'snapshot')
          own = { api, clients, snapshot: message.snapshot, retired: undefined, announce: home.announce };
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

  /** One in which something may be started. */
  async #liveHome(): Promise<Own> {
    if (this.#own?.retired === undefined) return this.#ownHome();
    this.#own = undefined;
    const own = this.#ownHome();
    await this.#show();
    return own;
  }

  #mayJoin(): boolean {
    return this.#trusted && this.#socket === undefined && !this.#over && !this.#runs();
  }

  /** Joins the host that runs the folder. False: nobody does, or it is not for us to ask. */
  async #join(): Promise<boolean> {
    if (this.#joined?.isClosed === true) await this.#left(this.#joined);
    if (this.#joined !== undefined) return true;
    return this.#mayJoin() && this.#enter(await this.#meet());
  }

  #meet(): Promise<Joined | 'silent' | undefined> {
    return meetHost(this.#options.folder, {
      told: (from, message) => this.#tell(from, message),
      gone: (host) => void this.#inTurn(() => this.#left(host)),
    });
  }

  async #enter(met: Joined | 'silent' | undefined): Promise<boolean> {
    if (met === undefined || met === 'silent') {
      const isSilent = met === 'silent';
      if (isSilent === this.#isSilent) return false;
      this.#isSilent = isSilent;
      if (isSilent) this.#options.print(`${silentWords}.`);
      if (!this.#over) this.#tellSnapshot();
      return false;
    }
    if (!this.#mayJoin() || this.#joined !== undefined || met.isClosed) {
      met.client.dispose();
      return this.#joined !== undefined;
    }
    this.#isSilent = false;
    this.#joined = met;
    const own = this.#own;
    // It may be idle and still have doors open, which are the other host's now.
    if (own !== undefined) await this.#close(own);
    this.#own = undefined;
    await this.#show();
    return true;
  }

  /** An idle window joins whoever has come since. Not in turn while it waits: nobody else is to wait for that. */
  async #lookAround(): Promise<void> {
    if (this.#isLooking || this.#joined !== undefined || this.#orders > 0 || !this.#mayJoin()) return;
    this.#isLooking = true;
    try {
      const met = await this.#meet();
      if (met !== undefined || this.#isSilent) await this.#inTurn(() => this.#enter(met));
    } catch (error) {
      this.#options.print(reasonOf(error));
    } finally {
      this.#isLooking = false;
    }
  }

  /** Whoever ran the folder has ended: the window shows what is there, and starts nothing. */
  async #left(host: Joined): Promise<void> {
    if (this.#over || this.#joined !== host) return;
    this.#joined = undefined;
    this.#ownHome();
    await this.#show();
  }

  async #show(): Promise<void> {
    this.#tellSnapshot();
    const { api } = this.#side;
    // What the one host calls so, the other may not have.
    const followed = Promise.all(
      [...this.#followed].map((each) => api.follow(each, 0).catch(() => undefined)),
    );
    await Promise.race([followed, pause(answerMs, undefined, { ref: false })]);
  }

  #tellSnapshot(): void {
    const snapshot = this.#shown();
    for (const listener of this.#listeners) listener({ kind: 'snapshot', snapshot });
  }

  #shown(): Snapshot {
    const { snapshot } = this.#side;
    return this.#joined === undefined && this.#isSilent
      ? { ...snapshot, runBy: { kind: 'other' } }
      : snapshot;
  }

  #tell(from: Side, message: RuntimeMessage): void {
    if (from !== (this.#joined ?? this.#own)) return;
    if (message.kind === 'snapshot') this.#tellSnapshot();
    else for (const listener of this.#listeners) listener(message);
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(act);
    this.#turn = done.catch((error: unknown) => this.#options.print(reasonOf(error)));
    return done;
  }

  #refuseWhenOver(): void {
    if (this.#over) throw new Error('The window is closing.');
  }

  /** The host that is to start something: ours once the folder is ours alone. */
  async #claim(): Promise<Side> {
    for (let attempt = 0; attempt < 2; attempt += 1) {
      this.#refuseWhenOver();
      // It says itself what it does not do.
      if (!this.#trusted) return this.#side;
      if (await this.#join()) return this.#side;
      this.#refuseWhenOver();
      if (this.#isSilent) throw new Error(`${silentWords}.`);
      if ((await this.#takeSocket()) !== 'taken') return this.#liveHome();
    }
    throw new Error('Another host of this folder is just coming or going. Try again.');
  }

  async #takeSocket(): Promise<'ours' | 'taken' | 'none'> {
    if (this.#socket !== undefined) return 'ours';
    const { clients, announce } = await this.#liveHome();
    try {
      const socket = await openControlSocket(this.#options.folder, clients);
      if (this.#over) await socket.close();
      else {
        this.#socket = socket;
        announce();
      }
    } catch (error) {
      if (error instanceof SocketInUse) return 'taken';
      this.#options.print(`Terminals cannot reach this host: ${reasonOf(error)}.`);
      return 'none';
    }
    this.#refuseWhenOver();
    return 'ours';
  }

  async #order(give: (api: RuntimeApi) => Promise<void>): Promise<void> {
    this.#orders += 1;
    try {
      const side = await this.#inTurn(() => this.#claim());
      this.#refuseWhenOver();
      try {
        await give(side.api);
      } catch (error) {
        if (!(await this.#isDead(side))) throw error;
        // Nobody has heard it: it died before we noticed.
        const next = await this.#inTurn(() => this.#claim());
        this.#refuseWhenOver();
        await give(next.api);
      }
    } finally {
      this.#orders -= 1;
      this.#watchRest();
    }
  }

  /** Whether a joined host is gone, of which its connection may tell a moment after the call has failed. */
  async #isDead(side: Side): Promise<boolean> {
    const host = this.#joined;
    if (side === this.#own) return false;
    // It was left already because it had gone.
    if (host !== side) return true;
    await Promise.race([host.client.closed, pause(noticeMs, undefined, { ref: false })]);
    return host.isClosed;
  }

  /** Holds the socket while something runs, whoever had it started, and lets go of it a moment after. */
  #watchRest(): void {
    if (this.#isBusy()) {
      clearTimeout(this.#rest);
      this.#rest = undefined;
      if (this.#socket === undefined && this.#orders === 0 && !this.#over)
        void this.#inTurn(async () => {
          if (!this.#isBusy() || this.#over || (await this.#takeSocket()) !== 'taken') return;
          // Somebody else runs the folder: what has begun here ends, so that nothing runs twice.
          await this.#retire();
          await this.#join();
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
    // While the socket is still ours: whoever comes next meets no door or server of ours.
    await this.#retire();
    const socket = this.#socket;
    this.#socket = undefined;
    await socket?.close();
  }

  /** Closes all that our home has open, and keeps what it shows: how its services ended, and their logs. */
  async #retire(): Promise<void> {
    const own = this.#own;
    if (own === undefined || own.retired !== undefined || this.#over) return;
    await this.#close(own);
    own.api
      .subscribe((message) => {
        if (message.kind === 'snapshot') own.snapshot = message.snapshot;
      })
      .dispose();
    if (!this.#over) this.#tellSnapshot();
  }

  #close(own: Own): Promise<void> {
    // What cannot be closed is no reason to hold the folder.
    own.retired ??= own.api
      .shutdown(graceMs)
      .catch((error: unknown) => this.#options.print(`Something stays open: ${reasonOf(error)}.`));
    return own.retired;
  }

  #isBusy(): boolean {
    return this.#orders > 0 || this.#runs();
  }

  /**
   * Whether anything of our own home runs, will by itself or with the next request, or has ended by itself: then its page
   * at the front door says why, and a job that is done is known to be. Where Supervisor's tools are let in they stay in, as with `up`.
   */
  #runs(): boolean {
    const { services = [], supervisor } = this.#own?.snapshot ?? {};
    if (supervisor !== undefined && this.#socket !== undefined) return true;
    const instances = services.flatMap((service) => service.instances);
    return instances.some(
      ({ state, pid, waitingFor, asleep }) =>
        state !== 'STOPPED' || pid !== undefined || waitingFor !== undefined || asleep === true,
    );
  }

  async #shutdown(graceMs: number): Promise<void> {
    // Not in turn: whoever closes the window waits for nobody.
    this.#over = true;
    clearTimeout(this.#rest);
    clearInterval(this.#look);
    this.#joined?.client.dispose();
    await (this.#own?.retired ?? this.#own?.api.shutdown(graceMs));
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
          listener({ kind: 'snapshot', snapshot: this.#shown() });
          this.#listeners.add(listener);
        });
        return disposable(() => this.#listeners.delete(listener));
      },
      // Not passed on to another's host: the editor reloads whenever a file changes, and whether that has an effect
      // there is for its owner to say ("--no-reload", or a server for Supervisor's "reread"); it watches the files
      // itself. The call does not tell whether a person asked for it.
      reload: async () => {
        const own = await this.#inTurn(async () => ((await this.#join()) ? undefined : this.#liveHome()));
        await own?.api.reload();
      },
      start: (target, options) => this.#order((api) => api.start(target, options)),
      stop: async (target) => {
        const api = await now();
        // Nothing runs in a home that has retired.
        if (this.#joined !== undefined || this.#own?.retired === undefined) await api.stop(target);
      },
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
      background: async (instance) => (await now()).background(instance),
      equip: async (equipment) => (await now()).equip(equipment),
      neighbours: async () => (await now()).neighbours(),
      examine: async (instance) => (await now()).examine(instance),
      readLog: async (request) => (await now()).readLog(request),
      clearLogs: async (target) => (await now()).clearLogs(target),
      reopenLogs: async () => (await now()).reopenLogs(),
      compare: async () => (await now()).compare(),
      addGroup: (group) => this.#order((api) => api.addGroup(group)),
      removeGroup: (group) => this.#order((api) => api.removeGroup(group)),
      configured: async () => (await now()).configured(),
      sendEvent: async (type, data) => (await now()).sendEvent(type, data),
      shutdown: (graceMs) => this.#shutdown(graceMs),
    };
  }
}
