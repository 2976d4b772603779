/**
 * What happens to a message's head on its way through, in each direction: what is dropped, and what is added behind it.
 *
 * Pure functions from head to head, and each looks at every header once. Order, spelling and repetition of what passes
 * stay as they were sent; some clients and servers care about each of them.
 */

import type { Headers, RequestHead } from '../outside.ts';
import { marker } from './answers.ts';
import { type HeaderKind, kindOf } from './header-kinds.ts';
import { headerOf, listOf } from './target.ts';

/** A response's head as an instance sent it. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: Headers;
}

export interface Passage {
  /** Where the instance listens, as a `Host` for clients that sent none (HTTP/1.0). */
  readonly instance: string;
}

type Header = readonly [name: string, value: string];

/** These say what a message means: naming them in `Connection` must not take them away. */
const endToEnd: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'content-type',
  'cookie',
  'authorization',
]);

/**
 * Whether a request asks to leave HTTP for another protocol, and may.
 *
 * `h2c` may not: an instance that agreed would speak HTTP/2 past us, and with it serve requests that no route and
 * no guard has seen (known as h2c smuggling). Nor may a request that brings a body, since where it ends and the new
 * protocol begins is not ours to guess. Both go on as the plain requests they also are.
 */
export function wantsUpgrade(method: string, headers: Headers): boolean {
  return (
    method === 'GET' &&
    listOf(headers, 'connection').some((item) => item.toLowerCase() === 'upgrade') &&
    headerOf(headers, 'upgrade') !== undefined &&
    !listOf(headers, 'upgrade').some((item) => /^h2c?$/iu.test(item)) &&
    !hasBody(headers)
  );
}

/** Whether a request's head announces a body. */
export function hasBody(headers: Headers): boolean {
  const length = headerOf(headers, 'content-length');
  return (
    headerOf(headers, 'transfer-encoding') !== undefined || (length !== undefined && Number(length) !== 0)
  );
}

/** What of a request's headers speaks of more than the client's connection to us. */
export function endToEndOnly(headers: Headers): Headers {
  const named = namedBy(headers, false);
  return headers.filter(([name]) => !isOfOneHop(kindOf(name)) && named?.has(name.toLowerCase()) !== true);
}

// ------------------------------------------------------------------------------------- towards the instance

/**
 * The headers of a request as the instance gets them.
 *
 * 1. What spoke of the client's connection to us ends here, also what `Connection` names.
 * 2. The two headers that make an upgrade are put back, and only these.
 * 3. A body of unknown length goes on in chunks of our own; only then may trailers be announced.
 * 4. A client that likes trailers gets them: we pass them on.
 * 5. HTTP/1.1 wants a `Host`, and every name-based server does.
 * 6. Who asked, how, and under which name (see `tellForwarded`).
 */
export function towardsInstance(head: RequestHead, passage: Passage): Headers {
  const { upgrade } = head;
  const named = namedBy(head.headers, upgrade);
  const passed: Header[] = [];
  let host: string | undefined;
  let takesTrailers = false;
  let isChunked = false;
  let trailer: Header | undefined;
  const told: Told = { addresses: undefined, hasProto: false, hasHost: false, elements: undefined };
  for (const header of head.headers) {
    const kind = kindOf(header[0]);
    // How the body is framed, and what we may send, is ours to know whoever names it.
    if (named !== undefined && kind !== 'te' && kind !== 'coding' && named.has(header[0].toLowerCase()))
      continue;
    switch (kind) {
      case undefined:
      case 'length':
      case 'marker':
        passed.push(header);
        break;
      case 'host':
        host ??= header[1];
        passed.push(header);
        break;
      case 'te':
        takesTrailers ||= /(?:^|,)[ \t]*trailers\b/iu.test(header[1]);
        break;
      case 'coding':
        isChunked = true;
        break;
      case 'trailer':
        trailer = header;
        passed.push(header);
        break;
      case 'forwarded-for':
        told.addresses = joined(told.addresses, header[1]);
        break;
      case 'forwarded':
        told.elements = joined(told.elements, header[1]);
        break;
      case 'forwarded-proto':
        told.hasProto = true;
        passed.push(header);
        break;
      case 'forwarded-host':
        told.hasHost = true;
        passed.push(header);
        break;
      case 'hop':
      case 'connection':
      case 'upgrade':
        break;
    }
  }
  if (upgrade) {
    passed.push(['Connection', 'Upgrade'], ['Upgrade', listOf(head.headers, 'upgrade').join(', ')]);
  }
  if (isChunked) passed.push(['Transfer-Encoding', 'chunked']);
  if (takesTrailers && !upgrade) passed.push(['TE', 'trailers'], ['Connection', 'keep-alive, TE']);
  if (host === undefined) passed.unshift(['Host', passage.instance]);
  tellForwarded(passed, told, { remote: plainAddress(head.remote), host: headerOf(head.headers, 'host') });
  return trailer === undefined || isChunked ? passed : without(passed, 'trailer');
}

/** What proxies before us told of who asked. */
interface Told {
  /** The entries of `X-Forwarded-For`. */
  addresses: string | undefined;
  hasProto: boolean;
  hasHost: boolean;
  /** Those of `Forwarded`. */
  elements: string | undefined;
}

/**
 * Who asked, how, and under which name.
 *
 * The client's address is appended to what proxies before us told. Scheme and name are only told where nobody did:
 * the first proxy is the one that knows what the person typed, and frameworks disagree on which entry of a list
 * to believe. `Forwarded` (RFC 7239) says all of it again, so it is continued where somebody has begun it, and not
 * begun: who finds both has to guess which one to believe.
 */
function tellForwarded(
  passed: Header[],
  { addresses, hasProto, hasHost, elements }: Told,
  asked: { readonly remote: string; readonly host: string | undefined },
): void {
  const { remote, host } = asked;
  if (elements !== undefined) {
    const node = remote.includes(':') ? `"[${remote}]"` : remote;
    const name = host === undefined ? '' : `;host=${quoted(host)}`;
    passed.push(['Forwarded', joined(elements, `for=${node}${name};proto=http`)]);
  }
  passed.push(['X-Forwarded-For', joined(addresses, remote)]);
  if (!hasProto) passed.push(['X-Forwarded-Proto', 'http']);
  if (!hasHost && host !== undefined) passed.push(['X-Forwarded-Host', host]);
}

/** A list, continued. */
function joined(before: string | undefined, value: string): string {
  return before === undefined || before === '' ? value : `${before}, ${value}`;
}

function quoted(text: string): string {
  return /^[\w.~!#$%&'*+^`|-]+$/u.test(text) ? text : `"${text.replace(/["\\]/gu, '\\$&')}"`;
}

/** An IPv4 address that arrived on an IPv6 socket is still an IPv4 address. */
export function plainAddress(remote: string): string {
  return remote.startsWith('::') ? remote.replace(/^::ffff:(?=\d+\.)/iu, '') : remote;
}

// --------------------------------------------------------------------------------------- towards the client

/**
 * The headers of a response as the client gets them. The framing of its body is left to who writes it.
 *
 * 1. What spoke of the instance's connection to us ends here, also what `Connection` names.
 * 2. A response that never has a body must not announce one: some would take the next response for it.
 * 3. Trailers can only follow chunks; where there will be none, they must not be announced.
 * 4. Our mark on our own answers: an instance that relays another front door's answer must not pass for ours.
 * 5. An accepted upgrade keeps the two headers that say so.
 */
export function towardsClient(response: ResponseHead, request: RequestHead): Headers {
  const { status, headers } = response;
  const isSwitch = status === 101;
  const isEmpty = status < 200 || status === 204;
  const named = namedBy(headers, isSwitch);
  const passed: Header[] = [];
  let hasLength = false;
  let hasTrailer = false;
  for (const header of headers) {
    const kind = kindOf(header[0]);
    if (named !== undefined && named.has(header[0].toLowerCase())) continue;
    switch (kind) {
      case 'length':
        hasLength = true;
        if (!isEmpty) passed.push(header);
        break;
      case 'trailer':
        hasTrailer = true;
        passed.push(header);
        break;
      case 'marker':
        break;
      default:
        if (!isOfOneHop(kind)) passed.push(header);
    }
  }
  if (isSwitch) passed.push(['Connection', 'Upgrade'], ['Upgrade', listOf(headers, 'upgrade').join(', ')]);
  const isChunked =
    !hasLength && request.version !== '1.0' && request.method !== 'HEAD' && !isEmpty && status !== 304;
  return hasTrailer && !isChunked ? without(passed, 'trailer') : passed;
}

/** What must not follow a body: it would change how the message is framed, routed or believed (RFC 9110, 6.5.1). */
const notTrailing: ReadonlySet<string> = new Set([
  ...endToEnd,
  'connection',
  'keep-alive',
  'te',
  'transfer-encoding',
  'upgrade',
  'age',
  'cache-control',
  'content-encoding',
  'content-range',
  'date',
  'expect',
  'expires',
  'forwarded',
  'location',
  'max-forwards',
  'range',
  'retry-after',
  'set-cookie',
  'trailer',
  'vary',
  'www-authenticate',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  marker.toLowerCase(),
]);

/** The trailers of a body as they are passed on, in either direction. */
export function trailersOnly(trailers: Headers): Headers {
  return trailers.length === 0 ? trailers : trailers.filter(([name]) => !notTrailing.has(name.toLowerCase()));
}

// -------------------------------------------------------------------------------------------------- shared

function without(headers: Headers, unwanted: string): Headers {
  return headers.filter(([name]) => name.toLowerCase() !== unwanted);
}

function isOfOneHop(kind: HeaderKind | undefined): boolean {
  return kind === 'hop' || kind === 'connection' || kind === 'coding' || kind === 'te' || kind === 'upgrade';
}

/**
 * The headers that `Connection` names, in lower case; undefined: none but those of every hop.
 *
 * They are looked for before anything is added: else a client could name a header of ours in `Connection` and have it
 * taken away again. Naming what gives the message its meaning takes nothing away.
 */
function namedBy(headers: Headers, upgrade: boolean): ReadonlySet<string> | undefined {
  let named: Set<string> | undefined;
  for (const [name, value] of headers) {
    if (name.length !== 10 || isEveryday(value) || name.toLowerCase() !== 'connection') continue;
    named ??= new Set();
    for (const part of value.toLowerCase().split(',')) {
      const item = part.trim();
      if (!endToEnd.has(item) && !(upgrade && item.startsWith('sec-websocket-'))) named.add(item);
    }
  }
  return named;
}

/** What `Connection` mostly says; it names no header. */
function isEveryday(value: string): boolean {
  return value === 'keep-alive' || value === 'close' || value === 'Keep-Alive' || value === 'Upgrade';
}
