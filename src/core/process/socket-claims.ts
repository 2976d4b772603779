/**
 * Counts who uses which shared socket (spec 6.12): created at the first claim, closed when the last is let go of,
 * and created again on demand.
 *
 * Knows nothing of what a socket is; `Outside.sharedSockets` makes them.
 */

import type { SocketSpec } from '../../config/spec.ts';
import type { SharedSocket, SharedSockets } from '../outside.ts';

/** One process's hold on a socket. */
export interface SocketClaim {
  readonly socket: SharedSocket;
  /** Lets go of it; the last one closes the socket. Doing it again does nothing, so the count is never below zero. */
  release(): Promise<void>;
}

interface Held {
  readonly opening: Promise<SharedSocket>;
  claims: number;
}

export class SocketClaims {
  readonly #sockets: SharedSockets;
  readonly #say: (text: string) => void;
  readonly #held = new Map<string, Held>();
  /** Sockets on their way to being closed, by their address: a new one has to wait for that. */
  readonly #closing = new Map<string, Promise<void>>();

  /** `say` hears of sockets created and closed, in Supervisor's words. */
  constructor(sockets: SharedSockets, say: (text: string) => void) {
    this.#sockets = sockets;
    this.#say = say;
  }

  /** Rejects with an Error that says why there is no such socket. */
  async claim(spec: SocketSpec): Promise<SocketClaim> {
    const held = this.#held.get(spec.url) ?? this.#open(spec);
    held.claims += 1;
    const release = this.#releaser(spec.url, held);
    try {
      return { socket: await held.opening, release };
    } catch (error) {
      await release();
      throw error;
    }
  }

  /** How many hold it now. */
  claims(url: string): number {
    return this.#held.get(url)?.claims ?? 0;
  }

  #open(spec: SocketSpec): Held {
    this.#say(`Creating socket ${spec.url}`);
    const before = this.#closing.get(spec.url) ?? Promise.resolve();
    const held: Held = { opening: before.then(() => this.#sockets.open(spec)), claims: 0 };
    this.#held.set(spec.url, held);
    return held;
  }

  #releaser(url: string, held: Held): () => Promise<void> {
    let released = false;
    return async () => {
      if (released) return;
      released = true;
      held.claims -= 1;
      if (held.claims > 0) return;
      this.#held.delete(url);
      await this.#close(url, held);
    };
  }

  async #close(url: string, held: Held): Promise<void> {
    const closing = held.opening.then(
      async (socket) => {
        this.#say(`Closing socket ${url}`);
        await socket.close();
      },
      // It was never opened.
      () => undefined,
    );
    this.#closing.set(url, closing);
    await closing;
    if (this.#closing.get(url) === closing) this.#closing.delete(url);
  }
}
