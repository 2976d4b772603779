/**
 * Counts who uses which shared socket (spec 6.12): created at the first claim, closed when the last is let go of,
 * and created again on demand. The processes of one service share it; two services never do, since each says for
 * itself whose it is and who may connect.
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
  readonly service: string;
  /** The definition it is made by. */
  readonly made: string;
  readonly opening: Promise<SharedSocket>;
  claims: number;
  /** Resolves once the last one has let go of it. */
  readonly left: PromiseWithResolvers<void>;
}

/** In the system's words: to another service, it is. */
const inUse = 'address already in use';

const outdated = 'its definition has changed';

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

  /**
   * Rejects with an Error that says why there is no such socket. `isCurrent`: whether the service is still defined by
   * this; one that is not waits for nobody, since those who hold a newer one may hold it for ever.
   */
  async claim(
    service: string,
    spec: SocketSpec,
    isCurrent: () => boolean = () => true,
  ): Promise<SocketClaim> {
    let held = this.#held.get(spec.url);
    while (held !== undefined && held.made !== JSON.stringify(spec) && held.service === service) {
      if (!isCurrent()) throw new Error(outdated);
      // Made as the service was defined before; those who have it still are on their way to another start.
      await held.left.promise;
      held = this.#held.get(spec.url);
    }
    held ??= this.#open(service, spec);
    if (held.service !== service) throw new Error(inUse);
    held.claims += 1;
    const release = this.#releaser(spec.url, held);
    try {
      return { socket: await held.opening, release };
    } catch (error) {
      await release();
      throw error;
    }
  }

  /** Creates it and closes it again, where nobody has it, to learn whether it can be had. Rejects as `claim` does. */
  async attempt(service: string, spec: SocketSpec): Promise<void> {
    const held = this.#held.get(spec.url);
    if (held?.service === service) return;
    const claim = await this.claim(service, spec);
    await claim.release();
  }

  /** How many hold it now. */
  claims(url: string): number {
    return this.#held.get(url)?.claims ?? 0;
  }

  #open(service: string, spec: SocketSpec): Held {
    this.#say(`Creating socket ${spec.url}`);
    const before = this.#closing.get(spec.url) ?? Promise.resolve();
    const held: Held = {
      service,
      made: JSON.stringify(spec),
      opening: before.then(() => this.#sockets.open(spec)),
      claims: 0,
      left: Promise.withResolvers(),
    };
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
      held.left.resolve();
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
