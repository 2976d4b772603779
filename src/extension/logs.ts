/**
 * One output channel for each instance, followed only while it is shown.
 *
 * The runtime keeps the tail and the log file; a channel is a window onto them. It is filled when it comes into
 * sight and costs nothing while it is hidden.
 */

import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import type { InstanceView, LogBatch } from '../protocol/api.ts';
import { logText } from '../view/log-text.ts';
import { folderName } from '../view/subject.ts';
import type { RuntimesModel } from './model.ts';

/** How many of the last lines fill a channel that comes into sight. */
const linesOnShow = 2000;
/**
 * A channel that has been followed for so many lines starts over from the tail, so that it never grows without end.
 * The editor and its other extensions look at the whole text of a shown channel whenever it changes, so under a flood
 * every line more costs them time, and the extension host memory: 25 MB more with five times as many.
 */
const linesBeforeRefill = 10_000;

export class InstanceLogs implements Disposable {
  readonly #model: RuntimesModel;
  readonly #log: vscode.LogOutputChannel;
  readonly #store = new DisposableStore();
  readonly #channels = new Map<string, InstanceChannel>();

  constructor(model: RuntimesModel, log: vscode.LogOutputChannel) {
    this.#model = model;
    this.#log = log;
    this.#store.add(model.onDidChange(() => this.#keepUp()));
    this.#store.add(
      model.onDidLog(({ folder, batch }) => this.#channels.get(key(folder, batch.instance))?.add(batch)),
    );
    this.#store.add(vscode.window.onDidChangeVisibleTextEditors(() => this.#look()));
    this.#keepUp();
  }

  /** Brings an instance's log into sight, which is what makes it followed. */
  show(folder: string, instance: string): void {
    this.#channelOf(folder, instance).channel.show(true);
  }

  /** What was shown so far was cleared by a person; what comes from now on is shown. */
  clear(folder: string, instance: string): void {
    this.#channels.get(key(folder, instance))?.clear();
  }

  dispose(): void {
    this.#store.dispose();
    for (const channel of this.#channels.values()) channel.dispose();
    this.#channels.clear();
  }

  /** A channel appears when its instance first starts, so that it can be chosen from the list; it goes with its instance. */
  #keepUp(): void {
    const present = new Set<string>();
    for (const { folder, services } of this.#model.snapshots) {
      for (const instance of services.flatMap(({ instances }) => instances)) {
        present.add(key(folder, instance.name));
        if (instance.state !== 'STOPPED') this.#channelOf(folder, instance.name);
      }
    }
    for (const [id, channel] of this.#channels) {
      if (present.has(id)) continue;
      this.#channels.delete(id);
      channel.dispose();
    }
  }

  #channelOf(folder: string, instance: string): InstanceChannel {
    const id = key(folder, instance);
    const known = this.#channels.get(id);
    if (known !== undefined) return known;
    const place = this.#model.folders.length > 1 ? `${folderName(folder)}/${instance}` : instance;
    const made = new InstanceChannel(`Runtimes: ${place}`, {
      instance,
      api: () => this.#model.apiOf(folder),
      view: () => this.#viewOf(folder, instance),
      failed: (error) => this.#log.error(`The log of ${instance}: ${String(error)}`),
    });
    this.#channels.set(id, made);
    return made;
  }

  #viewOf(folder: string, instance: string): InstanceView | undefined {
    const services = this.#model.snapshotOf(folder)?.services ?? [];
    return services.flatMap(({ instances }) => instances).find(({ name }) => name === instance);
  }

  /** Follows the channels that are in sight and lets go of the others. */
  #look(): void {
    const shown = shownChannels();
    for (const channel of this.#channels.values()) {
      if (shown.has(channel.name)) void channel.follow();
      else void channel.unfollow();
    }
  }
}

function key(folder: string, instance: string): string {
  return `${folder}#${instance}`;
}

/** The names of the channels in sight: the editor counts the one in its Output panel among the visible editors. */
export function shownChannels(): ReadonlySet<string> {
  const names = vscode.window.visibleTextEditors.flatMap(({ document: { uri } }) => {
    const name = uri.scheme === 'output' ? /-#\d+-(.+)$/.exec(uri.path)?.[1] : undefined;
    return name === undefined ? [] : [name];
  });
  return new Set(names);
}

interface ChannelSource {
  readonly instance: string;
  api(): ReturnType<RuntimesModel['apiOf']>;
  view(): InstanceView | undefined;
  failed(error: unknown): void;
}

class InstanceChannel implements Disposable {
  readonly name: string;
  readonly channel: vscode.OutputChannel;
  readonly #source: ChannelSource;
  /** `filling` while the tail is on its way: batches that come meanwhile wait for it. */
  #phase: 'idle' | 'filling' | 'following' = 'idle';
  #waiting: LogBatch[] = [];
  #lines = 0;
  #flush: NodeJS.Immediate | undefined;

  constructor(name: string, source: ChannelSource) {
    this.name = name;
    this.#source = source;
    this.channel = vscode.window.createOutputChannel(name, 'log');
  }

  async follow(): Promise<void> {
    if (this.#phase === 'idle') await this.#fill();
  }

  async unfollow(): Promise<void> {
    if (this.#phase === 'idle') return;
    this.#phase = 'idle';
    this.#waiting = [];
    await this.#attempt(async () => (await this.#source.api()).unfollow(this.#source.instance));
  }

  add(batch: LogBatch): void {
    if (this.#phase === 'idle') return;
    this.#waiting.push(batch);
    // Joined per tick: one call to the window for all that came in this turn.
    if (this.#phase === 'following') this.#flush ??= setImmediate(() => this.#write());
  }

  clear(): void {
    this.#waiting = [];
    this.#lines = 0;
    this.channel.clear();
  }

  dispose(): void {
    clearImmediate(this.#flush);
    this.#phase = 'idle';
    this.channel.dispose();
  }

  async #fill(): Promise<void> {
    this.#phase = 'filling';
    await this.#attempt(async () => {
      const tail = await (await this.#source.api()).follow(this.#source.instance, linesOnShow);
      if (this.#phase !== 'filling') return;
      this.channel.replace(this.#textOf(tail));
      this.#lines = tail.lines.length;
      this.#phase = 'following';
      this.#write();
    });
    if (this.#phase === 'filling') this.#phase = 'idle';
  }

  #write(): void {
    this.#flush = undefined;
    if (this.#phase !== 'following' || this.#waiting.length === 0) return;
    const batches = this.#waiting;
    this.#waiting = [];
    this.#lines += batches.reduce((sum, { lines }) => sum + lines.length, 0);
    if (this.#lines > linesBeforeRefill) void this.#fill();
    else this.channel.append(batches.map((batch) => this.#textOf(batch)).join(''));
  }

  #textOf(batch: LogBatch): string {
    return logText(batch, this.#source.view()?.logFile, vscode.l10n.t);
  }

  async #attempt(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#source.failed(error);
    }
  }
}
