/**
 * The front door's data plane over plain sockets: listeners, their connections, and their end.
 *
 * It carries bytes and adds no opinion: where a request goes is asked of `decide`, what heads become is told by the
 * passes of the core. Of each message only the head is read; the body is framed and passed on. It stands behind `Doors`
 * alone, so that another plane can take its place.
 */

import { createServer, type Server } from 'node:net';
import type { Decision, Door, Doors } from '../../core/outside.ts';
import { forwardFastCgi } from '../fastcgi/forward.ts';
import { Ahead } from './ahead.ts';
import { sendAnswer } from './answer.ts';
import { ClientConnection, type Surroundings } from './client-connection.ts';
import { answerAfterBody } from './drained.ts';
import type { Deciding } from './exchange.ts';
import { sendFile } from './file.ts';
import { forward } from './forward.ts';
import { type Limits, usual } from './limits.ts';
import { Pool } from './pool.ts';
import type { Carrier, ClientSide } from './sides.ts';
import { Sweep } from './sweep.ts';

export function createDoors(limits: Partial<Limits> = {}): Doors {
  return { open: (options) => open(options, { ...usual, ...limits }) };
}

interface DoorOptions extends Deciding {
  readonly host: string;
  readonly port: number;
}

async function open(options: DoorOptions, limits: Limits): Promise<Door> {
  const plane = new Plane(options, limits);
  const { server } = plane;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the listener has no port');
  return { host: address.address, port: address.port, close: (how) => plane.close(how) };
}

class Plane implements Surroundings {
  readonly server: Server;
  readonly door: Deciding;
  readonly limits: Limits;
  readonly sweep = new Sweep();
  readonly ahead = new Ahead();
  readonly #pool: Pool;
  readonly #connections = new Set<ClientConnection>();
  #closed: Promise<void> | undefined;
  /** When what is left is ended. */
  #grace: NodeJS.Timeout | undefined;

  constructor(door: Deciding, limits: Limits) {
    this.door = door;
    this.limits = limits;
    this.#pool = new Pool(limits, this.sweep, this.ahead);
    const { headMs, clientIdleMs, lingerMs, halfClosedMs, stallMs, goOnMs } = limits;
    this.sweep.expect(Math.min(headMs, clientIdleMs, lingerMs, halfClosedMs, stallMs, goOnMs));
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#connections.add(new ClientConnection(socket, this));
    });
  }

  carry(client: ClientSide, decision: Decision): Carrier | undefined {
    if (decision.kind === 'forward') {
      return decision.fastcgi === undefined
        ? forward(client, decision, this.#pool)
        : forwardFastCgi({ client, decision, fastcgi: decision.fastcgi, limits: this.limits });
    }
    if (decision.kind === 'file') return sendFile(client, decision);
    if (decision.drain !== undefined) return answerAfterBody(client, decision.answer, decision.drain);
    sendAnswer(client, decision.answer);
    return undefined;
  }

  gone(connection: ClientConnection): void {
    this.#connections.delete(connection);
  }

  /** Stops listening and ends what is under way, or lets it end; returns when every socket is closed. */
  close({ graceMs = 0 }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.server.close(() => {
        clearTimeout(this.#grace);
        this.#pool.close();
        resolve();
      });
    });
    clearTimeout(this.#grace);
    if (graceMs === 0) this.#cut();
    else {
      this.#grace = setTimeout(() => this.#cut(), graceMs).unref();
      for (const connection of this.#connections) connection.retire();
    }
    return this.#closed;
  }

  #cut(): void {
    for (const { socket } of this.#connections) socket.destroy();
    this.#pool.close();
  }
}
