/** What a person means by a name: a service, an instance, a group, or a process as Supervisor's tools call it. */

import { closest } from '../base/spelling.ts';
import type { InstanceView, Snapshot, Target } from '../protocol/api.ts';
import { parseNamespec } from '../protocol/supervisor/namespec.ts';

export interface Meant {
  readonly target: Target;
  readonly instances: readonly InstanceView[];
}

/** Without names everything is meant. A name that means nothing gives a sentence about it. */
export function meantBy(names: readonly string[], snapshot: Snapshot): Meant | string {
  const all = snapshot.services.flatMap((service) => service.instances);
  if (names.length === 0) return { target: { kind: 'all' }, instances: all };
  const targets: Target[] = [];
  const instances = new Set<InstanceView>();
  for (const name of names) {
    const found = oneMeant(name, snapshot, all);
    if (found === undefined) return unknown(name, snapshot, all);
    targets.push(found.target);
    for (const instance of found.instances) instances.add(instance);
  }
  const [first] = targets;
  const target: Target = targets.length === 1 && first !== undefined ? first : { kind: 'several', targets };
  return { target, instances: [...instances] };
}

function oneMeant(name: string, snapshot: Snapshot, all: readonly InstanceView[]): Meant | undefined {
  const service = snapshot.services.find((each) => each.name === name);
  if (service !== undefined)
    return { target: { kind: 'service', service: name }, instances: service.instances };
  const instance = all.find((each) => each.name === name);
  if (instance !== undefined) return one(instance);
  const { group, process } = parseNamespec(name);
  const members = all.filter((each) => each.group === group);
  const exact = members.find((each) => each.process === process);
  if (exact !== undefined) return one(exact);
  // A bare word that is no process may still be a group.
  const isGroup = members.length > 0 && (process === undefined || process === group);
  return isGroup ? { target: { kind: 'group', group }, instances: members } : undefined;
}

function one(instance: InstanceView): Meant {
  return { target: { kind: 'instance', instance: instance.name }, instances: [instance] };
}

function unknown(name: string, snapshot: Snapshot, all: readonly InstanceView[]): string {
  const leftOut = snapshot.leftOut?.find((each) => each.name === name);
  if (leftOut !== undefined) return `"${name}" is not run: ${leftOut.message}`;
  const known = [
    ...snapshot.services.map((service) => service.name),
    ...all.flatMap((instance) => [instance.name, instance.group]),
  ];
  const suggestion = closest(name, known);
  const hint = suggestion === undefined ? '' : ` Did you mean "${suggestion}"?`;
  return `There is no service, instance or group "${name}".${hint}`;
}
