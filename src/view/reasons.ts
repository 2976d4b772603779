/** Why something is as it is, in words. */

import type { Fault } from '../faults/fault.ts';
import type { InstanceView, ServiceView } from '../protocol/api.ts';
import { formatExit } from './format.ts';
import { isWaiting } from './needs.ts';
import { english, type Translate } from './words.ts';

/** Why an instance is as it is; nothing for what is plain from the state. */
export function reasonOf(instance: InstanceView, t: Translate = english): string | undefined {
  if (isWaiting(instance)) return undefined;
  // One word says it in a list; what the checks found is in the tooltip and in Problems.
  if (isUnhealthy(instance) && instance.fault?.code === 'unhealthy') return undefined;
  if (instance.fault !== undefined && !(instance.state === 'RUNNING' && instance.fault.severity === 'info')) {
    return findingText(instance.fault, t) ?? instance.reason ?? instance.fault.message;
  }
  if (instance.reason !== undefined) return instance.reason;
  const failed = instance.state === 'BACKOFF' || instance.state === 'FATAL';
  if (failed && instance.spawnError !== undefined) return instance.spawnError;
  const ended = instance.state === 'EXITED' || failed;
  return ended && instance.exit !== undefined ? formatExit(instance.exit, t) : undefined;
}

/** What a compiler said first says more in one line than that it failed: `main.go:15: undefined: x`, and how many more. */
function findingText({ findings = [] }: Fault, t: Translate): string | undefined {
  const [first = findings[0]] = findings.filter(({ severity }) => severity === 'error');
  if (first === undefined) return undefined;
  const { file, line } = first.place;
  const [message = ''] = first.message.split('\n');
  const text = `${file.split(/[\\/]/).at(-1)}:${line}: ${message}`;
  return findings.length === 1 ? text : t('{0} (and {1} more)', text, findings.length - 1);
}

/** `waiting for db (not healthy), cache (STARTING)`, each service once. */
export function waitingText(instances: readonly InstanceView[], t: Translate = english): string | undefined {
  const waits = instances.flatMap(({ waitingFor = [] }) => waitingFor);
  const named = new Set(waits.map(({ service, reason }) => `${service} (${reason})`));
  return named.size === 0 ? undefined : t('waiting for {0}', [...named].join(', '));
}

/** `unhealthy`, or how many of several are. Nothing for what is healthy or has no probe. */
export function healthText({ instances }: ServiceView, t: Translate = english): string | undefined {
  const count = instances.filter(isUnhealthy).length;
  if (count === 0) return undefined;
  return instances.length === 1 ? t('unhealthy') : t('{0} unhealthy', count);
}

export function isUnhealthy({ state, health }: InstanceView): boolean {
  return state === 'RUNNING' && health === 'unhealthy';
}
