/**
 * The variables of CGI/1.1 (RFC 3875) that a request becomes for a program behind FastCGI.
 *
 * Names and values are texts of bytes. Which script is meant has been found out before, in `fastcgi-script.ts`.
 */

import type { Headers, RequestHead } from '../outside.ts';
import { toByteText } from './byte-text.ts';
import { endToEndOnly, plainAddress } from './headers.ts';
import { hostName } from './host.ts';
import type { Script } from './fastcgi-script.ts';
import { headerOf, listOf, pathOf } from './target.ts';

export type Params = readonly (readonly [name: string, value: string])[];

export interface Serving {
  /** The document root, absolute. */
  readonly root: string;
  readonly script: Extract<Script, { readonly kind: 'script' | 'application' }>;
  /** The address of the door that the request came through. */
  readonly door: { readonly host: string; readonly port: number };
}

export function paramsOf(head: RequestHead, { root, script, door }: Serving): Params {
  const { headers } = head;
  const documentRoot = toByteText(root.replace(/(?!^)\/+$/u, ''));
  const host = headerOf(headers, 'host');
  const secure = isSecure(headers);
  const type = headerOf(headers, 'content-type');
  const length = lengthOf(headers);
  return [
    ['GATEWAY_INTERFACE', 'CGI/1.1'],
    ['SERVER_SOFTWARE', 'local-runtimes'],
    ['SERVER_NAME', nameOfServer(host, door.host)],
    ['SERVER_PORT', String(door.port)],
    ['SERVER_PROTOCOL', `HTTP/${head.version}`],
    ['REQUEST_METHOD', head.method],
    ['REQUEST_SCHEME', secure ? 'https' : 'http'],
    ...(secure ? ([['HTTPS', 'on']] as const) : []),
    ['REQUEST_URI', head.target],
    ['QUERY_STRING', queryOf(head.target)],
    ['DOCUMENT_ROOT', documentRoot],
    ...scriptParams(documentRoot === '/' ? '' : documentRoot, script),
    ...(type === undefined ? [] : [['CONTENT_TYPE', type] as const]),
    ...(length === undefined ? [] : [['CONTENT_LENGTH', length] as const]),
    ['REMOTE_ADDR', plainAddress(head.remote)],
    // PHP refuses to run scripts for whom nobody has redirected to it (`cgi.force_redirect`).
    ['REDIRECT_STATUS', '200'],
    ...headerParams(headers),
  ];
}

function scriptParams(root: string, script: Serving['script']): Params {
  if (script.kind === 'application') {
    return [
      ['SCRIPT_NAME', ''],
      ['PATH_INFO', script.path],
    ];
  }
  return [
    ['SCRIPT_NAME', script.name],
    ['SCRIPT_FILENAME', root + script.name],
    ...(script.rest === '' ? [] : [['PATH_INFO', script.rest] as const]),
  ];
}

/** Headers that are variables of their own, that ended here, or that must never become one. */
const withheld: ReadonlySet<string> = new Set([
  'content-type',
  'content-length',
  // We have answered the expectation ourselves.
  'expect',
  'trailer',
  // The attack is known as httpoxy: `Proxy: evil.example` would become HTTP_PROXY, and many a library takes that for
  // the proxy that the machine's owner wants its own requests to go through.
  'proxy',
]);

/**
 * `HTTP_*`: one variable for each name; repeated headers are joined.
 *
 * A name with an underscore is left out, and so is every other one that is not plain: `X_Foo` and `X-Foo` become the
 * same variable, so that a client could slip in what a proxy before us takes out.
 */
function headerParams(headers: Headers): Params {
  const values = new Map<string, string>();
  for (const [name, value] of endToEndOnly(headers)) {
    const key = name.toLowerCase();
    if (!/^[a-z\d-]+$/u.test(key) || withheld.has(key)) continue;
    const variable = `HTTP_${key.toUpperCase().replaceAll('-', '_')}`;
    const before = values.get(variable);
    const separator = key === 'cookie' ? '; ' : ', ';
    values.set(variable, before === undefined ? value : before + separator + value);
  }
  return [...values];
}

function nameOfServer(host: string | undefined, door: string): string {
  const name = hostName(host ?? (door.includes(':') ? `[${door}]` : door));
  return name.includes(':') ? `[${name}]` : name;
}

/** We speak plain HTTP; a proxy before us, as hosted editors have one, may not. */
function isSecure(headers: Headers): boolean {
  return listOf(headers, 'x-forwarded-proto')[0]?.toLowerCase() === 'https';
}

/** The length of the body as the client told it; undefined when there is none, or when only its end will tell. */
function lengthOf(headers: Headers): string | undefined {
  if (headerOf(headers, 'transfer-encoding') !== undefined) return undefined;
  return headerOf(headers, 'content-length');
}

function queryOf(target: string): string {
  const path = pathOf(target);
  return target[path.length] === '?' ? target.slice(path.length + 1).replace(/#.*$/u, '') : '';
}
