/** The one line for the status bar. */

import type { ServiceView, Snapshot } from '../protocol/api.ts';
import { isBuilding } from './building.ts';
import { isFinished } from './finished.ts';
import { leftOutCount, notRunText } from './left-out.ts';
import { runByText } from './run-by.ts';
import { healthText, isUnhealthy, waitingText } from './reasons.ts';
import { isWaiting } from './needs.ts';
import { folderName } from './subject.ts';
import { isAsleep, servicesServingText } from './traffic.ts';
import { isAnswering } from './tree.ts';
import { english, type Translate } from './words.ts';

export interface StatusLine {
  /** `2/4 running`, `2/4 running, 1 waiting`. */
  readonly text: string;
  /** One line a service. */
  readonly tooltip: string;
  readonly accessibleLabel: string;
  /** Something is being built. Absent: nothing is. */
  readonly busy?: true;
}

/** Undefined when there is no service to speak of. A job that is done is no longer counted among what could run. */
export function statusOf(snapshots: readonly Snapshot[], t: Translate = english): StatusLine | undefined {
  const services = snapshots.flatMap((snapshot) =>
    snapshot.services.map((service) => ({ snapshot, service })),
  );
  const leftOut = leftOutCount(snapshots);
  if (services.length + leftOut === 0) return undefined;
  const counted = services.map(({ service }) => service).filter((service) => !isFinished(service));
  const tooltip = tooltipOf(services, snapshots, t);
  if (counted.length + leftOut === 0) return allFinished(services.length, tooltip, t);
  const total = counted.length + leftOut;
  const running = counted.filter(isAnswering).length;
  const building = counted.filter(({ instances }) => instances.some(isBuilding)).length;
  const waiting = counted.filter(({ instances }) => instances.some(isWaiting)).length;
  const unhealthy = counted.filter(({ instances }) => instances.some(isUnhealthy)).length;
  const asleep = counted.filter(
    (service) => !isAnswering(service) && service.instances.some(isAsleep),
  ).length;
  const rest = [
    ...(building === 0 ? [] : [t('{0} building', building)]),
    ...(asleep === 0 ? [] : [t('{0} asleep', asleep)]),
    ...(waiting === 0 ? [] : [t('{0} waiting', waiting)]),
    ...(unhealthy === 0 ? [] : [t('{0} unhealthy', unhealthy)]),
    ...(leftOut === 0 ? [] : [t('{0} not run', leftOut)]),
  ];
  return {
    text: [t('{0}/{1} running', running, total), ...rest].join(', '),
    tooltip,
    ...(building === 0 ? {} : { busy: true as const }),
    accessibleLabel: [t('Local Runtimes: {0} of {1} services running', running, total), ...rest].join(', '),
  };
}

function allFinished(count: number, tooltip: string, t: Translate): StatusLine {
  return {
    text: t('{0} finished', count),
    tooltip,
    accessibleLabel: t('Local Runtimes: all services are finished'),
  };
}

function tooltipOf(
  services: readonly { readonly snapshot: Snapshot; readonly service: ServiceView }[],
  snapshots: readonly Snapshot[],
  t: Translate,
): string {
  const withFolders = snapshots.length > 1;
  const named = ({ folder }: Snapshot, name: string): string =>
    withFolders ? `${folderName(folder)}/${name}` : name;
  const lines = services.map(
    ({ snapshot, service }) => `${named(snapshot, service.name)}: ${stateText(service, t)}`,
  );
  const leftOut = snapshots.flatMap((snapshot) =>
    (snapshot.leftOut ?? []).map((each) => `${named(snapshot, each.name)}: ${notRunText(each, t)}`),
  );
  return [...foreignLines(services, withFolders, t), ...lines, ...leftOut].join('\n');
}

/** Who runs what this window only shows. */
function foreignLines(
  services: readonly { readonly snapshot: Snapshot }[],
  withFolders: boolean,
  t: Translate,
): readonly string[] {
  return [...new Set(services.map(({ snapshot }) => snapshot))].flatMap((snapshot) => {
    const text = runByText(snapshot, t);
    if (text === undefined) return [];
    return [withFolders ? `${folderName(snapshot.folder)}: ${text}` : capitalized(text)];
  });
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function stateText(service: ServiceView, t: Translate): string {
  const states = service.instances
    .map((each) => (each.preparing === undefined ? each.state : `${each.state} (${each.preparing.title})`))
    .join(', ');
  return [states, waitingText(service.instances, t), healthText(service, t), servicesServingText(service, t)]
    .filter((part) => part !== undefined)
    .join(', ');
}
