/** The real world, put together. */

import { randomUUID } from 'node:crypto';
import type { Outside } from '../core/outside.ts';
import { clock } from './clock.ts';
import { createFiles } from './files.ts';
import { createDoors } from './http/doors.ts';
import { httpClient } from './http-client.ts';
import { createProcessTable } from './processes.ts';
import { createSharedSockets } from './shared-sockets.ts';
import { createSockets } from './sockets.ts';
import { createSpawner } from './spawner.ts';
import { createPrograms } from './tools.ts';
import { createWatcher } from './watcher.ts';

export interface OutsideOptions {
  /** A log file cannot be written; said once for each file, and output goes on without it. */
  onLogFailure?(path: string, reason: string): void;
}

export interface RealOutside extends Outside {
  /** Ends all children and whatever they left, writes out the logs and deletes the temporary files. */
  close(): Promise<void>;
}

export function createOutside(options: OutsideOptions = {}): RealOutside {
  const table = createProcessTable();
  const mark = randomUUID();
  const spawner = createSpawner({ mark, table, ...options });
  const files = createFiles({ mark });
  const sharedSockets = createSharedSockets();
  const watcher = createWatcher();
  return {
    clock,
    spawner,
    programs: createPrograms(spawner),
    sockets: createSockets(table),
    files,
    doors: createDoors(),
    logs: spawner.logs,
    sharedSockets,
    watcher,
    http: httpClient,
    async close() {
      // The sweep of the one finds what the other was running.
      await Promise.all([spawner.close(), files.close(), watcher.close()]);
      await sharedSockets.close();
    },
  };
}
