/**
 * The runtime's own log of what it did, Supervisor's main log.
 *
 * Where a `supervisord.conf` names its file, that is opened; else its end is read into a channel, which is kept
 * current while it is in sight.
 */

import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import type { LogPiece } from '../protocol/api.ts';
import type { RuntimesFolder } from './folder.ts';
import { shownChannels } from './logs.ts';
import type { RuntimesModel } from './model.ts';
import { isThere, openAtEnd } from './navigate.ts';

/** How much of its end is shown at first, in bytes. */
const shownBytes = 256 * 1024;

interface Shown {
  readonly channel: vscode.OutputChannel;
  /** Where in the file the text of the channel ends. */
  to: number;
  /** Readings follow each other, lest a line be shown twice. */
  reading: Promise<void>;
}

export class MainLogs implements Disposable {
  readonly #store = new DisposableStore();
  readonly #shown = new Map<string, Shown>();
  readonly #model: RuntimesModel;
  readonly #log: vscode.LogOutputChannel;

  constructor(model: RuntimesModel, log: vscode.LogOutputChannel) {
    this.#model = model;
    this.#log = log;
    this.#store.add(model.onDidChange(() => this.#keepUp()));
  }

  async show(folder: RuntimesFolder): Promise<void> {
    const file = folder.snapshot?.supervisor?.logFile;
    if (file !== undefined && (await isThere(file))) return openAtEnd(file);
    const shown = this.#shownOf(folder);
    await this.#fill(folder, shown);
    shown.channel.show(true);
    return undefined;
  }

  dispose(): void {
    this.#store.dispose();
    for (const { channel } of this.#shown.values()) channel.dispose();
    this.#shown.clear();
  }

  #shownOf({ path, folder }: RuntimesFolder): Shown {
    const known = this.#shown.get(path);
    if (known !== undefined) return known;
    const name = vscode.l10n.t('Runtimes Main Log: {0}', folder.name);
    const channel = vscode.window.createOutputChannel(name, 'log');
    const made = { channel, to: 0, reading: Promise.resolve() };
    this.#shown.set(path, made);
    return made;
  }

  /** Whatever happens to a process changes the model, and is what the log is about. */
  #keepUp(): void {
    if (this.#shown.size === 0) return;
    const inSight = shownChannels();
    for (const folder of this.#model.folders) {
      const shown = this.#shown.get(folder.path);
      if (shown === undefined || !inSight.has(shown.channel.name)) continue;
      shown.reading = shown.reading
        .then(() => this.#append(folder, shown))
        .catch((error: unknown) => this.#log.error(`The main log of ${folder.path}: ${String(error)}`));
    }
  }

  async #fill(folder: RuntimesFolder, shown: Shown): Promise<void> {
    const piece = await read(folder, -shownBytes);
    shown.channel.replace(piece?.text ?? '');
    shown.to = piece?.to ?? 0;
  }

  async #append(folder: RuntimesFolder, shown: Shown): Promise<void> {
    const piece = await read(folder, shown.to);
    // It was cleared or begun anew meanwhile.
    if (piece === undefined || piece.size < shown.to) return await this.#fill(folder, shown);
    shown.channel.append(piece.text);
    shown.to = piece.to;
    return undefined;
  }
}

async function read(folder: RuntimesFolder, offset: number): Promise<LogPiece | undefined> {
  return await (await folder.api()).readLog({ offset, length: 0 });
}
