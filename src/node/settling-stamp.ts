/** Tells when a child's sockets are worth another look, though none was opened or closed. Pure. */

/** A look at all listeners takes some 4 ms, so one each half second stays below a hundredth of a core. */
const steadyMs = 500;

/** Nobody says when a process will not be asked about again. */
const remembered = 500;

interface Seen {
  readonly stamp: string;
  readonly since: number;
}

/**
 * Lets the stamp of a process change a few times more after its descriptors have.
 *
 * A server opens its socket first and listens on it later, mostly within microseconds, but some load their
 * application in between; nothing in the list of descriptors tells of that step.
 */
export class SettlingStamps {
  readonly #seen = new Map<number, Seen>();

  /** @param now Monotonic, in milliseconds. */
  settle(pid: number, stamp: string | undefined, now: number): string | undefined {
    if (stamp === undefined) {
      this.#seen.delete(pid);
      return undefined;
    }
    const before = this.#seen.get(pid);
    const since = before?.stamp === stamp ? before.since : now;
    // Taken out first, so that the one looked at longest ago is the first in the map.
    this.#seen.delete(pid);
    this.#seen.set(pid, { stamp, since });
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > remembered && oldest !== undefined) this.#seen.delete(oldest);
    const age = now - since;
    return `${stamp} ${age < steadyMs ? Math.floor(Math.log2(age + 1)) : `+${Math.floor(age / steadyMs)}`}`;
  }
}
