/**
 * What happens to a message's head on its way through: an ordered list of small passes for each direction.
 *
 * Pure functions from head to head. Order, spelling and repetition of what passes stay as they were sent; some
 * clients and servers care about each of them.
 */

import type { Headers, RequestHead } from '../outside.ts';
import { marker } from './answers.ts';
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

type RequestPass = (headers: Headers, head: RequestHead, passage: Passage) => Headers;
type ResponsePass = (headers: Headers, request: RequestHead, response: ResponseHead) => Headers;

/** Headers that speak of one connection only, so that each hop has its own (RFC 9110, 7.6.1). */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

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
  return withoutHop(headers, false);
}

// ------------------------------------------------------------------------------------- towards the instance

/** The headers of a request as the instance gets them. */
export function towardsInstance(head: RequestHead, passage: Passage): Headers {
  return requestPasses.reduce((headers, pass) => pass(headers, head, passage), head.headers);
}

/** 1. What spoke of the client's connection to us ends here, also what `Connection` names. */
const dropHopByHop: RequestPass = (headers, head) => withoutHop(headers, head.upgrade);

/** 2. The two headers that make an upgrade: put back, and only these. */
const keepUpgrade: RequestPass = (headers, head) =>
  head.upgrade
    ? [...headers, ['Connection', 'Upgrade'], ['Upgrade', listOf(head.headers, 'upgrade').join(', ')]]
    : headers;

/** 3. A body of unknown length goes on in chunks of our own; only then may trailers be announced. */
const frame: RequestPass = (headers, head) =>
  headerOf(head.headers, 'transfer-encoding') === undefined
    ? without(headers, 'trailer')
    : [...headers, ['Transfer-Encoding', 'chunked']];

/** 4. A client that likes trailers gets them: we pass them on. */
const likeTrailers: RequestPass = (headers, head) => [
  ...headers,
  ...(!head.upgrade && listOf(head.headers, 'te').some((item) => /^trailers\b/iu.test(item))
    ? [['TE', 'trailers'] as const, ['Connection', 'keep-alive, TE'] as const]
    : []),
];

/** 5. HTTP/1.1 wants a `Host`, and every name-based server does. */
const ensureHost: RequestPass = (headers, _head, passage) =>
  headerOf(headers, 'host') === undefined ? [['Host', passage.instance], ...headers] : headers;

/**
 * 6. Who asked, how, and under which name.
 *
 * The client's address is appended to what proxies before us told. Scheme and name are only told where nobody did:
 * the first proxy is the one that knows what the person typed, and frameworks disagree on which entry of a list
 * to believe.
 */
const tellForwarded: RequestPass = (headers, head) => {
  const before = listOf(headers, 'x-forwarded-for');
  const rest = without(headers, 'x-forwarded-for');
  const host = headerOf(head.headers, 'host');
  return [
    ...rest,
    ['X-Forwarded-For', [...before, plainAddress(head.remote)].join(', ')],
    ...(headerOf(rest, 'x-forwarded-proto') === undefined ? [['X-Forwarded-Proto', 'http'] as const] : []),
    ...(headerOf(rest, 'x-forwarded-host') === undefined && host !== undefined
      ? [['X-Forwarded-Host', host] as const]
      : []),
  ];
};

const requestPasses: readonly RequestPass[] = [
  dropHopByHop,
  keepUpgrade,
  frame,
  likeTrailers,
  ensureHost,
  tellForwarded,
];

/** An IPv4 address that arrived on an IPv6 socket is still an IPv4 address. */
export function plainAddress(remote: string): string {
  return remote.replace(/^::ffff:(?=\d+\.)/iu, '');
}

// --------------------------------------------------------------------------------------- towards the client

/** The headers of a response as the client gets them. The framing of its body is left to who writes it. */
export function towardsClient(response: ResponseHead, request: RequestHead): Headers {
  return responsePasses.reduce((headers, pass) => pass(headers, request, response), response.headers);
}

const dropResponseHopByHop: ResponsePass = (headers, _request, { status }) =>
  withoutHop(headers, status === 101);

/** An accepted upgrade keeps the two headers that say so. */
const keepSwitch: ResponsePass = (headers, _request, response) =>
  response.status === 101
    ? [...headers, ['Connection', 'Upgrade'], ['Upgrade', listOf(response.headers, 'upgrade').join(', ')]]
    : headers;

/** Trailers can only follow chunks; where there will be none, they must not be announced. */
const dropVainTrailer: ResponsePass = (headers, request, { status }) => {
  const chunked =
    request.version !== '1.0' &&
    request.method !== 'HEAD' &&
    status !== 204 &&
    status !== 304 &&
    headerOf(headers, 'content-length') === undefined;
  return chunked ? headers : without(headers, 'trailer');
};

/** A response that never has a body must not announce one: some would take the next response for it. */
const dropVainLength: ResponsePass = (headers, _request, { status }) =>
  status < 200 || status === 204 ? without(without(headers, 'content-length'), 'trailer') : headers;

/** Our mark on our own answers: an instance that relays another front door's answer must not pass for ours. */
const dropMarker: ResponsePass = (headers) => without(headers, marker.toLowerCase());

const responsePasses: readonly ResponsePass[] = [
  dropResponseHopByHop,
  keepSwitch,
  dropVainTrailer,
  dropVainLength,
  dropMarker,
];

/** What must not follow a body: it would change how the message is framed, routed or believed (RFC 9110, 6.5.1). */
const notTrailing: ReadonlySet<string> = new Set([
  ...hopByHop,
  ...endToEnd,
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

/**
 * Without the headers of one hop, and without those that `Connection` names.
 *
 * The named ones go before anybody rewrites headers: else a client could name a header of ours in `Connection` and
 * have it taken away again. Naming what gives the message its meaning takes nothing away.
 */
function withoutHop(headers: Headers, upgrade: boolean): Headers {
  const named = new Set(
    listOf(headers, 'connection')
      .map((item) => item.toLowerCase())
      .filter((item) => !endToEnd.has(item) && !(upgrade && item.startsWith('sec-websocket-'))),
  );
  return headers.filter(([name]) => {
    const key = name.toLowerCase();
    return !hopByHop.has(key) && !named.has(key);
  });
}
