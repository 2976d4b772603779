/** Why a command has nothing to act on, where there is more to say than that. */

import type { Snapshot } from '../protocol/api.ts';
import type { Capability } from './capabilities.ts';
import { english, type Translate } from './words.ts';

export function nothingText(
  needs: string | undefined,
  snapshots: readonly Snapshot[],
  t: Translate = english,
): string {
  const scaling: Capability = 'canScale';
  const hasPrograms = snapshots.some(
    ({ supervisor, services }) => supervisor !== undefined && services.length > 0,
  );
  if (needs === scaling && hasPrograms)
    return t('"numprocs" in supervisord.conf decides how many processes a program has.');
  const input: Capability = 'canSendInput';
  if (needs === input && !snapshots.some(({ services }) => services.some((each) => each.takesInput === true)))
    return t('Only programs of a supervisord.conf can be sent input.');
  return t('There is nothing for this command to act on now.');
}
