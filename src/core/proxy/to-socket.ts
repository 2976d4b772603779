/**
 * Requests for services whose instances share one socket: they are spoken to over FastCGI, and whoever accepts first
 * has the request. The kernel balances, and we cannot.
 */

import type { Decision, Door, Outside, RequestHead } from '../outside.ts';
import type { Service } from '../service.ts';
import { type Excuses, lastLines, running } from './excuses.ts';
import { planFastCgi } from './fastcgi.ts';

/** Where a door listens. */
export type DoorAddress = Pick<Door, 'host' | 'port'>;

export interface ToSocketOptions {
  readonly outside: Pick<Outside, 'files'>;
  readonly excuses: Excuses;
  /** What a program said about a request on FastCGI's error stream; which of the instances it was, nobody knows. */
  said?(service: string, line: string): void;
}

/** Undefined: none of the instances runs. */
export async function toSocket(
  head: RequestHead,
  service: Service,
  door: DoorAddress,
  options: ToSocketOptions,
): Promise<Decision | undefined> {
  const { spec } = service;
  const { outside, excuses } = options;
  const at = spec.program?.socket?.at;
  const [first] = running(service);
  if (at === undefined || first === undefined) return undefined;
  const plan = await planFastCgi(head, spec, { door, look: (path) => outside.files.kind(path) });
  if (plan.kind === 'answer') return { ...plan, service: service.name };
  // Only a definition of ours asks for files.
  if (plan.kind === 'file') return undefined;
  const pids = new Map(service.instances.map(({ name, pid }) => [name, pid]));
  const words: string[] = [];
  return {
    kind: 'forward',
    service: service.name,
    instance: first.name,
    host: at.kind === 'tcp' ? at.host : '',
    port: at.kind === 'tcp' ? at.port : 0,
    timeouts: spec.requests,
    fastcgi: {
      at,
      params: plan.params,
      said: (line) => {
        words.push(line);
        if (words.length > lastLines) words.shift();
        options.said?.(service.name, line);
      },
    },
    done: () => undefined,
    failed: (failure) => excuses.socketFailed(head, service, { pids, words }, failure),
  };
}
