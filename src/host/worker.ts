/** The runtime host as a worker thread of the extension host. */

import { parentPort, workerData } from 'node:worker_threads';
import { PortMessageReader, PortMessageWriter } from 'vscode-jsonrpc/node';
import type { HostOptions } from '../protocol/api.ts';
import { serve } from '../protocol/rpc.ts';
import { WindowHome } from './window-home.ts';

if (parentPort === null) throw new Error('This program is to be run as a worker thread.');
const options = workerData as HostOptions;
const { api } = new WindowHome({
  folder: options.folder,
  storage: options.storage,
  trusted: options.trusted,
  print: (line) => void process.stderr.write(`${line}\n`),
  ...(options.file === undefined ? {} : { files: [options.file] }),
});
serve({ reader: new PortMessageReader(parentPort), writer: new PortMessageWriter(parentPort) }, api);
