/** What a debug session is about: one service or one instance of it, and what becomes of it. Pure. */

import { closest } from '../base/spelling.ts';
import { fault, FaultError } from '../faults/make.ts';
import type { InstanceView, ServiceView, Snapshot, Target } from '../protocol/api.ts';
import { whyNotDebuggable } from './attach.ts';
import { type DebuggerUse, debuggerUses } from './debuggers.ts';

/** The service and its instances that a target means now; no service once it has left the config. */
export interface Meant {
  readonly service: ServiceView | undefined;
  readonly instances: readonly InstanceView[];
}

export interface TargetNames {
  readonly service?: unknown;
  readonly instance?: unknown;
}

/** What a debugger can be begun for. */
export type DebugTarget = Extract<Target, { kind: 'service' | 'instance' }>;

/** Reads a configuration against what exists. Throws an error that a person can act on. */
export function chooseTarget(
  names: TargetNames,
  snapshot: Snapshot,
  uses: ReadonlyMap<string, DebuggerUse> = debuggerUses,
): DebugTarget {
  if (!snapshot.trusted) throw new FaultError(fault('untrusted', {}));
  const target = targetOf(names);
  const { service, instances } = meantBy(target, snapshot);
  if (service === undefined || instances.length === 0) throw unknown(target, snapshot);
  const why = whyNotDebuggable(service, uses);
  if (why !== undefined) throw new Error(why);
  return target;
}

function targetOf({ service, instance }: TargetNames): DebugTarget {
  if (typeof instance === 'string' && instance !== '') return { kind: 'instance', instance };
  if (typeof service === 'string' && service !== '') return { kind: 'service', service };
  throw new Error('The debug configuration names no service. Add "service" with the name of one.');
}

function unknown(target: DebugTarget, { services }: Snapshot): FaultError {
  const name = target.kind === 'service' ? target.service : target.instance;
  const known =
    target.kind === 'service'
      ? services.map((service) => service.name)
      : services.flatMap(({ instances }) => instances.map((instance) => instance.name));
  const suggestion = closest(name, known);
  const raised = fault('no-such-service', { name, ...(suggestion === undefined ? {} : { suggestion }) });
  // A debugger shows one text only, so the way out goes into it.
  const words = raised.hint === undefined ? raised.message : `${raised.message} ${raised.hint}`;
  return new FaultError({ ...raised, message: words });
}

export function meantBy(target: DebugTarget, { services }: Snapshot): Meant {
  if (target.kind === 'service') {
    const service = services.find(({ name }) => name === target.service);
    return { service, instances: service?.instances ?? [] };
  }
  for (const service of services) {
    const instances = service.instances.filter(({ name }) => name === target.instance);
    if (instances.length > 0) return { service, instances };
  }
  return { service: undefined, instances: [] };
}

/** It has no process and will not get one by itself. */
export function isAtRest({ state, nextTryAt }: InstanceView): boolean {
  return state === 'STOPPED' || state === 'FATAL' || (state === 'EXITED' && nextTryAt === undefined);
}
