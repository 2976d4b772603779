/** The one line for the status bar. */

import type { Snapshot } from '../protocol/api.ts';
import { folderName, isAnswering } from './tree.ts';
import { english, type Translate } from './words.ts';

export interface StatusLine {
  /** `2/4 running`. */
  readonly text: string;
  /** One line a service. */
  readonly tooltip: string;
  readonly accessibleLabel: string;
}

/** Undefined when there is no service to speak of. */
export function statusOf(snapshots: readonly Snapshot[], t: Translate = english): StatusLine | undefined {
  const services = snapshots.flatMap((snapshot) =>
    snapshot.services.map((service) => ({ snapshot, service })),
  );
  if (services.length === 0) return undefined;
  const running = services.filter(({ service }) => isAnswering(service)).length;
  const several = snapshots.length > 1;
  return {
    text: t('{0}/{1} running', running, services.length),
    tooltip: services
      .map(({ snapshot, service }) => {
        const name = several ? `${folderName(snapshot.folder)}/${service.name}` : service.name;
        return `${name}: ${service.instances.map((instance) => instance.state).join(', ')}`;
      })
      .join('\n'),
    accessibleLabel: t('Local Runtimes: {0} of {1} services running', running, services.length),
  };
}
