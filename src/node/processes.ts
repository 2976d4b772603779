/** Who is there: the process table of this machine, each platform in its own way. */

import type { ProcessTable } from './process-table.ts';
import { linuxTable } from './processes-linux.ts';
import { psTable } from './processes-ps.ts';
import { windowsTable } from './processes-windows.ts';

export function createProcessTable(platform: NodeJS.Platform = process.platform): ProcessTable {
  if (platform === 'linux') return linuxTable();
  return platform === 'win32' ? windowsTable() : psTable();
}
