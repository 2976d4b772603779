/**
 * All that the core needs from the world, as small interfaces.
 *
 * `node/` meets them with real processes, sockets and files; the tests of the core with a double. Times are in
 * milliseconds; `Clock.now` is monotonic.
 */

import type { Disposable } from '../base/disposable.ts';
import type { Files, Watcher } from './outside/files.ts';
import type { Doors, HttpClient } from './outside/http.ts';
import type { Logs } from './outside/logs.ts';
import type { Spawner } from './outside/processes.ts';
import type { Programs } from './outside/programs.ts';
import type { SharedSockets, Sockets } from './outside/sockets.ts';

export type * from './outside/files.ts';
export type * from './outside/http.ts';
export type * from './outside/logs.ts';
export type * from './outside/processes.ts';
export type * from './outside/programs.ts';
export type * from './outside/sockets.ts';

export interface Outside {
  readonly clock: Clock;
  readonly spawner: Spawner;
  readonly programs: Programs;
  readonly sockets: Sockets;
  readonly files: Files;
  readonly doors: Doors;
  readonly logs: Logs;
  readonly sharedSockets: SharedSockets;
  readonly watcher: Watcher;
  readonly http: HttpClient;
}

export interface Clock {
  /** Monotonic; only differences mean anything. */
  now(): number;
  /** Since the epoch, for people. */
  wall(): number;
  after(ms: number, run: () => void): Disposable;
}
