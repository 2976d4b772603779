/** The process table of Windows, asked of CIM through PowerShell. There are no groups and no readable environments. */

import { askPowerShell } from './ask.ts';
import { relatives } from './process-tree.ts';
import type { ProcessRow, ProcessTable } from './process-table.ts';
import { sharedLook } from './shared-look.ts';

const query = 'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.ParentProcessId)" }';

export function windowsTable(): ProcessTable {
  const scan = sharedLook(async () => parseCim(await askPowerShell(query)));
  return {
    scan,
    family: async (pid) => relatives(await scan(), { pids: [pid] }),
    familyNow: (pid) => [pid],
    // There is no cheap look at a family here; its group and its marks have to do.
    claim: () => undefined,
  };
}

/** Rows of lines that hold a pid and its parent's. */
export function parseCim(text: string): readonly ProcessRow[] {
  return text.split(/\r?\n/u).flatMap((line) => {
    const [, pid, parent] = /^(\d+) (\d+)$/u.exec(line.trim()) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), group: 0 }];
  });
}
