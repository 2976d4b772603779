/**
 * Who starts before whom, and who stops before whom (spec 6.6). Pure.
 *
 * Starting is an order alone: nobody waits here, dependencies do that. Stopping goes stage by stage, and a stage is
 * wholly gone before the next one is told.
 */

import type { ServiceSpec } from '../../config/spec.ts';

/** What an order looks at. `Instance` meets it. */
export interface Ordered {
  /** The effective definition. */
  readonly spec: ServiceSpec;
  /** Supervisor's name within the group. */
  readonly process: string;
  readonly group: string;
}

interface Rank {
  readonly priority: number;
  readonly isProgram: boolean;
  readonly name: string;
}

/**
 * Low priorities first: those of groups, then those within a group. Between equals the order of the file counts, for
 * programs of a `supervisord.conf` their names. What is given is in the order of the file.
 */
export function inStartOrder<T extends Ordered>(all: readonly T[]): readonly T[] {
  const groups = new Map<string, Rank>();
  for (const { group, spec } of all) {
    const { program } = spec;
    const priority = program?.groupPriority ?? spec.priority;
    const known = groups.get(group);
    // A group of ours has no priority of its own: it starts when its first member would.
    if (known === undefined || priority < known.priority)
      groups.set(group, { priority, isProgram: program !== undefined, name: group });
  }
  const ranked = [...groups.values()].toSorted(byRank);
  const positions = new Map(ranked.map(({ name }, position) => [name, position]));
  return all.toSorted(
    (a, b) =>
      (positions.get(a.group) ?? 0) - (positions.get(b.group) ?? 0) || byRank(rankWithin(a), rankWithin(b)),
  );
}

function rankWithin({ spec, process }: Ordered): Rank {
  return { priority: spec.priority, isProgram: spec.program !== undefined, name: process };
}

function byRank(a: Rank, b: Rank): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  if (!a.isProgram || !b.isProgram || a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}

/**
 * The stages in which everything given is stopped: the last to start are the first to stop, group after group, and
 * whoever depends on another before that other. Within a stage all are told at once, in this order.
 *
 * Services of ours that are in no group, have the same priority and do not depend on each other share a stage, since
 * nobody asked for them to wait for each other.
 *
 * @param specs All services there are: a dependency may lead through one that is not stopped now.
 */
export function inStopStages<T extends Ordered>(
  all: readonly T[],
  specs: readonly ServiceSpec[],
): readonly (readonly T[])[] {
  const needs = closures(specs);
  let left = inStartOrder(all).toReversed();
  const stages: (readonly T[])[] = [];
  while (left.length > 0) {
    const needed = new Set<string>();
    for (const name of new Set(left.map(({ spec }) => spec.name)))
      for (const dependency of needs.get(name) ?? []) needed.add(dependency);
    const free = left.filter(({ spec }) => !needed.has(spec.name));
    // There are no circles; if there were one, nobody in it would be before the others.
    const [first] = free.length > 0 ? free : left;
    if (first === undefined) break;
    const block = blockOf(first);
    const stage = free.length > 0 ? free.filter((each) => blockOf(each) === block) : left;
    stages.push(stage);
    const gone = new Set(stage);
    left = left.filter((each) => !gone.has(each));
  }
  return stages;
}

/** What stops at once, if nothing in it depends on another. */
function blockOf({ spec, group }: Ordered): string {
  return spec.program !== undefined || spec.group !== undefined
    ? `group ${group}`
    : `priority ${spec.priority}`;
}

/** For each service all that it depends on, over however many steps. */
function closures(specs: readonly ServiceSpec[]): ReadonlyMap<string, ReadonlySet<string>> {
  const direct = new Map(specs.map((spec) => [spec.name, Object.keys(spec.dependsOn)]));
  const reach = (name: string): ReadonlySet<string> => {
    const found = new Set<string>();
    const open = [...(direct.get(name) ?? [])];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(...(direct.get(next) ?? []));
    }
    return found;
  };
  return new Map([...direct.keys()].map((name) => [name, reach(name)]));
}

/** All that depends on a service, over however many steps: the nearest first. */
export function dependentsOf(name: string, specs: readonly ServiceSpec[]): readonly string[] {
  const found: string[] = [];
  let edge: readonly string[] = [name];
  while (edge.length > 0) {
    const near = new Set(edge);
    edge = specs
      .filter((spec) => !found.includes(spec.name) && spec.name !== name)
      .filter((spec) => Object.keys(spec.dependsOn).some((each) => near.has(each)))
      .map((spec) => spec.name);
    found.push(...edge);
  }
  return found;
}
