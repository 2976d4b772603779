/** Whether a request that finds nobody may wait: somebody is on the way, and nothing speaks against their coming. */

import type { Instance } from '../instance.ts';

/** It is being started or restarted. One that waits for others is not known here. */
export function isComing({ state, fault: against }: Pick<Instance, 'state' | 'fault'>): boolean {
  if (state.kind === 'stopping') return state.next === 'start';
  if (state.kind !== 'starting') return false;
  // The crash of a life before this one is no reason to give this one up.
  return against === undefined || (against.code === 'instance-died' && state.attempt === 0);
}
