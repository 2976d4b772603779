/** Groups of `runtimes.yaml`: `groups` and the services' own `group` as one. Knows names and places only. */

import { closest } from '../base/spelling.ts';
import type { Problem } from '../faults/fault.ts';
import { problem } from '../faults/make.ts';
import { serviceName } from './links.ts';
import type { GroupSpec, ServiceSpec } from './spec.ts';
import { type At, type Entry, isBlank, type Tree } from './tree.ts';

/** A service is put into a group here. */
interface Membership {
  readonly group: string;
  readonly at: At;
}

export interface Grouped {
  /** Each with the group it is in. */
  readonly services: readonly ServiceSpec[];
  readonly groups: readonly GroupSpec[];
}

/** @param tree The map `groups` of the file, if there is one. */
export function grouped(
  tree: Tree | undefined,
  specs: readonly ServiceSpec[],
  services: ReadonlyMap<string, Entry>,
  problems: Problem[],
): Grouped {
  const sources = new Map<string, At>();
  const members = new Map<string, Membership>();
  const join = (service: string, { group, at }: Membership): void => {
    const before = members.get(service);
    if (before === undefined) members.set(service, { group, at });
    else if (before.group !== group)
      problems.push(
        problem('bad-value', at, {
          key: 'groups',
          reason: `"${service}" is already in the group "${before.group}"`,
          hint: 'A service can be in one group only: take it out of one of the two.',
        }),
      );
  };
  const isGroup = (group: string, at: At): boolean => {
    const reason = unfitName(group);
    if (reason === undefined) return true;
    const hint = 'Use letters, digits, - and _, at most 63 of them, with a letter or digit at both ends.';
    problems.push(problem('bad-value', at, { key: group, reason, hint }));
    return false;
  };

  for (const spec of specs) {
    const at = spec.keys['group'];
    if (spec.group === undefined || at === undefined || !isGroup(spec.group, at)) continue;
    if (!sources.has(spec.group)) sources.set(spec.group, at);
    join(spec.name, { group: spec.group, at });
  }
  for (const [group, { key, value }] of tree?.kind === 'map' ? tree.entries : []) {
    if (!isGroup(group, key)) continue;
    sources.set(group, key);
    for (const item of value.kind === 'list' ? value.items : []) {
      if (item.kind !== 'scalar' || isBlank(item)) continue;
      if (services.has(item.text)) join(item.text, { group, at: item.at });
      else {
        const suggestion = closest(item.text, services.keys());
        problems.push(problem('unknown-service', item.at, { name: item.text, suggestion }));
      }
    }
  }
  for (const [group, at] of sources) {
    if (!services.has(group) || members.get(group)?.group === group) continue;
    problems.push(
      problem('bad-value', at, {
        key: group,
        reason: 'a service that is not in this group has the same name',
        hint: 'Give the group another name.',
      }),
    );
    sources.delete(group);
  }
  const inGroups = specs.map((spec) => {
    const { group: _written, ...rest } = spec;
    const group = members.get(spec.name)?.group;
    return group === undefined || !sources.has(group) ? rest : { ...rest, group };
  });
  return { services: inGroups, groups: groupSpecs(sources, inGroups) };
}

/** A group starts when the first of its services would. */
function groupSpecs(
  sources: ReadonlyMap<string, At>,
  services: readonly ServiceSpec[],
): readonly GroupSpec[] {
  return [...sources].flatMap(([name, source]) => {
    const own = services.filter((spec) => spec.group === name);
    if (own.length === 0) return [];
    const priority = Math.min(...own.map((spec) => spec.priority));
    return [{ name, priority, services: own.map((spec) => spec.name), source }];
  });
}

function unfitName(group: string): string | undefined {
  return serviceName.test(group) ? undefined : 'this cannot be the name of a group';
}
