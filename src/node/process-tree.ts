/** Finds relatives in a process table. Pure. */

import type { ProcessRow } from './process-table.ts';

export interface Kin {
  readonly pids?: readonly number[];
  readonly groups?: readonly number[];
  /** A child's mark, or a host's for all of its children. */
  readonly mark?: string;
}

/** All rows that are meant by pid, group or mark, and all their descendants. */
export function relatives(rows: readonly ProcessRow[], kin: Kin): readonly number[] {
  const children = Map.groupBy(rows, (row) => row.parent);
  const seen = new Set<number>();
  const isMeant = (row: ProcessRow): boolean =>
    kin.pids?.includes(row.pid) === true ||
    kin.groups?.includes(row.group) === true ||
    (kin.mark !== undefined && (row.mark === kin.mark || row.mark?.startsWith(`${kin.mark}.`) === true));
  const visit = rows.filter(isMeant);
  for (let row = visit.pop(); row !== undefined; row = visit.pop()) {
    if (seen.has(row.pid)) continue;
    seen.add(row.pid);
    visit.push(...(children.get(row.pid) ?? []));
  }
  return [...seen];
}
