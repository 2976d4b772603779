/** What all programs of one file share, and the names each of them may expand. */

import { anyMachine, type LoadInput, type Machine } from '../../input.ts';
import { environmentNames, type Names, over } from './expand.ts';
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
  return over(environmentNames(input.environment), new Map([['host_node_name', machineOf(input).hostName]]));
}

export function machineOf(input: LoadInput): Machine {
  return input.machine ?? anyMachine;
}

export function programNames(shared: Shared, program: string, group: string): Names {
  const own = new Map([
    ['program_name', program],
    ['group_name', group],
  ]);
  return over(shared.environmentNames, own);
}

/** A socket is shared, so it knows nothing of single processes, and less than they do of all else. */
export function socketNames(shared: Shared, program: string): Names {
  const { environmentNames: known } = shared;
  const isThere = (name: string): boolean => name !== 'host_node_name';
  const fewer: Names = {
    get: (name) => (isThere(name) ? known.get(name) : undefined),
    keys: () => [...known.keys()].filter(isThere),
  };
  return over(fewer, new Map([['program_name', program]]));
}
