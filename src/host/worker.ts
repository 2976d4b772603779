/** The runtime host as a worker thread of the extension host. */

import { parentPort, workerData } from 'node:worker_threads';
import { PortMessageReader, PortMessageWriter } from 'vscode-jsonrpc/node';
import type { HostOptions } from '../protocol/api.ts';
import { serve } from '../protocol/rpc.ts';
import { createHome } from './home.ts';

if (parentPort === null) throw new Error('This program is to be run as a worker thread.');
const options = workerData as HostOptions;
const { runtime, outside } = createHome({
  folder: options.folder,
  storage: options.storage,
  trusted: options.trusted,
  ...(options.file === undefined ? {} : { files: [options.file] }),
});
serve(
  { reader: new PortMessageReader(parentPort), writer: new PortMessageWriter(parentPort) },
  {
    subscribe: (listener) => runtime.subscribe(listener),
    reload: () => runtime.reload(),
    start: (target, start) => runtime.start(target, start),
    stop: (target) => runtime.stop(target),
    restart: (target) => runtime.restart(target),
    trust: () => runtime.trust(),
    follow: (instance, lines) => runtime.follow(instance, lines),
    unfollow: (instance) => runtime.unfollow(instance),
    async shutdown(graceMs) {
      await runtime.shutdown(graceMs);
      await outside.close();
    },
  },
);
