/** How many things need a person. */

import type { Snapshot } from '../protocol/api.ts';
import { moodOf } from './mood.ts';
import { isUnhealthy } from './reasons.ts';
import { english, type Translate } from './words.ts';

export interface Badge {
  readonly value: number;
  readonly tooltip: string;
}

/**
 * Counts an instance in trouble once, and each error of a service or of a config file once. An instance that is
 * waiting for its next try counts too: it has failed; so does an unhealthy one, and one that waits for what will not
 * come by itself. Undefined when all is well.
 */
export function badgeOf(snapshots: readonly Snapshot[], t: Translate = english): Badge | undefined {
  const value = snapshots.reduce((sum, snapshot) => sum + attentionOf(snapshot), 0);
  if (value === 0) return undefined;
  return {
    value,
    tooltip: value === 1 ? t('1 thing needs attention') : t('{0} things need attention', value),
  };
}

function attentionOf(snapshot: Snapshot): number {
  const problems = snapshot.problems.filter((problem) => problem.severity === 'error').length;
  const services = snapshot.services.map((service) => {
    const own = service.faults.filter((fault) => fault.severity === 'error').length;
    const instances = service.instances.filter((instance) => {
      const mood = moodOf(instance);
      const needsPerson = mood === 'troubled' || mood === 'waiting' || mood === 'stuck';
      return needsPerson || isUnhealthy(instance) || instance.fault?.severity === 'error';
    }).length;
    return own + instances;
  });
  const whole = (snapshot.faults ?? []).filter((fault) => fault.severity === 'error').length;
  return services.reduce((sum, count) => sum + count, problems + whole);
}
