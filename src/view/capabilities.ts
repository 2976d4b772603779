/** What can be done to a node now. Menus match on these words, so a new state needs no menu edit. */

import type { InstanceView, ServiceView, Snapshot } from '../protocol/api.ts';
import { isSettled } from './mood.ts';
import { isWaiting, needsOf } from './needs.ts';

export const capabilities = [
  'canStart',
  'canStartAnyway',
  'canStop',
  'canRestart',
  'canOpen',
  'canCopyNamed',
  'canDebug',
  'canScale',
  'canSignal',
  'canSendInput',
  'canShowLog',
  'canOpenLogFile',
  'canClearLog',
  'canGoToDefinition',
] as const;
export type Capability = (typeof capabilities)[number];

/** Stopping makes sense before RUNNING too, while waiting for the next try (spec 6.1), and calls off a waiting start. */
function canStop(instance: InstanceView): boolean {
  return isRunningClass(instance) || isWaiting(instance);
}

function isRunningClass({ state }: InstanceView): boolean {
  return !isSettled(state) && state !== 'STOPPING';
}

function canStart(instance: InstanceView): boolean {
  return isSettled(instance.state) && !isWaiting(instance);
}

export function instanceCapabilities(
  instance: InstanceView,
  service: ServiceView,
  { trusted }: Snapshot,
): readonly Capability[] {
  const hasProcess = instance.pid !== undefined;
  return chosen({
    canStart: trusted && canStart(instance),
    canStop: trusted && canStop(instance),
    canRestart: trusted && isRunningClass(instance),
    canOpen: instance.port !== undefined && instance.state === 'RUNNING',
    canDebug: trusted && service.debuggable,
    canSignal: trusted && hasProcess,
    canSendInput: trusted && hasProcess && service.takesInput === true,
    canShowLog: true,
    canOpenLogFile: instance.logFile !== undefined,
    canClearLog: trusted && instance.logFile !== undefined,
    canGoToDefinition: true,
  });
}

/** A backend's instances, and an API server's only one, have their place in a layout. */
function isScaledByHand({ scaling, role = 'service' }: ServiceView): boolean {
  return (role === 'service' || role === 'app') && (scaling === undefined || scaling === 'manual');
}

export function serviceCapabilities(service: ServiceView, snapshot: Snapshot): readonly Capability[] {
  const { trusted } = snapshot;
  const { instances } = service;
  const wouldWait = instances.some(canStart) && needsOf(service, snapshot).some(({ met }) => !met);
  return chosen({
    canStart: trusted && instances.some(canStart),
    canStartAnyway: trusted && (wouldWait || instances.some(isWaiting)),
    canStop: trusted && instances.some(canStop),
    canRestart: trusted && instances.some(isRunningClass),
    canOpen: service.url !== undefined,
    canDebug: trusted && service.debuggable,
    // The processes of a program are named in its file, one by one, and requests decide where they scale a service.
    canScale: trusted && snapshot.supervisor === undefined && isScaledByHand(service),
    canCopyNamed: service.namedUrl !== undefined,
    canShowLog: instances.length > 0,
    canOpenLogFile: instances.some(({ logFile }) => logFile !== undefined),
    canGoToDefinition: true,
  });
}

/** What can be done to a group is what can be done to some of its services. */
export function groupCapabilities(
  services: readonly ServiceView[],
  snapshot: Snapshot,
): readonly Capability[] {
  const able = new Set(services.flatMap((service) => serviceCapabilities(service, snapshot)));
  const forGroups = ['canStart', 'canStop', 'canRestart', 'canOpen'] as const;
  return chosen({
    ...Object.fromEntries(forGroups.map((each) => [each, able.has(each)])),
    canGoToDefinition: true,
  });
}

function chosen(claims: Readonly<Partial<Record<Capability, boolean>>>): readonly Capability[] {
  return capabilities.filter((capability) => claims[capability] === true);
}

/** `service:canStart:canOpen`. */
export function contextValue(kind: string, able: readonly Capability[]): string {
  return [kind, ...able].join(':');
}
