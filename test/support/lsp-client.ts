/** Speaks the language server protocol to the bundled server over stdio, as an editor of any make would. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import { bundleAll } from '../../src/build/bundle.ts';
import { dist } from '../../src/build/paths.ts';

const bundle = join(dist, 'server.js');

export interface Published {
  readonly uri: string;
  readonly version?: number;
  readonly diagnostics: readonly {
    readonly range: { readonly start: Position; readonly end: Position };
    readonly severity: number;
    readonly source: string;
    readonly code: string;
    readonly message: string;
  }[];
}

export interface Position {
  readonly line: number;
  readonly character: number;
}

export class LspClient implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #connection: MessageConnection;
  readonly #exited: Promise<number | null>;
  readonly published: Published[] = [];
  readonly #waiting = new Set<() => void>();

  /** Starts the server in a folder and introduces itself. */
  static async start(folder: string, environment: Readonly<Record<string, string>> = {}): Promise<LspClient> {
    // The runner has bundled it; a test file run by itself may be the first to need it.
    if (!existsSync(bundle)) await bundleAll({ only: ['server'] });
    const child = spawn(process.execPath, [bundle, '--stdio'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    });
    const client = new LspClient(child, child.stdout, child.stdin);
    await client.request('initialize', {
      processId: process.pid,
      capabilities: {},
      workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'folder' }],
    });
    await client.notify('initialized', {});
    return client;
  }

  private constructor(child: ChildProcess, stdout: Readable, stdin: Writable) {
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code) => resolve(code));
    });
    this.#connection = createMessageConnection(
      new StreamMessageReader(stdout),
      new StreamMessageWriter(stdin),
    );
    this.#connection.onNotification('textDocument/publishDiagnostics', (published: Published) => {
      this.published.push(published);
      for (const wake of this.#waiting) wake();
    });
    this.#connection.listen();
  }

  request<T>(method: string, params: object): Promise<T> {
    return this.#connection.sendRequest<T>(method, params);
  }

  notify(method: string, params: object): Promise<void> {
    return this.#connection.sendNotification(method, params);
  }

  open(uri: string, text: string): Promise<void> {
    return this.notify('textDocument/didOpen', {
      textDocument: { uri, languageId: 'runtimes', version: 1, text },
    });
  }

  /** The first message about a document's problems that meets a condition. */
  diagnostics(meets: (published: Published) => boolean): Promise<Published> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.published.find(meets);
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Says goodbye as the protocol has it, and gives the server's exit code. */
  async stop(): Promise<number | null> {
    await this.request('shutdown', {});
    await this.notify('exit', {});
    return await this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.dispose();
    this.#child.kill('SIGKILL');
    await this.#exited;
  }
}
