/**
 * Decides which service a request is for, and which of its instances where the host name says so.
 *
 * Decisions only: what is answered when it is for none, or when the service cannot, is told in `answers.ts` and
 * `directory.ts`. What the config says is worked out once, not for each request.
 */

import type { RequestHead } from '../outside.ts';
import { foreignOrigin, hostName, isHostAllowed, isListed } from './host.ts';
import { headerOf, pathOf } from './target.ts';

export type Route =
  | {
      readonly kind: 'service';
      readonly service: string;
      /** The index of the only instance that will do. */
      readonly instance?: number;
    }
  /** The list of all services. */
  | { readonly kind: 'directory' }
  | { readonly kind: 'not-found'; readonly path: string }
  /** `nosuch.localhost`: what stands before `.localhost` is no service. */
  | { readonly kind: 'unknown-name'; readonly label: string }
  /** Turned away by the guard against DNS rebinding (see `host.ts`). */
  | { readonly kind: 'forbidden'; readonly host: string }
  /** A page of another host asked for an upgrade (see `host.ts`). */
  | { readonly kind: 'foreign'; readonly origin: string };

export interface RoutingTable {
  /** The host the doors listen on, as configured. */
  readonly host: string;
  /** Names of the services that have a port, in the order of the config. */
  readonly services: readonly string[];
  /** Path prefix → service. A prefix ends at a `/`: `/api` takes `/api` and `/api/users`, not `/apiary`. */
  readonly routes: Readonly<Record<string, string>>;
  /** Which service the rules of a `dispatch.yaml` name for a host and a path, before any prefix is looked at. */
  readonly dispatch?: (host: string, path: string) => string | undefined;
  /** Which service has what neither a rule nor a prefix is for. */
  readonly fallback?: string;
  /** Host names to serve besides those that mean this machine; see `isHostAllowed`. */
  readonly extraHosts?: readonly string[];
}

type ServiceRoute = Extract<Route, { readonly kind: 'service' }>;

/** What a `Host` header comes to, whatever the path. */
interface Known {
  readonly name: string;
  readonly allowed: boolean;
  /** Where it leads by itself. */
  readonly route: ServiceRoute | undefined;
  /** It is made to name one of several services, and names none: whoever got its requests would be the wrong one. */
  readonly stray: Extract<Route, { readonly kind: 'unknown-name' }> | undefined;
}

/** So many spellings of `Host` are remembered; a client that makes up more begins the memory anew. */
const mostHosts = 500;

export class Router {
  readonly #table: RoutingTable;
  /** The longest prefix first. */
  readonly #prefixes: readonly (readonly [prefix: string, route: ServiceRoute])[];
  /** Where a request goes that nothing else is said of. */
  readonly #rest: ServiceRoute | undefined;
  readonly #own = new Map<string, ServiceRoute>();
  readonly #hosts = new Map<string | undefined, Known>();

  constructor(table: RoutingTable) {
    this.#table = table;
    for (const service of table.services) this.#own.set(service, { kind: 'service', service });
    this.#prefixes = Object.entries(table.routes)
      .map(([prefix, service]) => [prefix.replace(/\/+$/u, ''), this.#routeTo(service)] as const)
      .toSorted(([a], [b]) => b.length - a.length);
    const rest = table.fallback ?? (table.services.length === 1 ? table.services[0] : undefined);
    this.#rest = rest === undefined ? undefined : this.#routeTo(rest);
  }

  /**
   * The way through the main front door: by host name, then by the rules of `dispatch.yaml`, then by path, then to the
   * service that has the rest: the default module beside such rules, or the only service there is.
   */
  main(head: RequestHead): Route {
    const host = this.#known(head);
    const turnedAway = this.#guard(head, host);
    if (turnedAway !== undefined) return turnedAway;
    if (host.route !== undefined) return host.route;
    const { target } = head;
    const path = pathOf(target);
    const service = this.#table.dispatch?.(host.name, path);
    if (service !== undefined) return this.#routeTo(service);
    if (host.stray !== undefined) return host.stray;
    for (const [prefix, route] of this.#prefixes) {
      if (path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/'))
        return route;
    }
    if (this.#rest !== undefined) return this.#rest;
    return path === '/' || path === '*' ? { kind: 'directory' } : { kind: 'not-found', path };
  }

  /**
   * The way through a service's own door: always to it, once the guard lets the request pass. The name may say which
   * of its instances it is.
   */
  own(head: RequestHead, service: string): Route {
    const host = this.#known(head);
    const turnedAway = this.#guard(head, host);
    if (turnedAway !== undefined) return turnedAway;
    return host.route?.service === service ? host.route : this.#routeTo(service);
  }

  #guard(head: RequestHead, { allowed }: Known): Route | undefined {
    if (!allowed) return { kind: 'forbidden', host: headerOf(head.headers, 'host') ?? '' };
    if (!head.upgrade) return undefined;
    const origin = foreignOrigin(head, this.#table.host, this.#table.extraHosts);
    return origin === undefined ? undefined : { kind: 'foreign', origin };
  }

  #routeTo(service: string): ServiceRoute {
    return this.#own.get(service) ?? { kind: 'service', service };
  }

  #known(head: RequestHead): Known {
    const host = headerOf(head.headers, 'host');
    const before = this.#hosts.get(host);
    if (before !== undefined) return before;
    const name = host === undefined ? '' : hostName(host);
    const route = this.#byHost(name);
    const known: Known = {
      name,
      allowed: isHostAllowed(host, this.#table.host, this.#table.extraHosts),
      route,
      stray: route === undefined ? this.#strayed(name) : undefined,
    };
    if (this.#hosts.size >= mostHosts) this.#hosts.clear();
    this.#hosts.set(host, known);
    return known;
  }

  /**
   * `api.localhost`, `api.0.localhost` for one instance, and, for services that tell their tenants by name,
   * `tenant.api.localhost`.
   */
  #byHost(name: string): ServiceRoute | undefined {
    if (!name.endsWith('.localhost')) return undefined;
    const label = name.slice(0, -'.localhost'.length);
    const service = this.#named(label);
    if (service !== undefined) return this.#routeTo(service);
    const numbered = /^(.+)\.(\d{1,6})$/u.exec(label);
    const parent = this.#named(numbered?.[1] ?? '');
    return parent === undefined
      ? undefined
      : { kind: 'service', service: parent, instance: Number(numbered?.[2]) };
  }

  #strayed(name: string): Known['stray'] {
    const { services, extraHosts = [], fallback } = this.#table;
    // Beside a default module, an unknown name means what no name would (spec 3.13).
    if (fallback !== undefined) return undefined;
    if (!name.endsWith('.localhost') || services.length < 2 || isListed(name, extraHosts)) return undefined;
    return { kind: 'unknown-name', label: name.slice(0, -'.localhost'.length) };
  }

  #named(label: string): string | undefined {
    return longest(
      this.#table.services.filter((service) => {
        const own = service.toLowerCase();
        return label === own || label.endsWith(`.${own}`);
      }),
    );
  }
}

function longest(names: readonly string[]): string | undefined {
  return names.reduce<string | undefined>(
    (best, name) => (best === undefined || name.length > best.length ? name : best),
    undefined,
  );
}
