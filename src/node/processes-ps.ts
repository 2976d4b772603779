/** The process table of macOS and the BSDs, asked of `ps`. */

import { ask } from './ask.ts';
import { relatives } from './process-tree.ts';
import { childMark, type ProcessRow, type ProcessTable } from './process-table.ts';
import { sharedLook } from './shared-look.ts';

export function psTable(): ProcessTable {
  const scan = sharedLook(async () => {
    const [table, environments] = await Promise.all([
      ask('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat=']),
      // With -E the environment follows the command, for one's own processes only.
      ask('ps', ['-A', '-E', '-ww', '-o', 'pid=,command=']),
    ]);
    return parsePs(table.text, environments.text);
  });
  return {
    scan,
    family: async (pid) => relatives(await scan(), { pids: [pid] }),
    familyNow: (pid) => [pid],
    // There is no cheap look at a family here; its group and its marks have to do.
    claim: () => undefined,
  };
}

/** Rows of `ps -o pid=,ppid=,pgid=,stat=` with the marks found in `ps -E -o pid=,command=`. */
export function parsePs(table: string, environments: string): readonly ProcessRow[] {
  const marks = new Map<number, string>();
  const marked = new RegExp(String.raw`^\s*(\d+) .*\b${childMark}=(\S+)`, 'u');
  for (const line of environments.split('\n')) {
    const [, pid, mark] = marked.exec(line) ?? [];
    if (pid !== undefined && mark !== undefined) marks.set(Number(pid), mark);
  }
  return table.split('\n').flatMap((line) => {
    const [, pid, parent, group, state] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)/u.exec(line) ?? [];
    if (pid === undefined || state === undefined || state.startsWith('Z')) return [];
    const mark = marks.get(Number(pid));
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        ...(mark === undefined ? {} : { mark }),
      },
    ];
  });
}
