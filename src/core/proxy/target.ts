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

/**
 * Why a head must not be acted on although it could be parsed, and the status that says so.
 *
 * The attack behind each (request smuggling, or slipping past the guard on host names): two readers of one message
 * that disagree about where it ends or whom it is for. What is ambiguous is refused rather than repaired.
 */
export function refusal(
  head: RequestHead,
): { readonly status: 400 | 501 | 505; readonly reason: string } | undefined {
  // The parser lets `HTTP/2.0` and `HTTP/0.9` pass on a request line; what they frame like is anybody's guess.
  if (head.version !== '1.1' && head.version !== '1.0') {
    return { status: 505, reason: 'Only HTTP/1.0 and HTTP/1.1 are spoken here.' };
  }
  // We would judge one name and the instance serve the other.
  if (head.headers.filter(([name]) => name.toLowerCase() === 'host').length > 1) {
    return { status: 400, reason: 'The request has more than one Host header.' };
  }
  const codings = listOf(head.headers, 'transfer-encoding');
  if (codings.length === 0) return undefined;
  // HTTP/1.0 knows no chunks: a reader that goes by the version takes the body for the next request.
  if (head.version === '1.0') return { status: 400, reason: 'HTTP/1.0 has no Transfer-Encoding.' };
  if (codings.length === 1 && codings[0]?.toLowerCase() === 'chunked') return undefined;
  return { status: 501, reason: 'The only transfer coding that is understood here is "chunked".' };
}
