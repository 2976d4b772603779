/** Kills what a child left behind, and does not rest before it is gone. */

import { setTimeout as pause } from 'node:timers/promises';
import { signalGroup, signalProcess } from './kill.ts';
import { type Kin, relatives } from './process-tree.ts';
import type { ProcessTable } from './process-table.ts';

/** Nothing survives SIGKILL for long, except in a system call that cannot be interrupted; nobody waits for that. */
const limitMs = 1_000;

/** What a child, or all children of a host, are known by. */
export interface Brood {
  readonly leaders: readonly number[];
  readonly mark: string;
}

/**
 * Kills the groups, all descendants and all that carry the mark, again and again until none is left.
 * Gives the pids of those that would not go within a second.
 */
export async function sweep(table: ProcessTable, brood: Brood): Promise<readonly number[]> {
  const deadline = performance.now() + limitMs;
  let left: readonly number[] = [];
  for (let round = 0; ; round += 1) {
    // Whoever was there in the round before is meant still: the first blow makes orphans, which no tree leads to.
    const kin: Kin = { pids: left, groups: brood.leaders, mark: brood.mark };
    left = relatives(await table.scan(), kin);
    if (left.length === 0) return [];
    for (const leader of brood.leaders) signalGroup(leader, 'SIGKILL');
    for (const pid of left) signalProcess(pid, 'SIGKILL');
    if (performance.now() > deadline) return left;
    await pause(Math.min(1 + round * 2, 20));
  }
}
