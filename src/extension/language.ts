/** Brings the language client in when a config file is first opened, and not before. */

import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import { languageId } from '../manifest/ids.ts';
import type { RunningClient } from './client.ts';

export interface Language extends Disposable {
  /** Stops the server. */
  stop(): Promise<void>;
}

export function serveLanguage(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Language {
  const store = new DisposableStore();
  let client: Promise<RunningClient | undefined> | undefined;
  const look = (document: vscode.TextDocument): void => {
    if (document.languageId === languageId) client ??= start(context, log);
  };
  store.add(vscode.workspace.onDidOpenTextDocument(look));
  for (const document of vscode.workspace.textDocuments) look(document);
  return {
    stop: async () => (await client)?.stop(),
    dispose: () => store.dispose(),
  };
}

async function start(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
): Promise<RunningClient | undefined> {
  try {
    const { startClient } = await import('./client.ts');
    return await startClient(context, log);
  } catch (error) {
    log.error(
      `The language server did not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    return undefined;
  }
}
