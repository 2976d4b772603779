/**
 * The tree of services and instances as plain data.
 *
 * Knows nothing of the editor: whoever shows it maps a node to an item and nothing else. Ids are stable over
 * snapshots, so that what was open stays open.
 */

import type { InstanceView, ServiceView, Snapshot } from '../protocol/api.ts';
import { instanceCapabilities, serviceCapabilities, contextValue } from './capabilities.ts';
import { formatAddress, formatExit, formatUptime, joined } from './format.ts';
import { type Icon, icons, moodOf, rollUp } from './mood.ts';
import { english, type Translate } from './words.ts';

/** What a node stands for. */
export type Subject =
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'service'; readonly folder: string; readonly service: string }
  | {
      readonly kind: 'instance';
      readonly folder: string;
      readonly service: string;
      readonly instance: string;
    };

export interface TreeNode {
  readonly id: string;
  readonly subject: Subject;
  readonly label: string;
  readonly description: string;
  readonly icon: Icon;
  /** The kind and its capabilities, for menus. */
  readonly context: string;
  /** What a screen reader says: everything the icon and colour tell, in words. */
  readonly accessibleLabel: string;
  readonly children: readonly TreeNode[];
}

/** Equal subjects have equal ids, whichever snapshot they come from. */
export function subjectId(subject: Subject): string {
  const { kind, folder } = subject;
  if (kind === 'folder') return `folder:${folder}`;
  return `${kind}:${folder}#${kind === 'service' ? subject.service : subject.instance}`;
}

/** The whole tree. The folder level is there only when there are several. `now` is in milliseconds since the epoch. */
export function treeOf(
  snapshots: readonly Snapshot[],
  now: number,
  t: Translate = english,
): readonly TreeNode[] {
  const withConfig = snapshots.filter(
    (snapshot) => snapshot.files.length > 0 || snapshot.services.length > 0,
  );
  if (withConfig.length > 1) return withConfig.map((snapshot) => folderNode(snapshot, now, t));
  return withConfig.flatMap((snapshot) => serviceNodes(snapshot, now, t));
}

function folderNode(snapshot: Snapshot, now: number, t: Translate): TreeNode {
  const subject: Subject = { kind: 'folder', folder: snapshot.folder };
  const label = folderName(snapshot.folder);
  const running = snapshot.services.filter(isAnswering).length;
  const total = snapshot.services.length;
  return {
    id: subjectId(subject),
    subject,
    label,
    description: t('{0}/{1} running', running, total),
    icon: { id: 'root-folder' },
    context: 'folder',
    accessibleLabel: t('{0}, folder, {1} of {2} services running', label, running, total),
    children: serviceNodes(snapshot, now, t),
  };
}

/** The last part of a path, of either kind of slash. */
export function folderName(folder: string): string {
  return /([^/\\]+)[/\\]*$/.exec(folder)?.[1] ?? folder;
}

function serviceNodes(snapshot: Snapshot, now: number, t: Translate): readonly TreeNode[] {
  return snapshot.services.map((service) => serviceNode(service, snapshot, now, t));
}

/** Something of it runs, so it can answer. */
export function isAnswering(service: ServiceView): boolean {
  return service.instances.some((instance) => instance.state === 'RUNNING');
}

function serviceNode(service: ServiceView, snapshot: Snapshot, now: number, t: Translate): TreeNode {
  const subject: Subject = { kind: 'service', folder: snapshot.folder, service: service.name };
  const ownFault = service.faults.find((fault) => fault.severity === 'error');
  const mood = ownFault === undefined ? rollUp(service.instances.map(moodOf)) : 'troubled';
  const states = stateSummary(service);
  return {
    id: subjectId(subject),
    subject,
    label: service.name,
    description: joined([
      states,
      service.url === undefined ? undefined : formatAddress(service.url),
      ownFault?.message ?? (service.instances.length === 1 ? undefined : firstReason(service, t)),
    ]),
    icon: icons[mood],
    context: contextValue('service', serviceCapabilities(service, snapshot.trusted)),
    accessibleLabel: [
      t('{0}, service', service.name),
      states,
      ...(service.url === undefined ? [] : [service.url]),
      ...(ownFault === undefined ? [] : [ownFault.message]),
    ].join(', '),
    children: service.instances.map((instance) => instanceNode(instance, service, snapshot, now, t)),
  };
}

/** `RUNNING`, `2/3 RUNNING`, `1/3 RUNNING, FATAL`: all in Supervisor's words. */
function stateSummary(service: ServiceView): string {
  const { instances } = service;
  const counts = new Map<string, number>();
  for (const { state } of instances) counts.set(state, (counts.get(state) ?? 0) + 1);
  const [only] = counts.keys();
  if (counts.size === 1 && only !== undefined)
    return instances.length === 1 ? only : `${instances.length} ${only}`;
  const running = counts.get('RUNNING') ?? 0;
  const rest = [...counts.keys()].filter((state) => state !== 'RUNNING').toSorted();
  return [`${running}/${instances.length} RUNNING`, ...rest].join(', ');
}

function firstReason(service: ServiceView, t: Translate): string | undefined {
  return service.instances.map((instance) => reasonOf(instance, t)).find((reason) => reason !== undefined);
}

function instanceNode(
  instance: InstanceView,
  service: ServiceView,
  snapshot: Snapshot,
  now: number,
  t: Translate,
): TreeNode {
  const subject: Subject = {
    kind: 'instance',
    folder: snapshot.folder,
    service: service.name,
    instance: instance.name,
  };
  const reason = reasonOf(instance, t);
  const uptime = instance.state === 'RUNNING' ? formatUptime(now - instance.since) : undefined;
  const attempt =
    instance.attempt === undefined || instance.attempt === 0 ? undefined : t('attempt {0}', instance.attempt);
  const alive = instance.pid !== undefined;
  return {
    id: subjectId(subject),
    subject,
    label: instance.name,
    description: joined([
      instance.state,
      alive && instance.port !== undefined ? `:${instance.port}` : undefined,
      alive ? t('pid {0}', instance.pid) : undefined,
      uptime,
      attempt,
      reason,
    ]),
    icon: icons[moodOf(instance)],
    context: contextValue('instance', instanceCapabilities(instance, service, snapshot.trusted)),
    accessibleLabel: [
      t('{0}, instance', instance.name),
      instance.state,
      ...(alive && instance.port !== undefined ? [t('port {0}', instance.port)] : []),
      ...(alive ? [t('pid {0}', instance.pid)] : []),
      ...(uptime === undefined ? [] : [t('for {0}', uptime)]),
      ...(attempt === undefined ? [] : [attempt]),
      ...(reason === undefined ? [] : [reason]),
    ].join(', '),
    children: [],
  };
}

/** Why it is as it is, in words; nothing for what is plain from the state. */
export function reasonOf(instance: InstanceView, t: Translate = english): string | undefined {
  if (instance.fault !== undefined && !(instance.state === 'RUNNING' && instance.fault.severity === 'info')) {
    return instance.reason ?? instance.fault.message;
  }
  if (instance.reason !== undefined) return instance.reason;
  const ended = instance.state === 'EXITED' || instance.state === 'BACKOFF' || instance.state === 'FATAL';
  return ended && instance.exit !== undefined ? formatExit(instance.exit, t) : undefined;
}
