/** The language client, in a bundle of its own that is loaded when the first config file is opened. */

import type { ExtensionContext, LogOutputChannel } from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { languageId } from '../manifest/ids.ts';

export interface RunningClient {
  stop(): Promise<void>;
}

/** Starts the language server. Resolves when it answers. */
export async function startClient(context: ExtensionContext, log: LogOutputChannel): Promise<RunningClient> {
  const client = new LanguageClient(
    'localRuntimes.language',
    'Local Runtimes Language Server',
    { module: context.asAbsolutePath('dist/server.js'), transport: TransportKind.ipc },
    {
      documentSelector: [{ scheme: 'file', language: languageId }],
      outputChannel: log,
      diagnosticCollectionName: 'local-runtimes-language',
    },
  );
  await client.start();
  return { stop: () => client.stop() };
}
