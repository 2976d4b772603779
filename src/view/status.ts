/** The one line for the status bar. */

import type { ServiceView, Snapshot } from '../protocol/api.ts';
import { isFinished } from './finished.ts';
import { healthText, isUnhealthy, waitingText } from './reasons.ts';
import { isWaiting } from './needs.ts';
import { folderName } from './subject.ts';
import { isAnswering } from './tree.ts';
import { english, type Translate } from './words.ts';

export interface StatusLine {
  /** `2/4 running`, `2/4 running, 1 waiting`. */
  readonly text: string;
  /** One line a service. */
  readonly tooltip: string;
  readonly accessibleLabel: string;
}

/** Undefined when there is no service to speak of. A job that is done is no longer counted among what could run. */
export function statusOf(snapshots: readonly Snapshot[], t: Translate = english): StatusLine | undefined {
  const services = snapshots.flatMap((snapshot) =>
    snapshot.services.map((service) => ({ snapshot, service })),
  );
  if (services.length === 0) return undefined;
  const counted = services.map(({ service }) => service).filter((service) => !isFinished(service));
  const running = counted.filter(isAnswering).length;
  const waiting = counted.filter(({ instances }) => instances.some(isWaiting)).length;
  const unhealthy = counted.filter(({ instances }) => instances.some(isUnhealthy)).length;
  const rest = [
    ...(waiting === 0 ? [] : [t('{0} waiting', waiting)]),
    ...(unhealthy === 0 ? [] : [t('{0} unhealthy', unhealthy)]),
  ];
  const several = snapshots.length > 1;
  return {
    text: [t('{0}/{1} running', running, counted.length), ...rest].join(', '),
    tooltip: services
      .map(({ snapshot, service }) => {
        const name = several ? `${folderName(snapshot.folder)}/${service.name}` : service.name;
        return `${name}: ${stateText(service, t)}`;
      })
      .join('\n'),
    accessibleLabel: [
      t('Local Runtimes: {0} of {1} services running', running, counted.length),
      ...rest,
    ].join(', '),
  };
}

function stateText(service: ServiceView, t: Translate): string {
  const states = service.instances.map((instance) => instance.state).join(', ');
  return [states, waitingText(service.instances, t), healthText(service, t)]
    .filter((part) => part !== undefined)
    .join(', ');
}
