/** What is being prepared before there is a process: builds, virtual environments. */

import type { InstanceView, Snapshot } from '../protocol/api.ts';
import { english, type Translate } from './words.ts';

/** So long nobody is told: most builds find nothing to do. In milliseconds. */
export const buildingSilenceMs = 1000;

/** `building… (go build, 3 s)`; undefined for what is not being prepared. The first second is not counted out. */
export function buildingText(
  { preparing }: InstanceView,
  now: number,
  t: Translate = english,
): string | undefined {
  if (preparing === undefined) return undefined;
  const seconds = Math.floor((now - preparing.since) / 1000);
  return seconds < 1
    ? t('building… ({0})', preparing.title)
    : t('building… ({0}, {1} s)', preparing.title, seconds);
}

export function isBuilding({ preparing }: InstanceView): boolean {
  return preparing !== undefined;
}

/** What is under way in all folders, for one notification. */
export interface Building {
  /** `api (go build)`, each service and build once. */
  readonly text: string;
  readonly instances: readonly { readonly folder: string; readonly instance: string }[];
  /** The longest of it began then, in milliseconds since the epoch. */
  readonly since: number;
}

export function buildingIn(snapshots: readonly Snapshot[]): Building | undefined {
  const all = snapshots.flatMap(({ folder, services }) =>
    services.flatMap(({ instances }) =>
      instances.flatMap(({ name, service, preparing }) =>
        preparing === undefined ? [] : [{ folder, name, service, ...preparing }],
      ),
    ),
  );
  if (all.length === 0) return undefined;
  return {
    text: [...new Set(all.map(({ service, title }) => `${service} (${title})`))].join(', '),
    instances: all.map(({ folder, name }) => ({ folder, instance: name })),
    since: Math.min(...all.map(({ since }) => since)),
  };
}
