/**
 * Leaves out what may only follow from a slip in the syntax: behind it nobody knows what was meant to be a key, a value
 * or a service. When the slip is mended, what is still wrong is told.
 */

import type { Problem } from '../faults/fault.ts';

/** About something that is nowhere, though it may stand where nothing could be read, be it in another file. */
const aboutAbsence: ReadonlySet<string> = new Set([
  'unknown-service',
  'missing-key',
  'no-services',
] satisfies Problem['code'][]);
/** About what something is, which behind the slip is a matter of luck. */
const aboutShape: ReadonlySet<string> = new Set(['wrong-type', 'unknown-key'] satisfies Problem['code'][]);

export function withoutFollowUps(problems: readonly Problem[]): readonly Problem[] {
  /** The lines of each file in which a slip begins. */
  const slips = new Map<string, ReadonlySet<number>>();
  for (const { code, file, line } of problems)
    if (code === 'yaml-syntax') slips.set(file, new Set([...(slips.get(file) ?? []), line]));
  if (slips.size === 0) return problems;
  /** The lines whose slip has been told: what the parser stumbles over next is the same one. */
  const told = new Set<string>();
  return problems.filter(({ code, file, line, endLine }) => {
    const lines = slips.get(file);
    if (code === 'yaml-syntax') {
      const place = `${file}:${line}`;
      const isFirst = !told.has(place);
      told.add(place);
      return isFirst;
    }
    if (aboutAbsence.has(code)) return false;
    if (lines === undefined) return true;
    if (aboutShape.has(code)) return endLine < Math.min(...lines);
    return ![...lines].some((slip) => line <= slip && slip <= endLine);
  });
}
