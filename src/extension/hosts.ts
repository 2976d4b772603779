/**
 * Runtime hosts as worker threads: the one place of the extension that starts one.
 *
 * What a host does is behind `RuntimeApi`; this file knows only how it lives and dies.
 */

import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { PortMessageReader, PortMessageWriter } from 'vscode-jsonrpc/node';
import type { HostOptions, RuntimeApi } from '../protocol/api.ts';
import { connect } from '../protocol/rpc.ts';

export interface Host {
  readonly api: RuntimeApi;
  /** Resolves when the worker is gone: with the reason when nobody asked for it. */
  readonly ended: Promise<string | undefined>;
  /** Stops everything it runs within `graceMs`, then ends it. Never rejects. */
  end(graceMs: number): Promise<void>;
}

/** Starts a host. `print` gets what the worker itself writes, which is for our own log. */
export function startHost(options: HostOptions, print: (text: string) => void): Host {
  const worker = new Worker(join(import.meta.dirname, 'worker.js'), {
    workerData: options,
    name: `Local Runtimes: ${basename(options.folder)}`,
    stdout: true,
    stderr: true,
    // The host passes descriptors of its own to sockets; a worker that closed them again at its exit could hit a
    // descriptor that by then belongs to another part of this process.
    trackUnmanagedFds: false,
  });
  worker.stdout.on('data', (chunk: Buffer) => print(chunk.toString()));
  worker.stderr.on('data', (chunk: Buffer) => print(chunk.toString()));
  const api = connect({ reader: new PortMessageReader(worker), writer: new PortMessageWriter(worker) });

  let wanted = false;
  let failure: string | undefined;
  worker.on(
    'error',
    (error) => (failure = error instanceof Error ? (error.stack ?? error.message) : String(error)),
  );
  const ended = new Promise<string | undefined>((resolve) => {
    worker.on('exit', (code) => {
      // Calls that are under way reject now instead of waiting for ever.
      api.dispose();
      resolve(wanted ? undefined : (failure ?? `the worker ended with code ${code}`));
    });
  });

  return {
    api,
    ended,
    async end(graceMs) {
      wanted = true;
      try {
        await Promise.race([api.shutdown(graceMs), ended]);
      } catch (error) {
        print(`Shutting down: ${String(error)}`);
      }
      await worker.terminate();
    },
  };
}

/** The name of a folder's own place for log files and remembered ports: readable, and different for each checkout. */
export function storageName(folder: string): string {
  const digest = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  return `${basename(folder).replace(/[^\w.-]+/g, '_')}-${digest}`;
}
