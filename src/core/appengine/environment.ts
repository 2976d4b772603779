/**
 * A request in the words of CGI, as the reference hands it from pass to pass: headers are `HTTP_*` keys (spec 2.1, 1).
 *
 * Values are byte texts. Which of them go to the child is told in `request-headers.ts`.
 */

import { toByteText } from '../proxy/byte-text.ts';
import { plainAddress } from '../proxy/headers.ts';
import type { RequestHead } from '../outside.ts';
import type { Addresses } from './front.ts';
import type { Resource } from './path.ts';

export type Environment = ReadonlyMap<string, string>;

/** What the reference's front layer says it is. */
export const serverSoftware = 'Development/2.0';

export const schemeKey = 'wsgi.url_scheme';

/** A client's request, before anything is known of what it is about. */
export function environmentOf(
  head: RequestHead,
  { path, query }: Resource,
  scheme: 'http' | 'https' = 'http',
): Map<string, string> {
  const environment = new Map<string, string>([
    ['REQUEST_METHOD', head.method === '' ? 'GET' : head.method],
    ['PATH_INFO', path],
    ['QUERY_STRING', query],
    ['REMOTE_ADDR', plainAddress(head.remote)],
    ['SERVER_PROTOCOL', `HTTP/${head.version}`],
    [schemeKey, scheme],
  ]);
  for (const [name, value] of head.headers) {
    const key = keyOf(name);
    if (key === undefined) continue;
    const before = environment.get(key);
    environment.set(
      key,
      before === undefined ? value : `${before}${key === 'HTTP_COOKIE' ? '; ' : ', '}${value}`,
    );
  }
  return environment;
}

/**
 * The key of a header; undefined: it has none.
 *
 * The attack: `X_Appengine_User_Is_Admin: 1` and `X-Appengine-User-Is-Admin: 1` are one key in the words of CGI, so
 * whoever looks for headers by their names with hyphens does not see the first, and the child takes it for ours. The
 * same goes for `Content_Length` and for `Transfer_Encoding`. No client needs a name with an underscore.
 */
function keyOf(name: string): string | undefined {
  if (name.includes('_')) return undefined;
  const key = name.toUpperCase().replaceAll('-', '_');
  return key === 'CONTENT_TYPE' || key === 'CONTENT_LENGTH' ? key : `HTTP_${key}`;
}

/** The name of a header, by its key; undefined: it is none. */
export function headerNameOf(key: string): string | undefined {
  if (key === 'CONTENT_TYPE') return 'CONTENT-TYPE';
  return key.startsWith('HTTP_') ? key.slice(5).replaceAll('_', '-') : undefined;
}

/** The text of a `Host` before its last colon; an address in brackets keeps them. */
function serverNameOf(host: string): string {
  const colon = host.lastIndexOf(':');
  return colon === -1 || host.endsWith(']') ? host : host.slice(0, colon);
}

/** What the reference takes from its configuration and its sockets. `port` is the one that the request is for. */
export function placed(environment: Map<string, string>, addresses: Addresses, port: number): void {
  const host = environment.get('HTTP_HOST');
  const name = host === undefined ? addresses.host : serverNameOf(host);
  environment.set('SERVER_NAME', name);
  environment.set('SERVER_PORT', String(port));
  environment.set('DEFAULT_VERSION_HOSTNAME', `${name}:${addresses.main}`);
  environment.set('GAE_SERVER_PORT', String(port));
  if (addresses.api !== undefined) {
    environment.set('API_HOST', addresses.api.host);
    environment.set('API_PORT', String(addresses.api.port));
  }
}

/** What is the same for all requests to a service. */
export function fixedPart(app: {
  readonly application: string;
  readonly module: string;
  readonly version: string;
  /** Tells two starts of one version apart. */
  readonly minor: string;
}): readonly (readonly [string, string])[] {
  return [
    ['GAE_LONG_APP_ID', sendable(app.application)],
    ['GAE_PARTITION', 'dev'],
    ['GAE_MODULE_NAME', sendable(app.module)],
    ['GAE_MODULE_VERSION', sendable(app.version)],
    ['GAE_MINOR_VERSION', app.minor],
    ['SERVER_SOFTWARE', serverSoftware],
  ];
}

/** A name from the config, or of a folder, as a header can have it. */
export function sendable(text: string): string {
  return toByteText(text.replaceAll(/\p{Cc}/gu, ''));
}
