/**
 * What stands between the doors and the services: makes each service's dispatch and layer, counts who is busy with
 * what, and keeps both in step with what becomes of the instances.
 *
 * Knows no request; those pass through `proxy/requests.ts`.
 */

import type { FrontDoorSpec, ServiceSpec } from '../config/spec.ts';
import type { FrontLayer } from './appengine/front.ts';
import { frontLayer } from './appengine/layer.ts';
import { RequestIds } from './appengine/request-ids.ts';
import type { Definitions } from './definitions.ts';
import { dispatchOf } from './dispatching.ts';
import type { FrontDoors } from './front-door.ts';
import { type HandsOptions, ServiceHands } from './hands.ts';
import type { Instance } from './instance.ts';
import type { StateName } from './model.ts';
import type { Orders } from './orders.ts';
import type { Outside } from './outside.ts';
import type { Surroundings } from './process/surroundings.ts';
import { Accounts } from './proxy/accounts.ts';
import { RequestViews } from './request-views.ts';
import type { Roster } from './roster.ts';
import type { Dispatch } from './scaling/dispatch.ts';
import type { ServiceParts } from './service.ts';
import type { Supervision } from './supervisor/supervision.ts';
import type { Topology } from './topology/topology.ts';

export interface ReceptionOptions {
  readonly outside: Outside;
  readonly roster: Roster;
  readonly supervision: Supervision;
  /** What the config says of doors, as it was last taken over. */
  readonly frontDoor: () => FrontDoorSpec;
  /** Those that are made after this; asked for when something happens. */
  readonly others: () => {
    readonly doors: FrontDoors;
    readonly orders: Orders;
    readonly definitions: Definitions;
    readonly topology: Topology;
  };
  /** A view of services has changed. */
  readonly shown: () => void;
}

export class Reception {
  readonly #options: ReceptionOptions;
  readonly accounts: Accounts;
  readonly views: RequestViews;
  /** Of App Engine's requests: unique among all that are live. */
  readonly #ids = new RequestIds();

  constructor(options: ReceptionOptions) {
    this.#options = options;
    const { roster, others, shown } = options;
    const { clock } = options.outside;
    this.accounts = new Accounts({ clock, tell: (instance, facts) => instance.note(facts) });
    this.views = new RequestViews({
      clock,
      roster,
      urlOf: (service, index) => others().doors.urlOfInstance(service, index),
      shown,
    });
  }

  /** What each service is made with. */
  parts(around: Surroundings): ServiceParts {
    const { outside, roster, others } = this.#options;
    const hands = this.#hands();
    return {
      around,
      layerOf: ({ spec }) => this.#layerOf(spec),
      dispatchOf: (service) =>
        dispatchOf({
          outside,
          service,
          complete: () => others().topology.complete(),
          hands: new ServiceHands(service, hands),
          isHalted: (instance) => others().orders.isHalted(instance),
          isWaiting: (instance) => others().orders.isWaiting(instance),
          isNeeded: () => roster.isNeeded(service.name),
        }),
    };
  }

  #hands(): HandsOptions {
    const { supervision, others } = this.#options;
    return {
      wake: (instance) => others().orders.wake([instance]),
      rest: (instance) => others().orders.rest(instance),
      grow: (service) => others().definitions.grow(service),
      shrink: (service, instance) => others().definitions.shrink(service, instance),
      changed: (service, instance) => this.views.look(service, instance),
      say: (level, text) => supervision.say(level, text),
    };
  }

  #layerOf(spec: ServiceSpec): FrontLayer | undefined {
    const { outside, frontDoor, supervision, others } = this.#options;
    if (spec.profile !== 'appengine' || spec.appengine === undefined) return undefined;
    return frontLayer({
      spec,
      files: outside.files,
      clock: outside.clock,
      ids: this.#ids,
      allowedHosts: frontDoor().allowedHosts,
      addresses: () => {
        const { doors, topology } = others();
        const main = doors.portOf() ?? 0;
        const api = topology.api();
        return {
          host: 'localhost',
          balanced: doors.portOf(spec.name) ?? main,
          main: doors.portOf('default') ?? main,
          ...(api === undefined ? {} : { api }),
        };
      },
      log: (level, line) => supervision.say(level, line),
    });
  }

  /** It is being stopped: requests first, where it has any. */
  part(instance: Instance): Promise<void> | undefined {
    return (
      this.#dispatchOf(instance)?.part?.(instance) ??
      this.accounts.part(instance, instance.spec.requests.drainMs)
    );
  }

  /** It is in another state. */
  moved(instance: Instance, to: StateName): void {
    this.#dispatchOf(instance)?.moved(instance, to);
    this.views.lookAt([instance]);
  }

  /** Something else about it has changed. */
  noticed(instance: Instance): void {
    this.#dispatchOf(instance)?.noticed?.(instance);
  }

  #dispatchOf(instance: Instance): Dispatch | undefined {
    return this.#options.roster.services.get(instance.spec.name)?.dispatch;
  }

  /** Nothing is decided or told any more. */
  dispose(): void {
    this.accounts.dispose();
    this.views.dispose();
    for (const service of this.#options.roster.services.values()) service.dispose();
  }
}
