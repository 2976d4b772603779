/** What the config names and what cannot be run: a row that says why, since one that is missing says nothing. */

import type { LeftOut, Snapshot } from '../protocol/api.ts';
import { contextValue } from './capabilities.ts';
import { icons } from './mood.ts';
import { type ServiceSubject, subjectId } from './subject.ts';
import type { TreeNode } from './tree.ts';
import { english, type Translate } from './words.ts';

/** `not run: Service "api" needs "command".` */
export function notRunText({ message }: LeftOut, t: Translate = english): string {
  return t('not run: {0}', message);
}

/** Nothing can be done to it but to look at where it stands. */
export function leftOutNode(one: LeftOut, { folder }: Snapshot, t: Translate): TreeNode {
  const { name } = one;
  const subject: ServiceSubject = { kind: 'service', folder, service: name };
  const description = notRunText(one, t);
  return {
    // Not that of the service: its row would come back closed, since an editor keeps a row without children closed.
    id: `${subjectId(subject)} left out`,
    subject,
    label: name,
    description,
    icon: icons.troubled,
    context: contextValue('service', ['canGoToDefinition']),
    accessibleLabel: `${t('{0}, service', name)}, ${description}`,
    opens: 'definition',
    children: [],
  };
}

export function leftOutCount(snapshots: readonly Snapshot[]): number {
  return snapshots.reduce((sum, { leftOut = [] }) => sum + leftOut.length, 0);
}
