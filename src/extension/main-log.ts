/**
 * The runtime's own log of what it did, Supervisor's main log.
 *
 * Where a `supervisord.conf` names its file, that is opened; else its end is read into a channel each time it is shown.
 */

import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import type { RuntimesFolder } from './folder.ts';
import { openAtEnd } from './navigate.ts';

/** How much of its end is shown, in bytes. */
const shownBytes = 256 * 1024;

export class MainLogs implements Disposable {
  readonly #channels = new Map<string, vscode.OutputChannel>();

  async show(folder: RuntimesFolder): Promise<void> {
    const file = folder.snapshot?.supervisor?.logFile;
    if (file !== undefined && (await isThere(file))) return openAtEnd(file);
    const piece = await (await folder.api()).readLog({ offset: -shownBytes, length: 0 });
    const text = piece?.text ?? '';
    const channel = this.#channelOf(folder);
    channel.replace(text === '' ? vscode.l10n.t('Nothing has happened yet.') : text);
    channel.show(true);
    return undefined;
  }

  dispose(): void {
    for (const channel of this.#channels.values()) channel.dispose();
    this.#channels.clear();
  }

  #channelOf({ path, folder }: RuntimesFolder): vscode.OutputChannel {
    const known = this.#channels.get(path);
    if (known !== undefined) return known;
    const name = vscode.l10n.t('Runtimes Main Log: {0}', folder.name);
    const made = vscode.window.createOutputChannel(name, 'log');
    this.#channels.set(path, made);
    return made;
  }
}

async function isThere(file: string): Promise<boolean> {
  return vscode.workspace.fs.stat(vscode.Uri.file(file)).then(
    () => true,
    () => false,
  );
}
