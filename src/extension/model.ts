/** Everything the faces of the extension read: the folders, their snapshots, and when they changed. */

import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { settings, settingsSection } from '../manifest/ids.ts';
import type { LogBatch, RuntimeApi, Snapshot } from '../protocol/api.ts';
import { coalesced } from '../base/coalesce.ts';
import type { Equipments } from './equipment.ts';
import { RuntimesFolder } from './folder.ts';

/** Faces are drawn at most this often: a storm of events is one change to a person's eyes. */
const drawIntervalMs = 50;

export interface LoggedBatch {
  readonly folder: string;
  readonly batch: LogBatch;
}

export interface News {
  readonly folder: string;
  /** Their names. */
  readonly services: readonly string[];
}

export class RuntimesModel implements Disposable {
  readonly #folders = new Map<string, RuntimesFolder>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #logged = new vscode.EventEmitter<LoggedBatch>();
  readonly #failed = new vscode.EventEmitter<{ readonly folder: RuntimesFolder; readonly reason: string }>();
  readonly #brought = new vscode.EventEmitter<News>();
  readonly #left = new vscode.EventEmitter<RuntimesFolder>();
  readonly #draws = coalesced(() => this.#changed.fire(), drawIntervalMs);
  readonly #storage: vscode.Uri;
  readonly #log: vscode.LogOutputChannel;
  readonly #equipments: Equipments;
  readonly #equipping: Disposable;
  #loaded = false;

  /** Some snapshot changed, or a folder came or went. */
  readonly onDidChange = this.#changed.event;
  readonly onDidLog = this.#logged.event;
  /** A runtime host ended by itself. */
  readonly onDidFail = this.#failed.event;
  /** A config that was read again has services that do not run, while others do. */
  readonly onDidBring = this.#brought.event;
  /** A folder's other host, such as a daemon, has ended. */
  readonly onDidLeave = this.#left.event;

  constructor(storage: vscode.Uri, log: vscode.LogOutputChannel, equipments: Equipments) {
    this.#storage = storage;
    this.#log = log;
    this.#equipments = equipments;
    this.#equipping = equipments.onDidChange(() => void this.equip());
  }

  /** Every folder has been looked at. */
  get loaded(): boolean {
    return this.#loaded;
  }

  get folders(): readonly RuntimesFolder[] {
    return [...this.#folders.values()];
  }

  get snapshots(): readonly Snapshot[] {
    return this.folders.flatMap(({ snapshot }) => (snapshot === undefined ? [] : [snapshot]));
  }

  snapshotOf(folder: string): Snapshot | undefined {
    return this.#folders.get(folder)?.snapshot;
  }

  /** The folder's way to what it runs. Rejects when the folder is no longer part of the workspace. */
  async apiOf(folder: string): Promise<RuntimeApi> {
    const known = this.#folders.get(folder);
    if (known === undefined) throw new Error(vscode.l10n.t('{0} is not a folder of this workspace.', folder));
    return known.api();
  }

  /** Takes up the workspace's folders as they are now. Resolves when each one's state is known. */
  async open(): Promise<void> {
    const present = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
    const paths = new Set(present.map(({ uri }) => uri.fsPath));
    const gone = this.folders.filter(({ path }) => !paths.has(path));
    for (const { path } of gone) this.#folders.delete(path);
    const added = present
      .filter(({ uri }) => !this.#folders.has(uri.fsPath))
      .map((folder) => this.#add(folder));
    await Promise.all([
      ...gone.map((folder) => folder.close(graceMs)),
      ...added.map((folder) => this.#open(folder)),
    ]);
    this.#loaded = true;
    this.#draws.request();
  }

  async trust(): Promise<void> {
    await Promise.all(this.folders.map((folder) => folder.trust()));
    await Promise.all(this.folders.map((folder) => this.#startOnOpen(folder)));
  }

  /** Tells the hosts what other extensions bring now. Never rejects. */
  async equip(): Promise<void> {
    await Promise.all(this.folders.map((folder) => folder.equip()));
  }

  /** As `apiOf`, for what starts something: other extensions may have come to life since they were last looked at. */
  async apiForStart(folder: string): Promise<RuntimeApi> {
    const api = await this.apiOf(folder);
    await this.#folders.get(folder)?.equip();
    return api;
  }

  async reload(): Promise<void> {
    await Promise.all(this.folders.map((folder) => folder.reload()));
  }

  /** Another config file was chosen in a folder's settings. */
  async reopen(changed: (folder: vscode.WorkspaceFolder) => boolean): Promise<void> {
    const concerned = this.folders.filter(({ folder }) => changed(folder));
    await Promise.all(concerned.map((folder) => folder.reopen(graceMs)));
  }

  /** Ends everything. Resolves when nothing of ours runs any more. */
  async close(): Promise<void> {
    await Promise.all(this.folders.map((folder) => folder.close(graceMs)));
  }

  dispose(): void {
    this.#draws.dispose();
    this.#equipping.dispose();
    for (const folder of this.folders) folder.dispose();
    this.#changed.dispose();
    this.#logged.dispose();
    this.#failed.dispose();
    this.#left.dispose();
    this.#brought.dispose();
  }

  #add(folder: vscode.WorkspaceFolder): RuntimesFolder {
    const added = new RuntimesFolder(folder, {
      storage: this.#storage,
      log: this.#log,
      equipmentOf: (which) => this.#equipments.of(which),
      changed: () => this.#draws.request(),
      logged: (path, batch) => this.#logged.fire({ folder: path, batch }),
      failed: (which, reason) => this.#failed.fire({ folder: which, reason }),
      brought: (which, services) => this.#brought.fire({ folder: which.path, services }),
      left: (which) => this.#left.fire(which),
    });
    this.#folders.set(added.path, added);
    return added;
  }

  async #open(folder: RuntimesFolder): Promise<void> {
    try {
      await folder.open();
      await this.#startOnOpen(folder);
    } catch (error) {
      this.#log.error(`Opening ${folder.path}: ${String(error)}`);
    }
  }

  /** Opening a folder starts nothing, unless the user's own setting says so. */
  async #startOnOpen(folder: RuntimesFolder): Promise<void> {
    const wanted = vscode.workspace
      .getConfiguration(settingsSection)
      .get<boolean>(settings.startOnOpen, false);
    if (!wanted || !vscode.workspace.isTrusted || folder.snapshot === undefined) return;
    // What another host runs is its owner's choice.
    if (folder.snapshot.runBy !== undefined) return;
    await (await folder.api()).start({ kind: 'all' });
  }
}

/** What the window leaves us when it closes (decisions: SIGKILL after at most 1.5 s whatever a service asks). */
const graceMs = 1500;
