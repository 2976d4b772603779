/** The language client, in a bundle of its own that is loaded when the first config file is opened. */

import type { ExtensionContext, LogOutputChannel } from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import type { RecipeDefinition } from '../config/registered.ts';
import { languageId, recipesNotification } from '../manifest/ids.ts';

export interface RunningClient {
  /** Names the recipes of other extensions, in place of those told before. Never rejects. */
  tellRecipes(recipes: readonly RecipeDefinition[]): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the language server. Resolves when it answers. */
export async function startClient(context: ExtensionContext, log: LogOutputChannel): Promise<RunningClient> {
  const client = new LanguageClient(
    'localRuntimes.language',
    'Local Runtimes Language Server',
    { module: context.asAbsolutePath('dist/server.js'), transport: TransportKind.ipc },
    {
      documentSelector: [
        { scheme: 'file', language: languageId },
        { scheme: 'file', pattern: '**/app.{yaml,yml}' },
      ],
      outputChannel: log,
      diagnosticCollectionName: 'local-runtimes-language',
    },
  );
  await client.start();
  return {
    stop: () => client.stop(),
    async tellRecipes(recipes) {
      try {
        await client.sendNotification(recipesNotification, { recipes });
      } catch (error) {
        log.error(`Telling the language server of recipes: ${String(error)}`);
      }
    },
  };
}
