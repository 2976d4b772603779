/**
 * Says of each request where it goes, and what is answered when it can go nowhere.
 *
 * Looks at the services as they are now. Which service a request is for has been told by its route; which of the
 * instances has it is for the service's dispatch to say. Where somebody is free, all of it is decided at once, without
 * a promise.
 */

import type { Admission, ScriptAdmission } from '../appengine/front.ts';
import type { Answer, Client, Decision, Forward, Outside, RequestHead } from '../outside.ts';
import type { Instance } from '../instance.ts';
import type { Outcome, Wish } from '../scaling/dispatch.ts';
import type { Service, Settled } from '../service.ts';
import type { Accounts } from './accounts.ts';
import { cookieFor, cookieName, indexIn } from './affinity.ts';
import { isPoll } from './answers.ts';
import { directory, forbidden, foreign, noInstance, notFound, unknownName } from './directory.ts';
import { Excuses } from './excuses.ts';
import { planFastCgi } from './fastcgi.ts';
import { serveFile } from './fastcgi-files.ts';
import type { Params } from './fastcgi-params.ts';
import { type Desk, type Errand, Forwarding } from './forwarding.ts';
import { hindranceOf, isComing } from './hope.ts';
import type { Route } from './route.ts';
import { pathOf } from './target.ts';
import { type DoorAddress, toSocket } from './to-socket.ts';

export interface RequestOptions {
  readonly outside: Outside;
  readonly accounts: Accounts;
  services(): readonly Service[];
  service(name: string): Service | undefined;
  urlOf(service: string): string | undefined;
  /** A request waits for an instance now. */
  queued(): void;
  /** What a program said about a request on FastCGI's error stream; which of the instances it was, nobody knows. */
  said?(service: string, line: string): void;
  /** Resolves when some instance has changed its state, or after so many milliseconds. */
  change(ms: number): Promise<void>;
  /** A person has stopped it, and has not started it since. */
  isHalted(instance: Instance): boolean;
}

/** A request that meets a service on its way up waits so long before it is answered with a page. */
const patienceMs = 1_500;

type Nobody = Extract<Settled, { readonly kind: 'nobody' }>;
type ServiceRoute = Extract<Route, { readonly kind: 'service' }>;

/** How a request goes on, and for whom. */
interface Treatment {
  readonly client: Client | undefined;
  /** What the App Engine profile made of it. */
  readonly admission: ScriptAdmission | undefined;
  /** In the words of CGI. */
  readonly params?: Params;
}

/** What a client gets that has left. */
const nothing: Answer = { status: 499, headers: [], body: '' };

const nobodyYet: readonly string[] = [];
/** What most requests want, so that nothing has to be made for them. */
const anybody: Wish = { type: 'normal', without: nobodyYet };

export class Requests {
  readonly #options: RequestOptions;
  readonly #excuses: Excuses;
  readonly #desk: Desk;

  constructor(options: RequestOptions) {
    this.#options = options;
    this.#excuses = new Excuses(options);
    this.#desk = {
      accounts: options.accounts,
      excuses: this.#excuses,
      cookie: ({ service, wish }, { instance }) =>
        wish.prefer === instance.name ? undefined : cookieFor(cookieName(service.name), instance.index),
      settle: (errand, outcome) => this.#settle(errand, outcome),
      said: (service, line) => options.said?.(service, line),
    };
  }

  decide(head: RequestHead, route: Route, door: DoorAddress, client?: Client): Decision | Promise<Decision> {
    switch (route.kind) {
      case 'service': {
        const service = this.#options.service(route.service);
        return service === undefined
          ? { kind: 'answer', answer: notFound(head, head.target, this.#excuses.entries()) }
          : this.#toService(head, service, route, door, client);
      }
      case 'forbidden':
        return { kind: 'answer', answer: forbidden(head, route.host) };
      case 'foreign':
        return { kind: 'answer', answer: foreign(route.origin) };
      case 'directory':
        return { kind: 'answer', answer: directory(head, this.#excuses.entries()) };
      case 'not-found':
        return { kind: 'answer', answer: notFound(head, route.path, this.#excuses.entries()) };
      case 'unknown-name': {
        const names = this.#options.services().filter(({ isReachable }) => isReachable);
        return {
          kind: 'answer',
          answer: unknownName(
            head,
            route.label,
            names.map(({ name }) => name),
            this.#excuses.entries(),
          ),
        };
      }
    }
  }

  #toService(
    head: RequestHead,
    service: Service,
    route: ServiceRoute,
    door: DoorAddress,
    client: Client | undefined,
  ): Decision | Promise<Decision> {
    const { instance } = route;
    const isShared = service.spec.program?.socket !== undefined;
    if (!isShared && instance !== undefined && meant(service, route).length === 0) {
      const instances = service.instances.map(({ name }) => name);
      const missing = { name: `${service.name}.${instance}`, service: service.name, instances };
      const answer = noInstance(head, missing, this.#excuses.entries());
      return this.#answer(service, answer);
    }
    // A page that looks after the service asks again by itself; its question is ours to answer.
    if (isPoll(head)) {
      const only = isShared ? service.instances : meant(service, route);
      return this.#excuses.poll(head, service, only).then((answer) => this.#answer(service, answer));
    }
    if (isShared)
      return this.#patiently(
        service,
        route,
        () => toSocket(head, service, door, { ...this.#options, excuses: this.#excuses }),
        () => this.#answer(service, this.#unavailable(head, service, route, false)),
        client,
      );
    const { layer } = service;
    const treated = (admission?: ScriptAdmission): Decision | Promise<Decision> => {
      const treatment = { client, admission };
      return service.spec.fastcgi === undefined
        ? this.#dispatch(head, service, route, treatment)
        : this.#toScript(head, service, route, door, treatment);
    };
    if (layer === undefined) return treated();
    const admission = layer.admit(head, { doorHost: door.host, directed: instance !== undefined });
    const admitted = (made: Admission): Decision | Promise<Decision> =>
      made.kind === 'script' ? treated(made) : { ...made, service: service.name };
    return admission instanceof Promise ? admission.then(admitted) : admitted(admission);
  }

  /** To a service whose instances speak FastCGI, each at a port of its own. */
  async #toScript(
    head: RequestHead,
    service: Service,
    route: ServiceRoute,
    door: DoorAddress,
    treatment: Treatment,
  ): Promise<Decision> {
    const { files } = this.#options.outside;
    const { spec } = service;
    const plan = await planFastCgi(head, spec, { door, look: (path) => files.kind(path) });
    if (plan.kind === 'params')
      return this.#dispatch(head, service, route, { ...treatment, params: plan.params });
    const root = spec.fastcgi?.root ?? spec.cwd;
    const decision: Decision =
      plan.kind === 'answer'
        ? this.#answer(service, plan.answer)
        : await serveFile(head, { service: service.name, path: plan.path, root }, files);
    const { admission } = treatment;
    admission?.end();
    return admission === undefined || decision.kind !== 'answer'
      ? decision
      : this.#answer(service, admission.instead(decision.answer));
  }

  // ---------------------------------------------------------------------------------------- to its instances

  #dispatch(
    head: RequestHead,
    service: Service,
    route: ServiceRoute,
    { client, admission, params }: Treatment,
  ): Decision | Promise<Decision> {
    const wish = wishOf(head, service, route);
    const errand: Errand = {
      head,
      service,
      wish,
      client,
      admission,
      desk: this.#desk,
      ...(params === undefined ? {} : { params }),
    };
    if (client?.hasLeft === true) return this.#answered(errand, nothing);
    const hindrance = hindranceOf(service.instances);
    if (hindrance !== undefined)
      return this.#answered(errand, this.#excuses.hindered(head, service, hindrance));
    const outcome = service.take(wish, client);
    if (outcome instanceof Promise) {
      this.#options.queued();
      return outcome.then((late) =>
        // It has waited already.
        late.kind === 'nobody' ? this.#inVain(errand, route, late) : this.#decided(errand, late),
      );
    }
    return outcome.kind === 'nobody' ? this.#nobody(errand, route, outcome) : this.#decided(errand, outcome);
  }

  #decided(errand: Errand, outcome: Exclude<Settled, Nobody>): Decision {
    return outcome.kind === 'taken'
      ? new Forwarding(errand, outcome)
      : this.#answered(errand, outcome.answer);
  }

  #answered({ service, admission }: Errand, answer: Answer): Decision {
    if (admission === undefined) return this.#answer(service, answer);
    const instead = admission.instead(answer);
    admission.end();
    return this.#answer(service, instead);
  }

  #answer(service: Service, answer: Answer): Decision {
    return { kind: 'answer', service: service.name, answer };
  }

  /** What is left to say for a request that its instance turned away. */
  #settle(errand: Errand, outcome: Outcome): Forward | Answer {
    if (outcome.kind === 'taken') return new Forwarding(errand, outcome);
    const { head, service, admission } = errand;
    const answer = outcome.kind === 'refused' ? outcome.answer : this.#excuses.unavailable(head, service, {});
    const told = admission === undefined ? answer : admission.instead(answer);
    admission?.end();
    return told;
  }

  /** Nobody is there: whoever is about to come is waited for a little. */
  #nobody(errand: Errand, route: ServiceRoute, outcome: Nobody): Decision | Promise<Decision> {
    const { service, wish, client } = errand;
    const inVain = (): Decision => this.#inVain(errand, route, outcome);
    if (outcome.full === true || !this.#isHopeful(service, route)) return inVain();
    const attempt = async (): Promise<Decision | undefined> => {
      const late = await service.take(wish, client);
      return late.kind === 'nobody' ? undefined : this.#decided(errand, late);
    };
    return this.#patiently(service, route, attempt, inVain, client);
  }

  #inVain(errand: Errand, route: ServiceRoute, { full }: Nobody): Decision {
    const { head, service } = errand;
    const hindrance = full === true ? undefined : hindranceOf(service.instances);
    if (hindrance !== undefined)
      return this.#answered(errand, this.#excuses.hindered(head, service, hindrance));
    return this.#answered(errand, this.#unavailable(head, service, route, full === true));
  }

  async #patiently(
    service: Service,
    route: ServiceRoute,
    attempt: () => Promise<Decision | undefined>,
    inVain: () => Decision,
    client: Client | undefined,
  ): Promise<Decision> {
    const { clock } = this.#options.outside;
    const until = clock.now() + patienceMs;
    for (;;) {
      const decision = await attempt();
      if (decision !== undefined) return decision;
      const left = until - clock.now();
      if (left <= 0 || !this.#isHopeful(service, route)) return inVain();
      await this.#options.change(left);
      if (client?.hasLeft === true) return inVain();
    }
  }

  #isHopeful(service: Service, route: ServiceRoute): boolean {
    return meant(service, route).some(isComing);
  }

  #unavailable(head: RequestHead, service: Service, route: ServiceRoute, full: boolean): Answer {
    return this.#excuses.unavailable(head, service, { only: meant(service, route), full });
  }
}

function meant(service: Service, { instance }: ServiceRoute): Service['instances'] {
  return instance === undefined
    ? service.instances
    : service.instances.filter(({ index }) => index === instance);
}

function wishOf(head: RequestHead, service: Service, { instance }: ServiceRoute): Wish {
  const { spec } = service;
  const sticks = spec.requests.affinity === 'cookie';
  if (instance === undefined && !sticks && spec.role !== 'backend') return anybody;
  const index = sticks ? indexIn(head.headers, cookieName(spec.name)) : undefined;
  return {
    type: 'normal',
    without: nobodyYet,
    ...(instance === undefined ? {} : { directed: instance }),
    ...(index === undefined ? {} : { prefer: `${spec.name}.${index}` }),
    ...(spec.role === 'backend' ? { path: pathOf(head.target) } : {}),
  };
}
