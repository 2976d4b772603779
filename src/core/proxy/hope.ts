/** Whether a request that finds nobody may wait, or wake somebody: what is on the way, and what speaks against it. */

import type { Instance } from '../instance.ts';

/** It is being started or restarted. One that waits for others is not known here. */
export function isComing({ state, fault: against }: Pick<Instance, 'state' | 'fault'>): boolean {
  if (state.kind === 'stopping') return state.next === 'start';
  if (state.kind !== 'starting') return false;
  // The crash of a life before this one is no reason to give this one up.
  return against === undefined || (against.code === 'instance-died' && state.attempt === 0);
}

/**
 * Why none of a service's instances would come up now, before something is changed; undefined: one runs or is on its
 * way, or nothing is known to stand in the way. Requests start nothing then (RT-22, RT-30).
 */
export function hindranceOf(instances: readonly Instance[]): Instance['hindrance'] {
  if (instances.some((each) => each.state.kind === 'running' || isComing(each))) return undefined;
  return instances.find(({ hindrance }) => hindrance !== undefined)?.hindrance;
}
