/** What all programs of one file share, and the names each of them may expand. */

import { anyMachine, type LoadInput, type Machine } from '../../input.ts';
import { environmentNames, type Names } from './expand.ts';
import type { Paths } from './paths.ts';

export interface Shared {
  readonly paths: Paths;
  /** `ENV_…`: ours, and over it what `[supervisord]` defines. */
  readonly environmentNames: Names;
  /** What `[supervisord]` gives to every program. */
  readonly environment: Readonly<Record<string, string>>;
  readonly stripAnsi: boolean;
  readonly umask?: number;
  /** Where programs reach the supervisor; absent: it has no server. */
  readonly serverUrl?: string;
}

export function inheritedNames(input: LoadInput): Names {
  return new Map([
    ...environmentNames(input.environment),
    ['host_node_name', machineOf(input).hostName],
    // Where a value stands decides what it is; that there is one, messages say of every value.
    ['here', ''],
  ]);
}

export function machineOf(input: LoadInput): Machine {
  return input.machine ?? anyMachine;
}

export function programNames(shared: Shared, program: string, group: string): Names {
  return new Map([...shared.environmentNames, ['program_name', program], ['group_name', group]]);
}

/** A socket is shared, so it knows nothing of single processes, and less than they do of all else. */
export function socketNames(shared: Shared, program: string): Names {
  const { environmentNames: known } = shared;
  return new Map([...[...known].filter(([name]) => name !== 'host_node_name'), ['program_name', program]]);
}
