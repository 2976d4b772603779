/**
 * Connections that have left HTTP for another protocol (WebSocket, and what dev servers use for hot reloading): bytes
 * go both ways as they come.
 */

import type { Socket } from 'node:net';
import type { Ahead } from './ahead.ts';
import type { Limits } from './limits.ts';
import { type Sweep, type Timed, within } from './sweep.ts';

export interface Ends {
  readonly client: Socket;
  readonly instance: Socket;
  /** What came from either side along with its head. */
  readonly fromClient: Buffer | undefined;
  readonly fromInstance: Buffer;
}

export interface Ground {
  readonly limits: Limits;
  readonly sweep: Sweep;
  readonly ahead: Ahead;
}

/** Lets bytes go both ways until both sides have ended, or one of them is gone. */
export function join(ends: Ends, ground: Ground): void {
  ground.sweep.watch(new Tunnel(ends, ground));
}

/**
 * A side that ends its half may still listen, so its end is passed on, and what is still said to it as well. But the
 * end of one that is gone looks the same, and not every server closes what its client has closed. So from the first
 * end on something has to move, or both sides are closed. So they are where nobody can see whether there is an end:
 * where one has taken nothing for long, and more waits for it than is read ahead.
 */
class Tunnel implements Timed {
  dueAt = Number.POSITIVE_INFINITY;
  readonly #client: Socket;
  readonly #instance: Socket;
  readonly #ground: Ground;
  readonly #ways: readonly Way[];
  #isEnding = false;
  #moved = -1;

  constructor({ client, instance, fromClient, fromInstance }: Ends, ground: Ground) {
    this.#client = client;
    this.#instance = instance;
    this.#ground = ground;
    if (fromClient !== undefined) instance.write(fromClient);
    if (fromInstance.length > 0) client.write(fromInstance);
    const stalled = (): void => this.#stalled();
    this.#ways = [
      new Way(client, instance, ground.ahead, stalled),
      new Way(instance, client, ground.ahead, stalled),
    ];
    client.once('end', () => this.#end(instance));
    // A client may end its half and still listen. An instance that has ended is gone, as far as anybody knows.
    instance.once('end', () => {
      instance.end();
      this.#end(client);
    });
    // Of a client this is heard already. The reason does not matter: the other side learns that it is over.
    instance.on('error', () => instance.destroy());
    client.once('close', () => this.#close(instance));
    instance.once('close', () => this.#close(client));
  }

  #end(other: Socket): void {
    other.end();
    this.#beginToEnd();
  }

  #close(other: Socket): void {
    if (other.destroyed) {
      this.#ground.sweep.forget(this);
      for (const way of this.#ways) way.close();
      return;
    }
    other.destroySoon();
    this.#beginToEnd();
  }

  #beginToEnd(): void {
    this.#isEnding = true;
    this.#moved = this.#movement();
    this.dueAt = within(this.#patience());
  }

  #stalled(): void {
    if (this.dueAt === Number.POSITIVE_INFINITY) this.dueAt = within(this.#ground.limits.stallMs);
  }

  due(): void {
    this.dueAt = Number.POSITIVE_INFINITY;
    if (!this.#isEnding) {
      this.#readOn();
      return;
    }
    const moved = this.#movement();
    if (moved === this.#moved) {
      this.#destroy();
      return;
    }
    this.#moved = moved;
    this.dueAt = within(this.#patience());
  }

  #readOn(): void {
    const { giveUpMs, stallMs } = this.#ground.limits;
    for (const way of this.#ways) {
      if (way.readOn()) continue;
      if (way.stuckMs > giveUpMs) this.#destroy();
      else this.dueAt = within(stallMs);
    }
  }

  #destroy(): void {
    this.#client.destroy();
    this.#instance.destroy();
  }

  /** Bytes that either side has taken; only differences mean anything. What is said to nobody is no movement. */
  #movement(): number {
    return takenBy(this.#client) + takenBy(this.#instance);
  }

  /** A client that still reads takes its time. */
  #patience(): number {
    const { halfClosedMs, clientIdleMs } = this.#ground.limits;
    return this.#client.destroyed || this.#client.writableLength === 0 ? halfClosedMs : clientIdleMs;
  }
}

function takenBy(socket: Socket): number {
  return socket.bytesWritten - socket.writableLength;
}

/** One of the two ways. It is read as fast as its other end takes it. */
class Way {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #ahead: Ahead;
  #held = 0;
  #isReadAhead = false;
  /** What the other end had taken when that was seen last, and since when it is no more. */
  #taken = 0;
  #takenAt = 0;

  /** `stalled`: told when nothing is read because nothing is taken. */
  constructor(from: Socket, to: Socket, ahead: Ahead, stalled: () => void) {
    this.#from = from;
    this.#to = to;
    this.#ahead = ahead;
    from.on('data', (bytes: Buffer) => {
      if (!to.writable || to.write(bytes)) return;
      if (this.#isReadAhead) {
        this.#held += bytes.length;
        ahead.take(bytes.length);
        if (this.#hasRoom()) return;
        this.#isReadAhead = false;
      }
      this.#seeTaken();
      from.pause();
      stalled();
    });
    to.on('drain', () => {
      this.close();
      from.resume();
    });
  }

  #hasRoom(): boolean {
    return this.#ahead.hasRoom(this.#held);
  }

  /** How long nothing was taken. */
  get stuckMs(): number {
    this.#seeTaken();
    return performance.now() - this.#takenAt;
  }

  #seeTaken(): void {
    const taken = takenBy(this.#to);
    if (taken === this.#taken) return;
    this.#taken = taken;
    this.#takenAt = performance.now();
  }

  /** Nothing was taken for a while: whether the sender is still there is seen by reading on. False: there is no room. */
  readOn(): boolean {
    if (!this.#from.isPaused()) return true;
    if (!this.#hasRoom()) return false;
    this.#isReadAhead = true;
    this.#from.resume();
    return true;
  }

  /** Nothing is held any more. */
  close(): void {
    this.#isReadAhead = false;
    this.#ahead.give(this.#held);
    this.#held = 0;
  }
}
