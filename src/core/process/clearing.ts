/**
 * Ends what a run left behind, deletes its files, and lets go of its socket.
 *
 * Knows who has to wait for that: a stop always, the next start only for what may be in its way.
 */

import type { Child, Outside } from '../outside.ts';
import type { Run } from './run.ts';

/** After a crash: time for the next child to come up before we look for what the last one left. */
const unhurriedMs = 100;

export class Clearing {
  readonly #outside: Outside;
  readonly #failed: (reason: string) => void;
  readonly #underWay = new Set<Promise<void>>();
  /** Those of them, and of others, that the next start has to wait for. */
  readonly #inTheWay = new Set<Promise<void>>();

  constructor(outside: Outside, failed: (reason: string) => void) {
    this.#outside = outside;
    this.#failed = failed;
  }

  /** The next start waits for this. */
  block(something: Promise<void>): void {
    this.#inTheWay.add(something);
    void something.finally(() => this.#inTheWay.delete(something));
  }

  /** Nothing is in the way of a start any more. */
  async free(): Promise<void> {
    if (this.#inTheWay.size > 0) await Promise.all(this.#inTheWay);
  }

  /** Nothing of an earlier run is left. */
  async over(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /**
   * Looking at every process of the machine takes as long as a whole start, so after a crash that left nothing in
   * its group (`urgent` is false) it waits until the next child is up.
   */
  clear(run: Run, child: Child | undefined, urgent: boolean): void {
    // Whoever starts next may want the socket, and counts anew.
    const released = run.claim?.release();
    delete run.claim;
    const work = async (): Promise<void> => {
      if (child !== undefined) {
        if (!urgent) await this.#pause();
        await child.sweep();
      }
      await this.#removeFiles(run);
    };
    const done = Promise.all([work(), released]).then(
      () => undefined,
      (error: unknown) =>
        this.#failed(`could not be cleared away: ${error instanceof Error ? error.message : String(error)}`),
    );
    for (const set of urgent ? [this.#underWay, this.#inTheWay] : [this.#underWay]) {
      set.add(done);
      void done.then(() => set.delete(done));
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => void this.#outside.clock.after(unhurriedMs, resolve));
  }

  async #removeFiles(run: Run): Promise<void> {
    if (run.files === undefined) return;
    const { configuration, port } = run.files;
    delete run.files;
    await this.#outside.files.remove(configuration);
    await this.#outside.files.remove(port);
  }
}
