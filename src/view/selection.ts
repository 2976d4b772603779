/**
 * What an order to several nodes is about: one target for each folder, nothing twice.
 *
 * Knows nothing of where the nodes were chosen. The order among the targets is the runtime's.
 */

import type { Snapshot, Target } from '../protocol/api.ts';
import type { Subject } from './subject.ts';

export interface FolderTarget {
  readonly folder: string;
  readonly target: Target;
}

/** A node that lies below another chosen one is counted with it. A chosen folder means everything in it. */
export function targetsOf(
  subjects: readonly Subject[],
  snapshots: readonly Snapshot[],
): readonly FolderTarget[] {
  return [...new Set(subjects.map(({ folder }) => folder))].map((folder) => {
    const snapshot = snapshots.find((each) => each.folder === folder);
    const here = subjects.filter((subject) => subject.folder === folder);
    const targets = here
      .filter((subject) => !here.some((other) => isBelow(subject, other, snapshot)))
      .map(targetOf);
    const [only] = targets;
    return {
      folder,
      target: targets.length === 1 && only !== undefined ? only : { kind: 'several', targets },
    };
  });
}

function targetOf(subject: Subject): Target {
  switch (subject.kind) {
    case 'folder':
      return { kind: 'all' };
    case 'group':
      return { kind: 'group', group: subject.group };
    case 'service':
      return { kind: 'service', service: subject.service };
    case 'instance':
      return { kind: 'instance', instance: subject.instance };
  }
}

function isBelow(subject: Subject, other: Subject, snapshot: Snapshot | undefined): boolean {
  if (other.kind === 'folder') return subject.kind !== 'folder';
  if (subject.kind !== 'service' && subject.kind !== 'instance') return false;
  if (other.kind === 'service') return subject.kind === 'instance' && subject.service === other.service;
  const group = snapshot?.groups.find(({ name }) => other.kind === 'group' && name === other.group);
  return group?.services.includes(subject.service) === true;
}
