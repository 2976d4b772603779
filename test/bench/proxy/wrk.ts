/** Load by wrk, on the load's core, and what it says of it. */

import { run } from '../../support/processes.ts';
import { onCore } from './pins.ts';

export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** A script of wrk's own. */
  readonly script?: string;
}

export interface Loaded {
  readonly requests: number;
  readonly perSecond: number;
}

/** Rejects when a request failed: what was measured then is something else. */
export async function wrk({ url, connections, seconds, script }: Load): Promise<Loaded> {
  const options = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '--timeout', '10s'];
  const [program, ...args] = onCore('load', [
    'wrk',
    ...options,
    ...(script === undefined ? [] : ['-s', script]),
    url,
  ]);
  const said = await run(program, args);
  const failed = /Non-2xx.*|Socket errors.*/u.exec(said)?.[0];
  const [, requests] = /(\d+) requests in/u.exec(said) ?? [];
  const [, perSecond] = /Requests\/sec:\s*([\d.]+)/u.exec(said) ?? [];
  if (failed !== undefined || requests === undefined || perSecond === undefined)
    throw new Error(`${url}: ${failed ?? said}`);
  return { requests: Number(requests), perSecond: Number(perSecond) };
}
