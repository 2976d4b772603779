/** Everything that runs on this machine, folder by folder, as the rows of a list to choose from. */

import type { Neighbour } from '../protocol/api.ts';
import { formatUptime, joined } from './format.ts';
import { folderName } from './subject.ts';
import { english, type Translate } from './words.ts';

export interface MachineRow {
  readonly kind: 'folder' | 'service';
  readonly label: string;
  readonly description: string;
  /** A codicon. */
  readonly icon: string;
  /** Absolute. */
  readonly folder: string;
  /** What choosing it opens; absent: the folder is shown. */
  readonly url?: string;
}

/** Our own folder first, then by folder; below each folder its services. */
export function machineRows(
  neighbours: readonly Neighbour[],
  now: number,
  t: Translate = english,
): readonly MachineRow[] {
  const rank = ({ self, folder }: Neighbour): string => `${self ? 0 : 1}${folder}`;
  const sorted = neighbours.toSorted((one, other) => (rank(one) < rank(other) ? -1 : 1));
  return sorted.flatMap((host) => [
    folderRow(host, now, t),
    ...host.services.map((each) => serviceRow(host, each, t)),
  ]);
}

function folderRow({ folder, kind, pid, since, self }: Neighbour, now: number, t: Translate): MachineRow {
  const hosts = { window: t('a window'), daemon: t('a daemon'), up: '"runtimes up"' };
  return {
    kind: 'folder',
    label: folderName(folder),
    description: joined([
      self ? t('this window') : hosts[kind],
      t('pid {0}', pid),
      t('for {0}', formatUptime(now - since)),
      folder,
    ]),
    icon: 'root-folder',
    folder,
  };
}

function serviceRow(
  { folder }: Neighbour,
  { name, url, running, instances, asleep = 0 }: Neighbour['services'][number],
  t: Translate,
): MachineRow {
  return {
    kind: 'service',
    label: name,
    description: joined([runningText(running, instances, asleep, t), url]),
    icon: url === undefined ? 'server-process' : 'globe',
    folder,
    ...(url === undefined ? {} : { url }),
  };
}

/** What rests until somebody wants it lacks nothing. */
function runningText(running: number, instances: number, asleep: number, t: Translate): string {
  if (asleep > 0 && asleep === instances) return t('asleep');
  const counts = t('{0}/{1} running', running, instances);
  return asleep === 0 ? counts : [counts, t('{0} asleep', asleep)].join(', ');
}
