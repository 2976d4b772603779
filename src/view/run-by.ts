/** Who runs a folder, where it is not this window. */

import type { Snapshot } from '../protocol/api.ts';
import { english, type Translate } from './words.ts';

/** `run by a daemon (pid 4711)`; undefined where the window itself runs the folder. */
export function runByText({ runBy }: Snapshot, t: Translate = english): string | undefined {
  if (runBy === undefined) return undefined;
  if (runBy.kind === 'other') return t('run by "runtimes up" or another window');
  return runBy.pid === undefined ? t('run by a daemon') : t('run by a daemon (pid {0})', runBy.pid);
}

/** What the view says above its rows; empty where every folder is run by this window. */
export function runByMessage(snapshots: readonly Snapshot[], t: Translate = english): string {
  const foreign = snapshots.filter(({ runBy }) => runBy !== undefined);
  const [only] = foreign;
  if (only === undefined) return '';
  if (snapshots.length > 1)
    return foreign.length === 1
      ? t('1 folder is run by another host, which goes on when this window closes.')
      : t('{0} folders are run by other hosts, which go on when this window closes.', foreign.length);
  if (only.runBy?.kind !== 'daemon' || only.runBy.pid === undefined)
    return t('Run by "runtimes up" or another window, and goes on when this window closes.');
  return t('Run by a daemon (pid {0}), which goes on when this window closes.', only.runBy.pid);
}
