/** Brings the language client in when a config file is first opened, and not before. */

import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import type { RunningClient } from './client.ts';
import type { Recipes } from './recipes.ts';
import { isServed } from './served.ts';

export interface Language extends Disposable {
  /** Whether a server answers for open config files. */
  readonly serves: boolean;
  /** Fires when that has changed. */
  readonly onDidChange: vscode.Event<void>;
  /** Stops the server. */
  stop(): Promise<void>;
}

export function serveLanguage(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  recipes: Recipes,
): Language {
  const store = new DisposableStore();
  const changed = store.add(new vscode.EventEmitter<void>());
  let client: Promise<RunningClient | undefined> | undefined;
  let serves = false;
  const begin = async (): Promise<RunningClient | undefined> => {
    const started = await start(context, log);
    serves = started !== undefined;
    await started?.tellRecipes(recipes.all);
    changed.fire();
    return started;
  };
  const look = (document: vscode.TextDocument): void => {
    if (isServed(document)) client ??= begin();
  };
  const tellRecipes = async (): Promise<void> => (await client)?.tellRecipes(recipes.all);
  store.add(recipes.onDidChange(() => void tellRecipes()));
  store.add(vscode.workspace.onDidOpenTextDocument(look));
  for (const document of vscode.workspace.textDocuments) look(document);
  return {
    get serves() {
      return serves;
    },
    onDidChange: changed.event,
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
