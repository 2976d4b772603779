/** What can be done to a service or an instance now. Menus match on these words, so a new state needs no menu edit. */

import type { InstanceView, ServiceView, StateName } from '../protocol/api.ts';
import { isSettled } from './mood.ts';

export const capabilities = [
  'canStart',
  'canStop',
  'canRestart',
  'canOpen',
  'canDebug',
  'canShowLog',
  'canOpenLogFile',
  'canGoToDefinition',
] as const;
export type Capability = (typeof capabilities)[number];

/** Stopping makes sense before RUNNING too, and while waiting for the next try (spec 6.1). */
function canStop(state: StateName): boolean {
  return !isSettled(state) && state !== 'STOPPING';
}

export function instanceCapabilities(
  instance: InstanceView,
  service: ServiceView,
  trusted: boolean,
): readonly Capability[] {
  return chosen({
    canStart: trusted && isSettled(instance.state),
    canStop: trusted && canStop(instance.state),
    canRestart: trusted && canStop(instance.state),
    canOpen: instance.port !== undefined && instance.state === 'RUNNING',
    canDebug: trusted && service.debuggable,
    canShowLog: true,
    canOpenLogFile: instance.logFile !== undefined,
    canGoToDefinition: true,
  });
}

export function serviceCapabilities(service: ServiceView, trusted: boolean): readonly Capability[] {
  const states = service.instances.map((instance) => instance.state);
  return chosen({
    canStart: trusted && states.some(isSettled),
    canStop: trusted && states.some(canStop),
    canRestart: trusted && states.some(canStop),
    canOpen: service.url !== undefined,
    canDebug: trusted && service.debuggable,
    canShowLog: service.instances.length > 0,
    canOpenLogFile: service.instances.some((instance) => instance.logFile !== undefined),
    canGoToDefinition: true,
  });
}

function chosen(claims: Readonly<Record<Capability, boolean>>): readonly Capability[] {
  return capabilities.filter((capability) => claims[capability]);
}

/** `service:canStart:canOpen`. */
export function contextValue(kind: string, able: readonly Capability[]): string {
  return [kind, ...able].join(':');
}
