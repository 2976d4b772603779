/** Groups: which there are, how they are shown, and what is different between two configs (spec 6.6, 6.13). Pure. */

import type { Config, ServiceSpec } from '../../config/spec.ts';
import type { GroupChanges, GroupView } from '../model.ts';
import { inStartOrder } from './order.ts';

/** Services that are started and stopped together; one in no group is a group of its own. */
export interface Group {
  readonly name: string;
  readonly priority: number;
  /** In start order. */
  readonly services: readonly ServiceSpec[];
}

export function groupNameOf(spec: ServiceSpec): string {
  return spec.program?.group ?? spec.group ?? spec.name;
}

/** All groups, in start order. */
export function groupsOf(services: readonly ServiceSpec[]): readonly Group[] {
  const groups = new Map<string, ServiceSpec[]>();
  const ordered = inStartOrder(
    services.map((spec) => ({
      spec,
      group: groupNameOf(spec),
      process: spec.program?.processes[0].name ?? spec.name,
    })),
  );
  for (const { spec, group } of ordered) groups.set(group, [...(groups.get(group) ?? []), spec]);
  return [...groups].map(([name, members]) => ({
    name,
    priority: Math.min(...members.map((spec) => spec.program?.groupPriority ?? spec.priority)),
    services: members,
  }));
}

/** The groups worth showing: of more than one service, or named apart from their only one. */
export function groupViews({
  services,
  groups = [],
}: Pick<Config, 'services' | 'groups'>): readonly GroupView[] {
  return groupsOf(services)
    .filter(({ name, services: members }) => members.length > 1 || members[0]?.name !== name)
    .flatMap(({ name, services: members }) => {
      const source =
        groups.find((each) => each.name === name)?.source ?? members[0]?.keys['group'] ?? members[0]?.source;
      return source === undefined ? [] : [{ name, source, services: members.map((spec) => spec.name) }];
    });
}

/**
 * What a newly read config adds, changes and takes away (SV-90, SV-91). A group counts as changed when its name,
 * priority or members differ, or anything of a member; where things stand in the file does not count, and `AUTO`
 * logs have no name before they are written.
 */
export function groupChanges(old: readonly ServiceSpec[], next: readonly ServiceSpec[]): GroupChanges {
  const before = new Map(groupsOf(old).map((group) => [group.name, essence(group)]));
  const after = groupsOf(next);
  const names = new Set(after.map(({ name }) => name));
  return {
    added: after.filter(({ name }) => !before.has(name)).map(({ name }) => name),
    changed: after
      .filter((group) => (before.get(group.name) ?? essence(group)) !== essence(group))
      .map(({ name }) => name),
    removed: [...before.keys()].filter((name) => !names.has(name)),
  };
}

function essence({ priority, services }: Group): string {
  return sameText({ priority, services: services.map(made) });
}

/** A service without the places it was read from. */
function made({ source: _source, keys: _keys, ...rest }: ServiceSpec): unknown {
  return rest;
}

/** The same text for the same value, whatever the order of its keys. */
export function sameText(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
