/**
 * The tree of groups, services and instances as plain data.
 *
 * Knows nothing of the editor: whoever shows it maps a node to an item and nothing else. Ids are stable over
 * snapshots, so that what was open stays open.
 */

import type { GroupView, InstanceView, ServiceView, Snapshot } from '../protocol/api.ts';
import { buildingText, isBuilding } from './building.ts';
import { contextValue, groupCapabilities, serviceCapabilities } from './capabilities.ts';
import { isFinished } from './finished.ts';
import { formatAddress, joined } from './format.ts';
import { instanceNode } from './instance-node.ts';
import { leftOutNode } from './left-out.ts';
import { type Icon, icons, type Mood, moodOf, rollUp } from './mood.ts';
import { healthText, reasonOf, waitingText } from './reasons.ts';
import {
  folderName,
  type FolderSubject,
  type GroupSubject,
  type ServiceSubject,
  type Subject,
  subjectId,
} from './subject.ts';
import { flowText, queueText, roleText, servicesServingText, spokenFlow } from './traffic.ts';
import { english, type Translate } from './words.ts';

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
  /** What of both texts is about requests and so differs from second to second. */
  readonly flow?: { readonly shown: string; readonly spoken: string };
  /** What a click leads to. Absent: it only selects. */
  readonly opens?: 'definition';
  readonly children: readonly TreeNode[];
}

export interface TreeOptions {
  /** Leaves out one-shot services that are done, and groups of nothing else. */
  readonly hideFinished?: boolean;
}

/** What every node of one folder is made from. */
interface Drawing {
  readonly snapshot: Snapshot;
  readonly now: number;
  readonly t: Translate;
  readonly isShown: (service: ServiceView) => boolean;
}

/** The whole tree. The folder level is there only when there are several. `now` is in milliseconds since the epoch. */
export function treeOf(
  snapshots: readonly Snapshot[],
  now: number,
  t: Translate = english,
  { hideFinished = false }: TreeOptions = {},
): readonly TreeNode[] {
  const drawings = snapshots
    .filter((snapshot) => snapshot.files.length > 0 || snapshot.services.length > 0)
    .map((snapshot): Drawing => ({
      snapshot,
      now,
      t,
      isShown: (service) => !hideFinished || !isFinished(service),
    }));
  return drawings.length > 1 ? drawings.map(folderNode) : drawings.flatMap(topNodes);
}

function folderNode(drawing: Drawing): TreeNode {
  const { snapshot, t } = drawing;
  const subject: FolderSubject = { kind: 'folder', folder: snapshot.folder };
  const label = folderName(snapshot.folder);
  const running = snapshot.services.filter(isAnswering).length;
  const total = snapshot.services.length + (snapshot.leftOut?.length ?? 0);
  return {
    id: subjectId(subject),
    subject,
    label,
    description: t('{0}/{1} running', running, total),
    icon: { id: 'root-folder' },
    context: 'folder',
    accessibleLabel: t('{0}, folder, {1} of {2} services running', label, running, total),
    children: topNodes(drawing),
  };
}

/**
 * Groups and the services of none, in the order of the file: a group stands where its first service does. Below them
 * what cannot be run.
 */
function topNodes(drawing: Drawing): readonly TreeNode[] {
  const { snapshot, t, isShown } = drawing;
  const groupOf = new Map(snapshot.groups.flatMap((group) => group.services.map((name) => [name, group])));
  const drawn = new Set<GroupView>();
  const shown = snapshot.services.filter(isShown).flatMap((service) => {
    const group = groupOf.get(service.name);
    if (group === undefined) return [serviceNode(service, drawing)];
    if (drawn.has(group)) return [];
    drawn.add(group);
    return [groupNode(group, drawing)];
  });
  return [...shown, ...(snapshot.leftOut ?? []).map((each) => leftOutNode(each, snapshot, t))];
}

/** The services of a group, in start order. */
export function servicesOf(group: GroupView, { services }: Snapshot): readonly ServiceView[] {
  return group.services.flatMap((name) => services.find((service) => service.name === name) ?? []);
}

function groupNode(group: GroupView, drawing: Drawing): TreeNode {
  const { snapshot, t, isShown } = drawing;
  const subject: GroupSubject = { kind: 'group', folder: snapshot.folder, group: group.name };
  const services = servicesOf(group, snapshot);
  const instances = services.flatMap((service) => service.instances);
  const states = stateSummary(instances);
  return {
    id: subjectId(subject),
    subject,
    label: group.name,
    // The number tells a closed group from a service.
    description: joined([
      awakeSummary(instances) ?? t('asleep'),
      services.length === 1 ? t('1 service') : t('{0} services', services.length),
    ]),
    icon: icons[rollUp(services.map(moodOfService))],
    context: contextValue('group', groupCapabilities(services, snapshot)),
    accessibleLabel: [t('{0}, group', group.name), states].join(', '),
    children: services.filter(isShown).map((service) => serviceNode(service, drawing)),
  };
}

/** Something of it runs, so it can answer. */
export function isAnswering(service: ServiceView): boolean {
  return service.instances.some((instance) => instance.state === 'RUNNING');
}

function moodOfService(service: ServiceView): Mood {
  return ownFault(service) === undefined ? rollUp(service.instances.map(moodOf)) : 'troubled';
}

function ownFault({ faults }: ServiceView): string | undefined {
  return faults.find((fault) => fault.severity === 'error')?.message;
}

function serviceNode(service: ServiceView, drawing: Drawing): TreeNode {
  const { snapshot, now, t } = drawing;
  const subject: ServiceSubject = { kind: 'service', folder: snapshot.folder, service: service.name };
  const states = stateSummary(service.instances);
  const waiting = waitingText(service.instances, t);
  // Each of several instances says so itself; they all wait for the same build.
  const building = service.instances.filter(isBuilding).map((each) => buildingText(each, now, t))[0];
  const health = healthText(service, t);
  const serving = servicesServingText(service, t);
  const queue = queueText(service, t);
  const role = roleText(service, t);
  const flow = flowText(service.instances, t);
  const spoken = spokenFlow(service.instances, t);
  const fault = ownFault(service);
  return {
    id: subjectId(subject),
    subject,
    label: service.name,
    // A narrow sidebar cuts off the end: a port can be read in the address, what it is only here.
    description: joined([
      awakeSummary(service.instances),
      waiting,
      building,
      health,
      serving,
      queue,
      (service.role ?? 'service') === 'service' ? undefined : role,
      service.url === undefined ? undefined : formatAddress(service.url),
      flow,
      fault ?? (service.instances.length === 1 ? undefined : firstReason(service, t)),
    ]),
    icon: icons[moodOfService(service)],
    context: contextValue('service', serviceCapabilities(service, snapshot)),
    accessibleLabel: [
      `${service.name}, ${role}`,
      states,
      waiting,
      building === undefined ? undefined : t('building'),
      health,
      serving,
      queue,
      service.url,
      spoken,
      fault,
    ]
      .filter((part) => part !== undefined)
      .join(', '),
    ...(flow === undefined || spoken === undefined ? {} : { flow: { shown: flow, spoken } }),
    children: service.instances.map((instance) => instanceNode(instance, service, snapshot, now, t)),
  };
}

/** `RUNNING`, `2/3 RUNNING`, `1/3 RUNNING, FATAL`: all in Supervisor's words. */
function stateSummary(instances: readonly InstanceView[]): string {
  const [first] = instances;
  const only = instances.every(({ state }) => state === first?.state) ? first?.state : undefined;
  if (only !== undefined) return instances.length === 1 ? only : `${instances.length} ${only}`;
  return countedSummary(instances, instances.length);
}

function countedSummary(instances: readonly InstanceView[], total: number): string {
  const counts = new Map<string, number>();
  for (const { state } of instances) counts.set(state, (counts.get(state) ?? 0) + 1);
  const running = counts.get('RUNNING') ?? 0;
  const rest = [...counts.keys()].filter((state) => state !== 'RUNNING').toSorted();
  return [`${running}/${total} RUNNING`, ...rest].join(', ');
}

/**
 * The same without those that are asleep, of which more is said than their state; undefined when all of them are.
 * They still count among all there are.
 */
function awakeSummary(instances: readonly InstanceView[]): string | undefined {
  const awake = instances.filter((instance) => moodOf(instance) !== 'asleep');
  if (awake.length === instances.length) return stateSummary(instances);
  if (awake.length === 0) return undefined;
  return countedSummary(awake, instances.length);
}

function firstReason(service: ServiceView, t: Translate): string | undefined {
  return service.instances.map((instance) => reasonOf(instance, t)).find((reason) => reason !== undefined);
}

/** All nodes, each before its children. */
export function flat(nodes: readonly TreeNode[]): readonly TreeNode[] {
  return nodes.flatMap((node) => [node, ...flat(node.children)]);
}
