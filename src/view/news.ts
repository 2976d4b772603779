/** What a change of the config brought that a person may want started now. */

import type { ServiceView, Snapshot } from '../protocol/api.ts';
import { isSettled } from './mood.ts';
import { isWaiting } from './needs.ts';
import { english, type Translate } from './words.ts';

/**
 * The names of services that are new, under another name or mended, and at rest though others run. Where nothing ran
 * before, nobody is waiting for more to run; what does not start by itself is not offered either.
 */
export function newsIn(before: Snapshot, after: Snapshot): readonly string[] {
  const runs = before.services.some(({ instances }) =>
    instances.some((instance) => !isSettled(instance.state) || isWaiting(instance)),
  );
  if (!runs) return [];
  return after.services
    .filter((service) => service.autostart && isAtRest(service))
    .filter((service) => {
      const old = before.services.find(({ name }) => name === service.name);
      return old === undefined || (isBroken(old) && !isBroken(service));
    })
    .map(({ name }) => name);
}

function isAtRest({ instances }: ServiceView): boolean {
  return instances.every((instance) => isSettled(instance.state) && !isWaiting(instance));
}

function isBroken({ faults, instances }: ServiceView): boolean {
  const all = [...faults, ...instances.flatMap(({ fault }) => fault ?? [])];
  return all.some(({ severity }) => severity === 'error');
}

/** `clock is new.`, `clock, bell are new.` */
export function newsText(names: readonly string[], t: Translate = english): string {
  return names.length === 1
    ? t('{0} is new and does not run yet.', names.join(', '))
    : t('{0} are new and do not run yet.', names.join(', '));
}
