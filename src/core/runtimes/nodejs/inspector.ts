/** How Node's inspector is switched on, and where it says it listens. Pure. */

import type { ServiceSpec } from '../../../config/spec.ts';
import { isNode } from './command.ts';

export interface DebugLaunch {
  /** Put right behind the program's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * What to add to a Node command so that an inspector listens on the loopback address.
 *
 * `node …` itself gets the port we chose. Anything that starts Node in turn (npm, a shell) gets it through
 * NODE_OPTIONS with a port of its own choice for each process, since two processes cannot share one.
 */
export function debugLaunch(
  spec: Pick<ServiceSpec, 'command' | 'shell' | 'env'>,
  port: number,
  inherited: Readonly<Record<string, string>>,
): DebugLaunch {
  if (spec.shell === false && isNode(spec.command[0] ?? '')) {
    return { args: [`--inspect=127.0.0.1:${port}`], env: {} };
  }
  const before = spec.env['NODE_OPTIONS'] ?? inherited['NODE_OPTIONS'] ?? '';
  return { args: [], env: { NODE_OPTIONS: `${before} --inspect=127.0.0.1:0`.trim() } };
}

/** The inspector's address in a line that Node prints to stderr. */
export function readInspector(line: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^Debugger listening on ws:\/\/([^/]+):(\d+)\//.exec(line);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { host: match[1], port: Number(match[2]) };
}

/** Node says so when its program is done, and then goes on living until every debugger has left. */
export function saysDone(line: string): boolean {
  return line === 'Waiting for the debugger to disconnect...';
}
