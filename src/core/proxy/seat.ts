/** What is known of one instance while requests are given to it. */

import type { Disposable } from '../../base/disposable.ts';
import type { Instance } from '../instance.ts';

/** So many requests in a row that came to nothing take an instance out of service. */
const mostFailures = 3;
/** It is looked at again after this, then after twice as long, and so on. */
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

export class Seat {
  readonly instance: Instance;
  readonly index: number;
  /** Where the present life listens. */
  host = '';
  port = 0;
  /** Counts the lives, so that what a former one had is told apart. */
  life = 0;
  /** It runs, and its address is known. */
  isOpen = false;
  /** Exchanges under way, without those that last. */
  busy = 0;
  /** Exchanges that last: upgrades and event streams. */
  lasting = 0;
  /** Since when it has had nothing to do. */
  idleSince = 0;
  /** The next look at one that was taken out. */
  look: Disposable | undefined;
  #failures = 0;
  #pauseMs = firstPauseMs;
  #isOut = false;

  constructor(instance: Instance) {
    this.instance = instance;
    this.index = instance.index;
  }

  /** It was taken out of service, since requests to it came to nothing. */
  get isOut(): boolean {
    return this.#isOut;
  }

  /** Until the next look. */
  get pauseMs(): number {
    return this.#pauseMs;
  }

  /** A life begins or ends: what was before does not count any more. */
  renew(now: number): void {
    const { address } = this.instance;
    this.life += 1;
    this.isOpen = address !== undefined;
    this.host = address?.host ?? '';
    this.port = address?.port ?? 0;
    this.idleSince = now;
    this.look?.dispose();
    this.look = undefined;
    this.#failures = 0;
    this.#pauseMs = firstPauseMs;
    this.#isOut = false;
  }

  /** A request came to nothing. True: it is out of service from now on. */
  failed(): boolean {
    this.#failures += 1;
    if (this.#isOut || this.#failures < mostFailures) return false;
    this.#isOut = true;
    return true;
  }

  /** It has answered. */
  answered(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    if (!this.#isOut) this.#pauseMs = firstPauseMs;
  }

  /** It is still out of reach. */
  stillOut(): void {
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }

  /** It accepts connections again. It is on trial: with its next failure it is out once more, and for longer. */
  backOnTrial(): void {
    this.#isOut = false;
    this.#failures = mostFailures - 1;
    this.stillOut();
  }
}
