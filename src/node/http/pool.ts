/** Connections to instances that are kept open between requests. */

import { Agent } from 'node:http';

/** One pool serves a door; within it, connections are kept apart by host and port. */
export function createPool(idleMs: number): Agent {
  return new Agent({ keepAlive: true, maxFreeSockets: 256, timeout: idleMs });
}
