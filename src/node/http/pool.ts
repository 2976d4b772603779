/** Connections to instances that are kept open between requests. One pool serves a door. */

import type { Socket } from 'node:net';
import { Ahead } from './ahead.ts';
import { type Home, InstanceConnection } from './instance-connection.ts';
import type { Limits } from './limits.ts';
import { type Sweep, within } from './sweep.ts';

/** How many idle connections to one instance are kept. */
const mostIdle = 256;

export class Pool implements Home {
  readonly limits: Limits;
  readonly sweep: Sweep;
  readonly ahead: Ahead;
  readonly #all = new Set<InstanceConnection>();
  /** By host, then by port. The one that was used last is taken first: it is the least likely to be closing. */
  readonly #idle = new Map<string, Map<number, InstanceConnection[]>>();
  /** Those that speak something else by now. */
  readonly #switched = new Set<Socket>();
  #isClosed = false;

  constructor(limits: Limits, sweep: Sweep, ahead = new Ahead()) {
    this.limits = limits;
    this.sweep = sweep;
    this.ahead = ahead;
    sweep.expect(limits.instanceIdleMs);
  }

  /** An idle connection, else a new one. */
  take(host: string, port: number): InstanceConnection {
    const idle = this.#idle.get(host)?.get(port);
    for (let found = idle?.pop(); found !== undefined; found = idle?.pop()) {
      // One that ends in this very turn has not said so yet.
      if (!found.socket.destroyed) return found;
    }
    return this.open(host, port);
  }

  /** `leavesHttp`: it is for a request that asks for another protocol. */
  open(host: string, port: number, leavesHttp = false): InstanceConnection {
    const connection = new InstanceConnection(host, port, this, leavesHttp);
    this.#all.add(connection);
    return connection;
  }

  keep(connection: InstanceConnection): boolean {
    const idle = this.#idleAt(connection);
    if (this.#isClosed || idle.length >= mostIdle) return false;
    idle.push(connection);
    connection.dueAt = within(this.limits.instanceIdleMs);
    return true;
  }

  forget(connection: InstanceConnection): void {
    this.sweep.forget(connection);
    this.#all.delete(connection);
    const { host, port } = connection;
    const idle = this.#idle.get(host)?.get(port);
    const index = idle?.indexOf(connection) ?? -1;
    if (index !== -1) idle?.splice(index, 1);
    if (idle?.length === 0) this.#idle.get(host)?.delete(port);
  }

  /** A connection has left HTTP. It ends with the pool all the same. */
  switched(socket: Socket): void {
    this.#switched.add(socket);
    socket.once('close', () => this.#switched.delete(socket));
    if (this.#isClosed) socket.destroy();
  }

  /** Ends them all. */
  close(): void {
    this.#isClosed = true;
    for (const connection of this.#all) connection.socket.destroy();
    for (const socket of this.#switched) socket.destroy();
  }

  #idleAt({ host, port }: InstanceConnection): InstanceConnection[] {
    let ports = this.#idle.get(host);
    if (ports === undefined) this.#idle.set(host, (ports = new Map()));
    let idle = ports.get(port);
    if (idle === undefined) ports.set(port, (idle = []));
    return idle;
  }
}
