/**
 * What one run of an instance does with requests: how many it has, how many more it takes, and when it may end
 * (spec 3.1 to 3.6).
 *
 * Knows nothing of processes or sockets: whoever drives it says when the child is up, and is told when it is to go.
 */

import type { Clock } from '../outside.ts';
import type { RequestType } from './dispatch.ts';
import { LastMinute } from './last-minute.ts';

/** The reference's words for why a request cannot be accepted (IN-7, IN-8). */
export const refusals = {
  quit: 'Instance has been quit',
  notStarted: 'Instance has not started',
  quitting: 'Instance is shutting down',
  awaitsReady: 'Instance is waiting for ready request',
  full: 'Instance has no additional capacity',
  noBackground: 'Instance has no additional background thread capacity',
} as const;

export type Refusal = (typeof refusals)[keyof typeof refusals];

/** The reference's words for a quit that comes while it serves (IN-13). */
export const isServing = 'cannot quit serving instance';

export interface ServingOptions {
  readonly id: string;
  /** Requests at once; `Infinity` for no limit. */
  readonly concurrency: number;
  /** A capacity of its own. */
  readonly backgroundThreads: number;
  /** It takes no other request before its ready request is over. */
  readonly expectsReady: boolean;
  readonly clock: Pick<Clock, 'now'>;
  /** So many of those who wait for an instance may find this one free now; `Infinity`: all are to look. */
  wake(count: number): void;
  /** The child is to go. Called at most once, and never before it was started. */
  end(): void;
}

export interface QuitOptions {
  /** Being busy only puts it off. */
  readonly allowAsync?: boolean;
  /** Being busy is no reason. */
  readonly force?: boolean;
  /** Only says that a shutdown request is on its way. */
  readonly expectShutdown?: boolean;
}

export class Serving {
  readonly id: string;
  #concurrency: number;
  #backgroundThreads: number;
  /** Somebody looks already whether it accepts connections. */
  isExamined = false;
  readonly #options: ServingOptions;
  readonly #window = new LastMinute();
  #outstanding = 0;
  #lasting = 0;
  #background = 0;
  #total = 0;
  #started = false;
  #quitting = false;
  #quit = false;
  #expectsReady: boolean;
  #expectsShutdown = false;
  #healthy = true;
  #lastEnd: number;

  constructor(options: ServingOptions) {
    this.id = options.id;
    this.#concurrency = options.concurrency;
    this.#backgroundThreads = options.backgroundThreads;
    this.#options = options;
    this.#expectsReady = options.expectsReady;
    this.#lastEnd = options.clock.now();
  }

  // ------------------------------------------------------------------------------------------ what it is

  /** Requests at once; `Infinity` for no limit. */
  get concurrency(): number {
    return this.#concurrency;
  }

  /** The service is defined anew; what it has is not taken from it. */
  setLimits(concurrency: number, backgroundThreads: number): void {
    this.#concurrency = concurrency;
    this.#backgroundThreads = backgroundThreads;
  }

  /** Requests that it has, without background and shutdown requests. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** The same without those that have become exchanges that last, for which nobody waits. */
  get busy(): number {
    return this.#outstanding - this.#lasting;
  }

  get background(): number {
    return this.#background;
  }

  get total(): number {
    return this.#total;
  }

  get remaining(): number {
    return this.#concurrency - this.busy;
  }

  get remainingBackground(): number {
    return this.#backgroundThreads - this.#background;
  }

  /** Says nothing of its capacity. */
  get canAccept(): boolean {
    return (
      this.#started &&
      this.#healthy &&
      !this.#quit &&
      !this.#quitting &&
      !this.#expectsReady &&
      !this.#expectsShutdown
    );
  }

  /** It can have a request now. */
  get isFree(): boolean {
    return this.remaining > 0 && this.canAccept;
  }

  /** It will take no request any more. */
  get hasQuit(): boolean {
    return this.#quit || this.#quitting || this.#expectsShutdown;
  }

  /** It is over, and its child has been told to go. */
  get isOver(): boolean {
    return this.#quit;
  }

  get isStarted(): boolean {
    return this.#started;
  }

  get isHandlingReady(): boolean {
    return this.#expectsReady;
  }

  get isHealthy(): boolean {
    return this.#healthy;
  }

  /** Milliseconds without a request; 0 before the start and while it has one. Background threads do not count. */
  get idleMs(): number {
    if (!this.#started || this.#outstanding > 0) return 0;
    return this.#options.clock.now() - this.#lastEnd;
  }

  /** Milliseconds, on average over the last minute. */
  get latencyMs(): number {
    return this.#window.mean(this.#options.clock.now());
  }

  /** Requests of the last minute, each second. */
  get perSecond(): number {
    return this.#window.perSecond(this.#options.clock.now());
  }

  toString(): string {
    const flags = [
      ...(this.#started ? [] : ['not started']),
      ...(this.#quitting ? ['quitting'] : []),
      ...(this.#quit ? ['quit'] : []),
      ...(this.#expectsReady ? ['handling ready request'] : []),
    ];
    const limit = Number.isFinite(this.concurrency) ? String(this.concurrency) : 'unlimited';
    const marks = flags.length === 0 ? '' : ` [${flags.join(' ')}]`;
    return `<Instance ${this.id}: ${this.#outstanding}/${limit}, total: ${this.#total}${marks}>`;
  }

  // ----------------------------------------------------------------------------------------- being started

  /** The child is up. False when it was told to quit meanwhile: then the child is to go at once (IN-10). */
  started(): boolean {
    if (this.#quit) {
      this.#options.end();
      return false;
    }
    this.#started = true;
    this.#lastEnd = this.#options.clock.now();
    this.#healthy = true;
    return true;
  }

  /** Nothing speaks against it, or something does. Once it is well again, others may find it free. */
  setHealthy(healthy: boolean): void {
    const isBack = healthy && !this.#healthy;
    this.#healthy = healthy;
    if (isBack) this.#options.wake(this.concurrency);
  }

  // -------------------------------------------------------------------------------------------- requests

  /** Takes a request, or says why it cannot. Each one that is taken is to be given back with `done`. */
  take(type: RequestType): Refusal | undefined {
    const refusal = this.#refusalOf(type);
    if (refusal !== undefined) return refusal;
    if (hasOwnCapacity(type)) this.#outstanding += 1;
    this.#total += 1;
    return undefined;
  }

  /** Counts a request that it has already, whatever room there is. False: it does not run. */
  adopt(type: Exclude<RequestType, 'shutdown'> = 'normal'): boolean {
    if (!this.#started || this.#quit) return false;
    if (type === 'background') this.#background += 1;
    else this.#outstanding += 1;
    if (type === 'ready') this.#expectsReady = true;
    this.#total += 1;
    return true;
  }

  #refusalOf(type: RequestType): Refusal | undefined {
    if (this.#quit) return refusals.quit;
    if (!this.#started) return refusals.notStarted;
    if (!hasOwnCapacity(type)) return undefined;
    if (this.#quitting) return refusals.quitting;
    if (this.#expectsReady && type !== 'ready') return refusals.awaitsReady;
    return this.remaining > 0 ? undefined : refusals.full;
  }

  /**
   * One of its requests has become an exchange that lasts: nobody waits for its end, and others have its room, so that
   * a few open pages with a WebSocket each do not fill an instance.
   */
  lasts(): void {
    this.#lasting += 1;
    this.#options.wake(1);
    this.#quitIfDone();
  }

  /** A request that was taken at `since` is over. `lasted`: it had become an exchange that lasts. */
  done(type: RequestType, since: number, lasted = false): void {
    const now = this.#options.clock.now();
    if (type === 'ready') this.#expectsReady = false;
    if (type === 'background') this.#background -= 1;
    else if (type !== 'shutdown') this.#outstanding -= 1;
    if (lasted) this.#lasting -= 1;
    this.#lastEnd = now;
    this.#window.add(since, now - since, now);
    if (type === 'shutdown') {
      this.#expectsShutdown = false;
      this.quit({ allowAsync: true });
    } else if (type === 'ready') this.#options.wake(this.concurrency);
    else if (type !== 'background') this.#options.wake(1);
    this.#quitIfDone();
  }

  /** Reserves a background thread, or says why there is none. The background request gives it back. */
  reserveBackground(): Refusal | undefined {
    if (this.#quit) return refusals.quit;
    if (!this.#started) return refusals.notStarted;
    if (this.remainingBackground <= 0) return refusals.noBackground;
    this.#background += 1;
    return undefined;
  }

  // ---------------------------------------------------------------------------------------------- ending

  /** Ends it, as soon as it may; gives the reason when it may not (spec 3.5). */
  quit(options: QuitOptions = {}): typeof isServing | undefined {
    if (this.#quit) return undefined;
    if (!this.#started) {
      this.#quit = true;
      this.#options.wake(Number.POSITIVE_INFINITY);
      return undefined;
    }
    if (options.expectShutdown === true) {
      this.#expectsShutdown = true;
      return undefined;
    }
    if (this.#isBusy && options.force !== true) {
      if (options.allowAsync !== true) return isServing;
      this.#quitting = true;
      return undefined;
    }
    this.#quit = true;
    this.#options.end();
    this.#options.wake(Number.POSITIVE_INFINITY);
    return undefined;
  }

  get #isBusy(): boolean {
    return this.busy > 0 || this.#background > 0 || this.#expectsShutdown;
  }

  #quitIfDone(): void {
    if (this.#quitting && this.busy === 0 && this.#background === 0) this.quit({ force: true });
  }
}

/** Background and shutdown requests are served beside all others. */
function hasOwnCapacity(type: RequestType): boolean {
  return type !== 'background' && type !== 'shutdown';
}
