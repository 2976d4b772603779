/** Reads the request line's target, and puts its rarer forms into the everyday one. */

import type { Headers, RequestHead } from '../outside.ts';

/**
 * The head with its target as path and query.
 *
 * A target may be absolute (`GET http://example.test/a`), as clients send it that take us for a forward proxy.
 * Then its authority counts and `Host` does not (RFC 9112, 3.2.2): were both believed, the guard against
 * rebinding could look at one name while the instance acts on the other. So `Host` is replaced by it.
 */
export function inOriginForm(head: RequestHead): RequestHead {
  const match = /^https?:\/\/([^/?#]*)([^#]*)/iu.exec(head.target);
  if (match === null) return head;
  const authority = (match[1] ?? '').replace(/^.*@/u, '');
  const rest = match[2] ?? '';
  return {
    ...head,
    target: rest.startsWith('/') ? rest : `/${rest}`,
    headers: [['Host', authority], ...head.headers.filter(([name]) => name.toLowerCase() !== 'host')],
  };
}

/** The path of a target, without its query. */
export function pathOf(target: string): string {
  const end = target.search(/[?#]/u);
  return end === -1 ? target : target.slice(0, end);
}

/** The first header of that name (lower case), or undefined. */
export function headerOf(headers: Headers, name: string): string | undefined {
  return headers.find(([key]) => key.toLowerCase() === name)?.[1];
}

/** All values of a header that is a comma-separated list, trimmed, over all its lines. */
export function listOf(headers: Headers, name: string): readonly string[] {
  return headers
    .filter(([key]) => key.toLowerCase() === name)
    .flatMap(([, value]) => value.split(','))
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

export interface Refusal {
  readonly status: 400 | 501 | 505 | 508;
  readonly reason: string;
}

/**
 * Why a head must not be acted on although it could be parsed, and the status that says so.
 *
 * The attack behind each (request smuggling, or slipping past a route or the guard on host names): two readers of one
 * message that disagree about where it ends or whom it is for. What is ambiguous is refused rather than repaired.
 */
export function refusal(head: RequestHead): Refusal | undefined {
  // The parser lets `HTTP/2.0` and `HTTP/0.9` pass on a request line; what they frame like is anybody's guess.
  if (head.version !== '1.1' && head.version !== '1.0') {
    return { status: 505, reason: 'Only HTTP/1.0 and HTTP/1.1 are spoken here.' };
  }
  const target = refusedTarget(head);
  if (target !== undefined) return { status: 400, reason: target };
  let hosts = 0;
  let encoded = false;
  let hops = 0;
  // Few names have the length of one that matters, so most are not even put into lower case.
  for (const [name, value] of head.headers) {
    switch (name.length) {
      case 'host'.length:
        if (name.toLowerCase() !== 'host') break;
        hosts += 1;
        // We would judge one name and the instance serve the other.
        if (hosts > 1) return { status: 400, reason: 'The request has more than one Host header.' };
        if (!plainHost.test(value)) return { status: 400, reason: 'The Host header names no host.' };
        break;
      case 'content_length'.length:
        if (isSpelledAs(name, 'content_length')) return lookalike;
        break;
      case 'transfer_encoding'.length:
        if (isSpelledAs(name, 'transfer_encoding')) return lookalike;
        encoded ||= name.toLowerCase() === 'transfer-encoding';
        break;
      case 'x-forwarded-for'.length:
        if (name.toLowerCase() === 'x-forwarded-for') hops += value.split(',').length;
        break;
    }
  }
  if (hops >= mostHops) {
    return {
      status: 508,
      reason:
        `The request has come by ${hops} proxies: it goes round in a circle.\n` +
        'Something behind this front door sends it back here. Give that one the address of the service it needs.',
    };
  }
  return encoded ? refusedCoding(head) : undefined;
}

/** Letters, digits and what addresses are made of: nothing that ends a name for one reader and not for another. */
const plainHost = /^[\w.~%:[\]-]*$/u;

/**
 * How many proxies a request may have come by.
 *
 * The attack, mostly an accident: an instance that passes on what it cannot answer to the front door, which passes it
 * on to the instance, until neither has a socket left. Each turn adds an entry to `X-Forwarded-For`. Far fewer stand
 * between a person and a program: a front door, a dev server, a front door again.
 */
const mostHops = 20;

/**
 * The attack: behind CGI, WSGI and their like, `Content_Length` and `Content-Length` are the same variable. A body that
 * we frame by the one would be read by the other.
 */
const lookalike: Refusal = {
  status: 400,
  reason: 'The request has a header that some take for Content-Length or Transfer-Encoding.',
};

function isSpelledAs(name: string, underscored: string): boolean {
  return name.includes('_') && name.toLowerCase().replaceAll('-', '_') === underscored;
}

/**
 * Only a path, or `*` of the server as a whole: what stands before an instance's own address may not be added to it
 * (`@evil.example` becomes `http://127.0.0.1:3000@evil.example` in many a program). A `#` ends the path for who looks
 * for the route, and is a part of it for who serves it.
 */
function refusedTarget({ method, target }: RequestHead): string | undefined {
  if (!target.startsWith('/') && !(target === '*' && method === 'OPTIONS')) {
    return 'The target of the request is no path.';
  }
  return target.includes('#') ? 'The target of the request has a fragment.' : undefined;
}

function refusedCoding(head: RequestHead): Refusal | undefined {
  const codings = listOf(head.headers, 'transfer-encoding');
  // HTTP/1.0 knows no chunks: a reader that goes by the version takes the body for the next request.
  if (head.version === '1.0') return { status: 400, reason: 'HTTP/1.0 has no Transfer-Encoding.' };
  // One reader knows both and takes one, another one the other (CL.TE and TE.CL).
  if (headerOf(head.headers, 'content-length') !== undefined) {
    return { status: 400, reason: 'The request tells its length in two ways.' };
  }
  if (codings.length === 1 && codings[0]?.toLowerCase() === 'chunked') return undefined;
  return { status: 501, reason: 'The only transfer coding that is understood here is "chunked".' };
}
