/** What a service needs of others, and whether it has it now. A hint for menus: the runtime judges for itself. */

import type { InstanceView, ServiceView, Snapshot } from '../protocol/api.ts';

export interface Need {
  readonly service: string;
  readonly condition: ServiceView['dependsOn'][string];
  readonly met: boolean;
}

/** In the order of the config. */
export function needsOf(service: ServiceView, snapshot: Snapshot): readonly Need[] {
  return Object.entries(service.dependsOn).map(([name, condition]) => {
    const instances = snapshot.services.find((each) => each.name === name)?.instances;
    const met = instances?.every((instance) => isMet(condition, instance)) === true;
    return { service: name, condition, met };
  });
}

function isMet(condition: Need['condition'], instance: InstanceView): boolean {
  if (isWaiting(instance)) return false;
  const { state, exit, health } = instance;
  // One that has done its work was started and was ready, whatever it is now.
  if (state === 'EXITED') return exit?.expected === true;
  switch (condition) {
    case 'started':
      return state === 'STARTING' || state === 'RUNNING';
    case 'ready':
      return state === 'RUNNING';
    case 'healthy':
      return state === 'RUNNING' && (health === undefined || health === 'healthy');
    case 'exited':
      return false;
  }
}

/** A start of it was ordered and has to wait. */
export function isWaiting(instance: InstanceView): boolean {
  return instance.waitingFor !== undefined && instance.waitingFor.length > 0;
}
