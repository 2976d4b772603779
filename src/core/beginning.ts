/**
 * What a person's start comes to: which instances start at once, and which are left asleep until a request wants them.
 */

import type { Instance } from './instance.ts';
import type { Target } from './model.ts';
import type { Roster } from './roster.ts';
import { isSizedByRequests } from './service.ts';
import { inStartOrder } from './topology/order.ts';

/**
 * The services of these are wanted from now on; gives what starts at once, in start order. Services that sleep until a
 * request comes are left asleep, unless they or their instances were named.
 */
export function begunFor(target: Target, found: readonly Instance[], roster: Roster): readonly Instance[] {
  const named = new Set(namedBy(target, roster));
  const wanted = new Set<Instance>();
  for (const service of new Set(found.map(({ spec }) => roster.service(spec.name)))) {
    const before = new Set(service.instances);
    const begun = service.begin();
    const isMeant = (instance: Instance): boolean =>
      begun.includes(instance) || !instance.isAtRest || named.has(instance);
    for (const instance of found) if (before.has(instance) && isMeant(instance)) wanted.add(instance);
    // What a way of scaling adds could not be found before.
    for (const instance of begun) if (!before.has(instance)) wanted.add(instance);
  }
  return inStartOrder([...wanted]);
}

/**
 * Instances that are to run whatever their service would begin with. Of those whose number requests decide, the first
 * alone stands for the service.
 */
function namedBy(target: Target, roster: Roster): readonly Instance[] {
  switch (target.kind) {
    case 'all':
    case 'group':
      return [];
    case 'instance':
      return roster.find(target);
    case 'service': {
      const { spec, instances } = roster.service(target.service);
      return isSizedByRequests(spec) ? instances.slice(0, 1) : instances;
    }
    case 'several':
      return target.targets.flatMap((each) => namedBy(each, roster));
  }
}
