/** The headers of a child's answer as the client gets them (spec 2.5, 2 to 4). */

import type { Headers } from '../outside.ts';
import { headerOf, listOf } from '../proxy/target.ts';
import { dateOf, httpDate, longAgo } from './dates.ts';

/** Statuses that have no body, and so nothing to keep. */
export const bodyless: ReadonlySet<number> = new Set([100, 101, 204, 304]);

const dropped: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'date',
  'keep-alive',
  'proxy-authenticate',
  'server',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-appengine-blobkey',
]);

/**
 * Whether a header may stand in an answer (HP-25): its name in visible ASCII without a colon, its value in printable
 * ASCII. The reference lets the control character 127 pass; it is no part of a header.
 */
export function isCleanHeader(name: string, value: string): boolean {
  return /^[!-9;-~]+$/u.test(name) && /^[ -~]*$/u.test(value);
}

/** 2. and 3. What belongs to one hop or is ours to say goes, and a type is there. */
export function cleaned(headers: Headers): Headers {
  const clean = headers.filter(
    ([name, value]) => !dropped.has(name.toLowerCase()) && isCleanHeader(name, value),
  );
  return headerOf(clean, 'content-type') === undefined ? [...clean, ['Content-Type', 'text/html']] : clean;
}

/**
 * 4. An answer that says nothing about keeping it is not kept, and one that gives a cookie is kept by nobody but the
 * client: a cache in between would give the same cookie, and with it the same session, to everybody.
 */
export function withCaching(headers: Headers, now: number): Headers {
  let all = headers;
  if (headerOf(all, 'cache-control') === undefined) {
    all = [...all, ['Cache-Control', 'no-cache']];
    if (headerOf(all, 'expires') === undefined) all = [...all, ['Expires', longAgo]];
  }
  if (headerOf(all, 'set-cookie') === undefined) return all;
  const expires = dateOf(headerOf(all, 'expires'));
  // Of both, the reference knows whole seconds only.
  if (expires === undefined || expires >= Math.floor(now / 1000) * 1000)
    all = replaced(all, 'Expires', httpDate(now));
  const directives = listOf(all, 'cache-control').filter((each) => each.toLowerCase() !== 'public');
  const isPrivate = directives.some((each) => /^(?:private|no-cache|no-store)$/iu.test(each));
  return replaced(all, 'Cache-Control', [...directives, ...(isPrivate ? [] : ['private'])].join(', '));
}

/** One header of that name and no more, where the first one stood. */
export function replaced(headers: Headers, name: string, value: string): Headers {
  const key = name.toLowerCase();
  const at = headers.findIndex(([each]) => each.toLowerCase() === key);
  const spelled = headers[at]?.[0] ?? name;
  return [
    ...headers.slice(0, at === -1 ? headers.length : at),
    [spelled, value],
    ...headers.slice(at === -1 ? headers.length : at + 1).filter(([each]) => each.toLowerCase() !== key),
  ];
}

export function without(headers: Headers, name: string): Headers {
  return headers.filter(([each]) => each.toLowerCase() !== name);
}
