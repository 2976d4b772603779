/** One workspace folder: its runtime host, started on need, and its snapshot, kept current. */

import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import type { Equipment, LogBatch, RuntimeApi, Snapshot } from '../protocol/api.ts';
import { applyMessage } from '../protocol/snapshot.ts';
import { newsIn } from '../view/news.ts';
import { coalesced } from '../base/coalesce.ts';
import { chosenFile, hasConfig, watchConfig, watchIncluded } from './config-files.ts';
import type { Host } from './hosts.ts';

/** What a folder needs from the extension around it. */
export interface Surroundings {
  readonly storage: vscode.Uri;
  readonly log: vscode.LogOutputChannel;
  /** What other extensions bring to the folder now. */
  equipmentOf(folder: vscode.WorkspaceFolder): Promise<Equipment>;
  changed(): void;
  logged(folder: string, batch: LogBatch): void;
  /** The host ended by itself. */
  failed(folder: RuntimesFolder, reason: string): void;
  /** Another host ran it, and has ended: nothing of it runs now. */
  left(folder: RuntimesFolder): void;
  /** The config, read again, has services that do not run, while others do. */
  brought(folder: RuntimesFolder, services: readonly string[]): void;
}

/** A watcher and a save tell of the same change; one reading is enough. */
const reloadIntervalMs = 100;

export class RuntimesFolder implements Disposable {
  readonly folder: vscode.WorkspaceFolder;
  readonly path: string;
  #snapshot: Snapshot | undefined;
  #host: Promise<Host> | undefined;
  #watching: Disposable = new DisposableStore();
  /** The files the config was read from, one a line, and what watches those that it brought in. */
  #included: { readonly files: string; readonly watching: Disposable } | undefined;
  /** The equipment that the host was last told. */
  #equipped: string | undefined;
  readonly #around: Surroundings;
  readonly #reloads = coalesced(() => void this.reload(), reloadIntervalMs);

  constructor(folder: vscode.WorkspaceFolder, around: Surroundings) {
    this.folder = folder;
    this.path = folder.uri.fsPath;
    this.#around = around;
  }

  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** Looks for a config file and, if there is one, starts the host. Resolves when the folder's state is known. */
  async open(): Promise<void> {
    this.#watching.dispose();
    this.#watching = watchConfig(this.folder, () => this.#reloads.request());
    if (await hasConfig(this.folder)) await this.api();
  }

  /** The way to what this folder runs; starts the host when it is not there yet. */
  async api(): Promise<RuntimeApi> {
    this.#host ??= this.#start();
    return (await this.#host).api;
  }

  /** Reads the config again. A host is started for a folder whose config has just appeared. */
  async reload(): Promise<void> {
    try {
      if (this.#host === undefined) {
        if (await hasConfig(this.folder)) await this.api();
        return;
      }
      const before = this.#snapshot;
      await (await this.#host).api.reload();
      this.#tellNews(before);
    } catch (error) {
      this.#around.log.error(`Reading the config of ${this.path}: ${String(error)}`);
    }
  }

  #tellNews(before: Snapshot | undefined): void {
    if (before === undefined || this.#snapshot === undefined) return;
    const news = newsIn(before, this.#snapshot);
    if (news.length > 0) this.#around.brought(this, news);
  }

  /** Tells the host what other extensions bring, where that has changed. Starts none, and never rejects. */
  async equip(): Promise<void> {
    const host = await this.#host;
    if (host !== undefined) await this.#equip(host);
  }

  async #equip(host: Host): Promise<void> {
    try {
      const equipment = await this.#around.equipmentOf(this.folder);
      const print = JSON.stringify(equipment);
      if (this.#equipped === print) return;
      this.#equipped = print;
      await host.api.equip(equipment);
    } catch (error) {
      this.#around.log.error(`Telling ${this.path} of other extensions: ${String(error)}`);
    }
  }

  async trust(): Promise<void> {
    await (await this.#host)?.api.trust();
  }

  /** Another config file was chosen: what ran from the old one ends. */
  async reopen(graceMs: number): Promise<void> {
    await this.close(graceMs);
    await this.open();
  }

  /** Ends the host and everything it runs. */
  async close(graceMs: number): Promise<void> {
    const host = this.#host;
    this.#host = undefined;
    this.#unwatch();
    this.#reloads.dispose();
    await (await host)?.end(graceMs);
    this.#snapshot = undefined;
    this.#around.changed();
  }

  dispose(): void {
    this.#unwatch();
    this.#reloads.dispose();
  }

  async #start(): Promise<Host> {
    // The protocol's code is most of our main file; a window without a config never evaluates it.
    const { startHost, storageName } = await import('./hosts.ts');
    const { storage, log } = this.#around;
    const home = vscode.Uri.joinPath(storage, 'folders', storageName(this.path));
    const file = chosenFile(this.folder);
    const host = startHost(
      {
        folder: this.path,
        storage: home.fsPath,
        trusted: vscode.workspace.isTrusted,
        ...(file === undefined ? {} : { file }),
      },
      (text) => log.info(`${this.folder.name}: ${text.trimEnd()}`),
    );
    void host.ended.then((reason) => this.#ended(reason));
    this.#equipped = undefined;
    const first = this.#follow(host);
    // Before anything is started, so that the first start is as the later ones.
    await Promise.race([Promise.all([first, this.#equip(host)]), host.ended]);
    return host;
  }

  /** Resolves with the first snapshot. */
  #follow(host: Host): Promise<void> {
    return new Promise((resolve) => {
      host.api.subscribe((message) => {
        if (message.kind === 'log') return this.#around.logged(this.path, message.batch);
        if (message.kind === 'event') return undefined;
        if (message.kind === 'snapshot') this.#take(message.snapshot);
        else if (this.#snapshot !== undefined) this.#snapshot = applyMessage(this.#snapshot, message);
        resolve();
        this.#around.changed();
        return undefined;
      });
    });
  }

  #take(snapshot: Snapshot): void {
    const isLeft = this.#snapshot?.runBy !== undefined && snapshot.runBy === undefined;
    this.#snapshot = snapshot;
    if (isLeft) this.#around.left(this);
    const { files: read, consulted = [] } = snapshot;
    const files = [...read, ...consulted].join('\n');
    if (this.#included?.files === files) return;
    this.#included?.watching.dispose();
    const watching = watchIncluded(this.folder, { read, consulted }, () => this.#reloads.request());
    this.#included = { files, watching };
  }

  #unwatch(): void {
    this.#watching.dispose();
    this.#included?.watching.dispose();
    this.#included = undefined;
  }

  #ended(reason: string | undefined): void {
    if (reason === undefined) return;
    this.#host = undefined;
    this.#snapshot = undefined;
    this.#around.changed();
    this.#around.failed(this, reason);
  }
}
