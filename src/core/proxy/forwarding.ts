/**
 * One request that an instance has: what the data plane is told of it, and what it tells back.
 *
 * Made for each request, so it holds what is needed and works out nothing ahead.
 */

import type { ScriptAdmission } from '../appengine/front.ts';
import type { Answer, Client, Forward, Headers, RequestHead, Timeouts, UpstreamFailure } from '../outside.ts';
import type { Outcome, Taken, Wish } from '../scaling/dispatch.ts';
import type { Service } from '../service.ts';
import type { Account, Accounts } from './accounts.ts';
import type { Params } from './fastcgi-params.ts';
import { type Excuses, stderrOf } from './excuses.ts';

/** What all tries of one request have in common. */
export interface Errand {
  readonly head: RequestHead;
  readonly service: Service;
  readonly wish: Wish;
  readonly client: Client | undefined;
  /** What the App Engine profile made of it. */
  readonly admission: ScriptAdmission | undefined;
  /** In the words of CGI, for a service that speaks FastCGI. */
  readonly params?: Params;
  /** What stands around requests. */
  readonly desk: Desk;
}

export interface Desk {
  readonly accounts: Accounts;
  readonly excuses: Excuses;
  /** The cookie that has a client come back to the instance that it had. */
  cookie(errand: Errand, taken: Taken): Headers | undefined;
  /** What a program said about a request on FastCGI's error stream. */
  said?(service: string, line: string): void;
  /** What becomes of a request that was turned away by its instance (`Taken.again`). */
  settle(errand: Errand, outcome: Outcome): Forward | Answer;
}

/** The client has gone before there was an answer, which is nobody's error. */
const clientLeft = 499;

export class Forwarding implements Forward {
  readonly kind = 'forward';
  readonly service: string;
  readonly instance: string;
  readonly host: string;
  readonly port: number;
  readonly timeouts: Timeouts;
  readonly addHeaders?: Headers;
  readonly send?: NonNullable<Forward['send']>;
  readonly collect?: NonNullable<Forward['collect']>;
  readonly ownConnection?: true;
  readonly again?: NonNullable<Forward['again']>;
  readonly keepBody?: number;
  readonly fastcgi?: NonNullable<Forward['fastcgi']>;
  readonly #errand: Errand;
  readonly #taken: Taken;
  readonly #account: Account;
  readonly #pid: number | undefined;
  readonly #since: number;
  #status: number | undefined;
  #failed = false;
  #lasts = false;
  /** Another instance has the request now. */
  #isHandedOn = false;
  #over = false;

  constructor(errand: Errand, taken: Taken) {
    const { service, desk, admission } = errand;
    const { instance } = taken;
    this.service = service.name;
    this.instance = instance.name;
    this.host = taken.host;
    this.port = taken.port;
    this.timeouts = service.spec.requests;
    this.#errand = errand;
    this.#taken = taken;
    this.#pid = instance.pid;
    this.#account = desk.accounts.begin(instance);
    this.#since = this.#account.traffic.begin();
    if (service.spec.requests.affinity === 'cookie') {
      const cookie = desk.cookie(errand, taken);
      if (cookie !== undefined) this.addHeaders = cookie;
    }
    if (taken.again !== undefined) {
      this.again = (status) => this.#turnedAway(status);
      if (taken.keepBody !== undefined) this.keepBody = taken.keepBody;
    }
    const { params } = errand;
    if (params !== undefined) {
      this.fastcgi = {
        at: { kind: 'tcp', host: taken.host, port: taken.port },
        params,
        isAlone: true,
        said: (line) => desk.said?.(service.name, line),
      };
    }
    if (admission === undefined) return;
    const { name, index } = instance;
    const id = service.idOf(instance);
    const { send, collect, ownConnection } = admission.toInstance({
      name,
      index,
      id,
      host: taken.host,
      port: taken.port,
    });
    if (send !== undefined) this.send = send;
    if (collect !== undefined) this.collect = collect;
    if (ownConnection !== undefined) this.ownConnection = ownConnection;
  }

  /** The instance has not had the request, or it may be sent twice: every other instance is tried once at most. */
  elsewhere(): Forward | undefined {
    const { service, wish } = this.#errand;
    const without = [...wish.without, this.instance];
    this.#failed = true;
    const errand: Errand = { ...this.#errand, wish: { ...wish, without } };
    const outcome = service.take(errand.wish, errand.client);
    if (outcome instanceof Promise) {
      // Who has refused one cannot be kept waiting for another: whoever comes is let go again.
      void outcome.then((late) => {
        if (late.kind === 'taken') late.done({ failed: false });
      });
      return undefined;
    }
    if (outcome.kind !== 'taken') return undefined;
    this.#isHandedOn = true;
    return new Forwarding(errand, outcome);
  }

  async failed(failure: UpstreamFailure): Promise<Answer> {
    const { head, service, desk, admission } = this.#errand;
    this.#failed = failure.kind === 'unreachable';
    const own = this.#taken.failed?.(failure);
    if (own !== undefined) return admission === undefined ? own : admission.instead(own);
    const { instance } = this.#taken;
    const asked = { instance, port: this.port, pid: this.#pid };
    if (admission === undefined) return desk.excuses.failed(head, service, asked, failure);
    const alive = await desk.excuses.survives(asked, service);
    return admission.failed({ failure, alive, port: this.port, stderr: stderrOf(instance) });
  }

  answered(status: number): void {
    this.#status = status;
    // It was tried once more where nobody else was to be had, and has come to something.
    this.#failed = false;
  }

  lasting(): void {
    if (this.#lasts || this.#over) return;
    this.#lasts = true;
    this.#account.release();
    this.#taken.lasting();
  }

  done(): void {
    if (this.#over) return;
    this.#over = true;
    const status = this.#status;
    this.#count();
    this.#taken.done(status === undefined ? { failed: this.#failed } : { status, failed: this.#failed });
    if (!this.#isHandedOn) this.#errand.admission?.end();
  }

  #count(): void {
    if (!this.#lasts) this.#account.release();
    const status = this.#failed ? undefined : (this.#status ?? clientLeft);
    this.#account.traffic.end(this.#since, status, this.#lasts);
  }

  #turnedAway(status: number): Forward | Answer | undefined | Promise<Forward | Answer | undefined> {
    const outcome = this.#taken.again?.(status);
    if (outcome === undefined) return undefined;
    // Its way of dispatch has settled with the instance by itself.
    this.#over = true;
    this.#count();
    const { desk } = this.#errand;
    return outcome instanceof Promise
      ? outcome.then((late) => desk.settle(this.#errand, late))
      : desk.settle(this.#errand, outcome);
  }
}
