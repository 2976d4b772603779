/** What a service needs of others, and whether it has it now. A hint for menus: the runtime judges for itself. */

import type { InstanceView, ServiceView, Snapshot } from '../protocol/api.ts';

export interface Need {
  readonly service: string;
  readonly condition: string;
  readonly met: boolean;
}

/** In the order of the config. */
export function needsOf(service: ServiceView, snapshot: Snapshot): readonly Need[] {
  return Object.entries(service.dependsOn).map(([name, condition]) => {
    const other = snapshot.services.find((each) => each.name === name);
    return { service: name, condition, met: other !== undefined && isMet[condition](other.instances) };
  });
}

const isMet: Readonly<
  Record<ServiceView['dependsOn'][string], (instances: readonly InstanceView[]) => boolean>
> = {
  started: (instances) => instances.some(({ pid }) => pid !== undefined),
  ready: (instances) => instances.some(({ state }) => state === 'RUNNING'),
  healthy: (instances) => instances.some(({ health }) => health === 'healthy'),
  exited: (instances) => instances.every(({ state, exit }) => state === 'EXITED' && exit?.expected === true),
};

/** A start of it was ordered and has to wait. */
export function isWaiting(instance: InstanceView): boolean {
  return instance.waitingFor !== undefined && instance.waitingFor.length > 0;
}
