/** Whether a child listens where it should: by knocking or, at a door where a knock is a complaint, by looking. */

import type { ServiceSpec } from '../../config/spec.ts';
import type { Child, Outside } from '../outside.ts';

export interface Door {
  readonly spec: Pick<ServiceSpec, 'runtime' | 'fastcgi'>;
  readonly child: Pick<Child, 'pid'>;
  readonly sockets: Outside['sockets'];
  readonly host: string;
  readonly port: number;
  /** Since the child was born, in milliseconds. */
  readonly elapsed: number;
}

/** What listens and is none of the child's own, such as a container's, is knocked at after so long. */
const patienceMs = 1000;

export async function isListening({ spec, child, sockets, host, port, elapsed }: Door): Promise<boolean> {
  // PHP's own server logs each connection without a request as one closed in error.
  if (spec.runtime === 'php' && spec.fastcgi === undefined && elapsed < patienceMs) {
    const listeners = await sockets.listenersOf(child.pid);
    if (listeners !== undefined) return listeners.some((each) => each.port === port);
  }
  return sockets.canConnect(host, port);
}
