/** One instance as a node of the tree. */

import type { InstanceView, ServiceView, Snapshot } from '../protocol/api.ts';
import { buildingText } from './building.ts';
import { contextValue, instanceCapabilities } from './capabilities.ts';
import { formatUptime, joined, minute } from './format.ts';
import { icons, moodOf } from './mood.ts';
import { isUnhealthy, reasonOf, waitingText } from './reasons.ts';
import { type InstanceSubject, subjectId } from './subject.ts';
import { servingText, spokenFlow, trafficText } from './traffic.ts';
import type { TreeNode } from './tree.ts';
import type { Translate } from './words.ts';

/** Only from a minute on: rows are drawn anew once a minute, so seconds would be stale before anybody has read them. */
function uptimeOf({ state, since }: InstanceView, now: number): string | undefined {
  const span = now - since;
  return state === 'RUNNING' && span >= minute ? formatUptime(span) : undefined;
}

export function instanceNode(
  instance: InstanceView,
  service: ServiceView,
  snapshot: Snapshot,
  now: number,
  t: Translate,
): TreeNode {
  const subject: InstanceSubject = {
    kind: 'instance',
    folder: snapshot.folder,
    service: service.name,
    instance: instance.name,
  };
  const waiting = waitingText([instance], t);
  const building = buildingText(instance, now, t);
  const health = isUnhealthy(instance) ? t('unhealthy') : undefined;
  const serving = servingText(instance, t);
  const reason = reasonOf(instance, t);
  const uptime = uptimeOf(instance, now);
  const attempt =
    instance.attempt === undefined || instance.attempt === 0 ? undefined : t('attempt {0}', instance.attempt);
  const process = instance.pid === undefined ? undefined : t('pid {0}', instance.pid);
  const port = process === undefined ? undefined : instance.port;
  const mood = moodOf(instance);
  const flow = trafficText(instance, t);
  const spoken = spokenFlow([instance], t);
  return {
    id: subjectId(subject),
    subject,
    label: instance.name,
    // A narrow sidebar cuts off the end, so what a person needs first stands first.
    description: joined([
      mood === 'asleep' ? undefined : instance.state,
      waiting,
      building,
      health,
      serving,
      port === undefined ? undefined : `:${port}`,
      flow,
      attempt,
      reason,
      uptime,
      process,
    ]),
    icon: icons[mood],
    context: contextValue('instance', instanceCapabilities(instance, service, snapshot)),
    accessibleLabel: [
      t('{0}, instance', instance.name),
      instance.state,
      waiting,
      // Seconds would be read out anew with each of them.
      building === undefined ? undefined : t('building'),
      health,
      serving,
      port === undefined ? undefined : t('port {0}', port),
      process,
      uptime === undefined ? undefined : t('for {0}', uptime),
      attempt,
      reason,
      spoken,
    ]
      .filter((part) => part !== undefined)
      .join(', '),
    ...(flow === undefined || spoken === undefined ? {} : { flow: { shown: flow, spoken } }),
    children: [],
  };
}
