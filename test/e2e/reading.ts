/** Reads what the rows of the Runtimes view say, and asks the system whether it is true. */

import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** The process id a row's label tells. Throws when it tells none. */
export function pidIn(label: string): number {
  const pid = /\bpid (\d+)/.exec(label)?.[1];
  if (pid === undefined) throw new Error(`There is no pid in: ${label}`);
  return Number(pid);
}

/** The address a service's row tells. Throws when it tells none. */
export function urlIn(label: string): string {
  const url = /\bhttp:\/\/[^\s,]+/.exec(label)?.[0];
  if (url === undefined) throw new Error(`There is no address in: ${label}`);
  return url;
}

/** The states one instance went through, in order and each change once, from every label that was seen. */
export function statesOf(instance: string, labels: readonly string[]): string[] {
  const start = `${instance}, instance, `;
  const states = labels
    .filter((label) => label.startsWith(start))
    .map((label) => label.slice(start.length).split(',')[0] ?? '');
  return states.filter((state, index) => state !== states[index - 1]);
}

/** Whether a process still runs. One that is dead and only waits to be noticed by its parent does not. */
export function isAlive(pid: number): boolean {
  try {
    // The state follows the name, which is in parentheses and may hold anything.
    return !/\) [ZX] [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Looks until none of them is left, and resolves with the milliseconds that took. Rejects after `limitMs`, naming who stayed. */
export async function untilGone(pids: readonly number[], limitMs = 20_000): Promise<number> {
  const began = performance.now();
  for (;;) {
    const left = pids.filter(isAlive);
    const took = performance.now() - began;
    if (left.length === 0) return took;
    if (took > limitMs) throw new Error(`Still there after ${limitMs} ms: ${left.join(', ')}`);
    await pause(5);
  }
}
