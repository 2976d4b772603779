/**
 * What one instance of a backend has to do: requests in the order of their arrival, as many at once as it takes (one,
 * unless told otherwise), and none but the start request before that was answered (spec 5.6).
 *
 * Knows nothing of the other instances.
 */

import type { Client } from '../outside.ts';

export const startPath = '/_ah/start';

/** What becomes of a request at one instance. */
export type Turn =
  /** It is handled now; `end` is to be called once, with the status of its answer if there was one. */
  | { readonly kind: 'now'; readonly end: (status?: number) => void }
  /** Nobody waits here: 503 `Busy.`. */
  | { readonly kind: 'busy' }
  /** It has come before the start request was answered: 403. */
  | { readonly kind: 'not started' }
  /** The instance has ended while the request waited for it. */
  | { readonly kind: 'gone' };

export interface WorkerRules {
  /** Answers that it is busy, instead of letting requests wait: as many as come, and for as long as it takes. */
  readonly failFast: boolean;
  /** Requests that are handled at once. */
  readonly atOnce: number;
}

interface Waiting {
  readonly isStart: boolean;
  /** One that leaves waits no longer. */
  readonly client: Client | undefined;
  readonly go: (turn: Turn) => void;
}

/** A start request that was answered with one of these has done its work: there may be no handler for it (MP-15). */
export function isStarted(status: number | undefined): boolean {
  return status !== undefined && ((status >= 200 && status <= 299) || status === 404);
}

export class BackendWorker {
  #rules: WorkerRules;
  readonly #line = new Set<Waiting>();
  /** Which life of the instance this is: what ends in a later one counts no more. */
  #life = {};
  #active = 0;
  #started = false;

  constructor(rules: WorkerRules) {
    this.#rules = rules;
  }

  /** More at once may be for those who wait already. */
  set rules(rules: WorkerRules) {
    this.#rules = rules;
    this.#next();
  }

  /** Requests that it handles now. */
  get active(): number {
    return this.#active;
  }

  get waiting(): number {
    return this.#line.size;
  }

  get hasStarted(): boolean {
    return this.#started;
  }

  take(path: string | undefined, client?: Client): Turn | Promise<Turn> {
    const isStart = path === startPath;
    if (this.#active < this.#rules.atOnce) return this.#begin(isStart);
    if (this.#rules.failFast) return { kind: 'busy' };
    return new Promise((resolve) => {
      const waiting: Waiting = { isStart, client, go: resolve };
      if (client !== undefined) client.whenLeft = () => this.#dismiss(waiting, { kind: 'gone' });
      this.#line.add(waiting);
    });
  }

  /** The instance has ended: whoever waits for it has to go elsewhere, and the next one has to be started anew. */
  ended(): void {
    this.#life = {};
    this.#active = 0;
    this.#started = false;
    this.dismissAll();
  }

  /** Nobody waits here any more. */
  dismissAll(): void {
    for (const waiting of [...this.#line]) this.#dismiss(waiting, { kind: 'gone' });
  }

  #begin(isStart: boolean): Turn {
    // As in the reference, whoever has waited for the start request to be answered is served.
    if (!isStart && !this.#started) return { kind: 'not started' };
    const life = this.#life;
    let isOver = false;
    this.#active += 1;
    const end = (status?: number): void => {
      if (isOver || life !== this.#life) return;
      isOver = true;
      this.#active -= 1;
      if (isStart && isStarted(status)) this.#started = true;
      this.#next();
    };
    return { kind: 'now', end };
  }

  #next(): void {
    for (const waiting of this.#line) {
      if (this.#active >= this.#rules.atOnce) return;
      this.#dismiss(waiting, this.#begin(waiting.isStart));
    }
  }

  #dismiss(waiting: Waiting, turn: Turn): void {
    this.#line.delete(waiting);
    if (waiting.client !== undefined) waiting.client.whenLeft = undefined;
    waiting.go(turn);
  }
}
