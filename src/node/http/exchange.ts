/**
 * The account of one request: whom it was decided to go to, how it ended, and that everybody who has to know is
 * told once.
 */

import { mistake } from '../../core/proxy/answers.ts';
import type {
  Answer,
  Client,
  Decision,
  DoorRequest,
  Forward,
  RequestHead,
  UpstreamFailure,
} from '../../core/outside.ts';
import { wordsOf } from './failure.ts';

export interface Deciding {
  decide(head: RequestHead, client?: Client): Decision | Promise<Decision>;
  onRequest?(request: DoorRequest): void;
}

/** Another instance that is to have the request, or what is answered instead of it. */
export type Verdict = Forward | Answer | undefined;

/** What a request is reported with whose client left before there was a status; nginx says the same. */
const clientLeft = 499;

export class Exchange implements Client {
  readonly head: RequestHead;
  whenLeft: (() => void) | undefined = undefined;
  readonly #door: Deciding;
  readonly startedAt = performance.now();
  #decision: Decision | undefined;
  #status = clientLeft;
  #isReported = false;
  #isOver = false;
  #isLasting = false;

  constructor(head: RequestHead, door: Deciding) {
    this.head = head;
    this.#door = door;
  }

  get over(): boolean {
    return this.#isOver;
  }

  /** Until there is an answer, an exchange ends with its client alone. */
  get hasLeft(): boolean {
    return this.#isOver;
  }

  /** It waits for a place, which is somebody else's as soon as its client has left. */
  get isAwaited(): boolean {
    return this.whenLeft !== undefined;
  }

  /**
   * Asks where the request goes. A promise only where the one who decides needs time. Neither throws nor rejects: a
   * mistake in deciding is answered as one.
   */
  decide(): Decision | Promise<Decision> {
    try {
      const decision = this.#door.decide(this.head, this);
      return decision instanceof Promise ? this.#await(decision) : this.#take(decision);
    } catch (error) {
      return this.#take({ kind: 'answer', answer: mistake(wordsOf(error)) });
    }
  }

  async #await(promise: Promise<Decision>): Promise<Decision> {
    try {
      return this.#take(await promise);
    } catch (error) {
      return this.#take({ kind: 'answer', answer: mistake(wordsOf(error)) });
    }
  }

  /** From now on this is whom the request goes to. */
  #take(decision: Decision): Decision {
    this.#decision = decision;
    // The client may have left while this was being decided. Then nobody else says that the instance is free again.
    if (this.#isOver) this.#release();
    return decision;
  }

  /** What to answer for an instance that failed. Never rejects. */
  async failed(decision: Forward, failure: UpstreamFailure): Promise<Answer> {
    try {
      return await decision.failed(failure);
    } catch (error) {
      return mistake(wordsOf(error));
    }
  }

  /**
   * The head of an answer has come: what becomes of the request instead; undefined: the client gets that answer. Neither
   * throws nor rejects.
   */
  again(decision: Forward, status: number): Verdict | Promise<Verdict> {
    try {
      const verdict = decision.again?.(status);
      return verdict instanceof Promise
        ? verdict.catch((error: unknown) => mistake(wordsOf(error)))
        : verdict;
    } catch (error) {
      return mistake(wordsOf(error));
    }
  }

  /** Somebody else has the request from now on. */
  handOn(next: Forward): void {
    if (!this.#isOver) this.#release();
    this.#take(next);
  }

  /** The instance refused the connection: whom the request goes to instead, if there is somebody. */
  elsewhere(decision: Forward): Forward | undefined {
    const next = decision.elsewhere?.();
    if (next !== undefined) this.handOn(next);
    return next;
  }

  /** The status that goes to the client. */
  answered(status: number): void {
    this.#status = status;
  }

  /** Nobody waits for its end. */
  get isLasting(): boolean {
    return this.#isLasting;
  }

  /** It has become one that nobody waits for. */
  lasting(): void {
    if (this.#isLasting || this.#decision?.kind !== 'forward') return;
    this.#isLasting = true;
    this.#decision.lasting?.();
  }

  /** Tells of the request, once. For an upgrade this is when the new protocol begins: that may last for days. */
  report(): void {
    if (this.#isReported) return;
    this.#isReported = true;
    if (this.#door.onRequest === undefined) return;
    const { method, target } = this.head;
    const query = target.indexOf('?');
    const path = query === -1 ? target : target.slice(0, query);
    const status = this.#status;
    const ms = performance.now() - this.startedAt;
    const decision = this.#decision;
    const { service } = decision ?? {};
    // Which of them accepted on a shared socket, nobody knows.
    const instance =
      decision?.kind === 'forward' && (decision.fastcgi === undefined || decision.fastcgi.isAlone === true)
        ? decision.instance
        : undefined;
    if (service === undefined) this.#door.onRequest({ method, path, status, ms });
    else if (instance === undefined) this.#door.onRequest({ service, method, path, status, ms });
    else this.#door.onRequest({ service, instance, method, path, status, ms });
  }

  /** The exchange is over, however it ended. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { whenLeft } = this;
    this.whenLeft = undefined;
    whenLeft?.();
    this.#release();
    this.report();
  }

  #release(): void {
    if (this.#decision?.kind === 'forward') this.#decision.done();
  }
}
