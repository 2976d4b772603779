/**
 * Decides which service a request is for.
 *
 * Decisions only: what is answered when it is for none, or when the service cannot, is told in `answers.ts` and
 * `directory.ts`.
 */

import type { RequestHead } from '../outside.ts';
import { foreignOrigin, hostName, isHostAllowed } from './host.ts';
import { headerOf, pathOf } from './target.ts';

export type Route =
  | { readonly kind: 'service'; readonly service: string }
  /** The list of all services. */
  | { readonly kind: 'directory' }
  | { readonly kind: 'not-found'; readonly path: string }
  /** Turned away by the guard against DNS rebinding (see `host.ts`). */
  | { readonly kind: 'forbidden'; readonly host: string }
  /** A page of another host asked for an upgrade (see `host.ts`). */
  | { readonly kind: 'foreign'; readonly origin: string };

export interface RoutingTable {
  /** The host the door listens on, as configured. */
  readonly host: string;
  /** Names of the services that have a port, in the order of the config. */
  readonly services: readonly string[];
  /** Path prefix → service. A prefix ends at a `/`: `/api` takes `/api` and `/api/users`, not `/apiary`. */
  readonly routes: Readonly<Record<string, string>>;
  /** Host names to serve besides those that mean this machine; see `isHostAllowed`. */
  readonly extraHosts?: readonly string[];
}

/** The way through the main front door: by host name, then by path, then to the only service there is. */
export function routeMain(head: RequestHead, table: RoutingTable): Route {
  const host = headerOf(head.headers, 'host');
  if (!isHostAllowed(host, table.host, table.extraHosts)) return { kind: 'forbidden', host: host ?? '' };
  const origin = foreignOrigin(head, table.host, table.extraHosts);
  if (origin !== undefined) return { kind: 'foreign', origin };
  const path = pathOf(head.target);
  const service =
    byHost(host, table.services) ??
    byPath(path, table.routes) ??
    (table.services.length === 1 ? table.services[0] : undefined);
  if (service !== undefined) return { kind: 'service', service };
  return path === '/' || path === '*' ? { kind: 'directory' } : { kind: 'not-found', path };
}

/** The way through a service's own door: always to it, once the guard lets the request pass. */
export function routeOwn(
  head: RequestHead,
  door: { readonly service: string; readonly host: string; readonly extraHosts?: readonly string[] },
): Route {
  const host = headerOf(head.headers, 'host');
  if (!isHostAllowed(host, door.host, door.extraHosts)) return { kind: 'forbidden', host: host ?? '' };
  const origin = foreignOrigin(head, door.host, door.extraHosts);
  return origin === undefined ? { kind: 'service', service: door.service } : { kind: 'foreign', origin };
}

/** `api.localhost` and, for services that tell their tenants by name, `tenant.api.localhost`. */
function byHost(host: string | undefined, services: readonly string[]): string | undefined {
  if (host === undefined) return undefined;
  const name = hostName(host);
  if (!name.endsWith('.localhost')) return undefined;
  const label = name.slice(0, -'.localhost'.length);
  return longest(
    services.filter(
      (service) => label === service.toLowerCase() || label.endsWith(`.${service.toLowerCase()}`),
    ),
    (service) => service.length,
  );
}

function byPath(path: string, routes: Readonly<Record<string, string>>): string | undefined {
  const entries = Object.entries(routes).map(
    ([prefix, service]) => [prefix.replace(/\/+$/u, ''), service] as const,
  );
  return longest(
    entries.filter(([prefix]) => path === prefix || path.startsWith(`${prefix}/`)),
    ([prefix]) => prefix.length,
  )?.[1];
}

function longest<T>(items: readonly T[], length: (item: T) => number): T | undefined {
  return items.reduce<T | undefined>(
    (best, item) => (best === undefined || length(item) > length(best) ? item : best),
    undefined,
  );
}
