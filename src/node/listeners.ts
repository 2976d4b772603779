/** Who listens on which TCP port: each platform in its own way. */

import type { Listener } from '../core/outside.ts';
import { linuxListeners } from './listeners-linux.ts';
import { lsofListeners } from './listeners-lsof.ts';
import { windowsListeners } from './listeners-netstat.ts';

export interface ListenerTable {
  /** All listeners of these processes; undefined when it cannot be told. */
  of(pids: readonly number[]): Promise<readonly Listener[] | undefined>;
  /** The processes that listen on a port; undefined when it cannot be told. */
  on(port: number): Promise<readonly number[] | undefined>;
  /** Changes whenever the open descriptors of these processes do; undefined when it cannot be told cheaply. */
  stamp(pids: readonly number[]): string | undefined;
  /** The command line of a process, as it shows itself. */
  command(pid: number): Promise<string | undefined>;
}

export function createListenerTable(platform: NodeJS.Platform = process.platform): ListenerTable {
  if (platform === 'linux') return linuxListeners();
  return platform === 'win32' ? windowsListeners() : lsofListeners();
}
