/**
 * Has a client come back to the instance that it had before, by a cookie of each service (`affinity: cookie`).
 *
 * Nothing but the index of an instance stands in it, and nothing is believed of it: an index that there is not, or
 * whose instance is not ready, is ignored, and the answer brings a new cookie. The instance gets to see it with the
 * other cookies, since taking it out would mean to rewrite a header that is the client's.
 */

import type { Headers } from '../outside.ts';

/** Cookies know no ports, so the name tells the service; a name may hold what a cookie's may not. */
export function cookieName(service: string): string {
  const safe = service.replace(/[^\w.-]/gu, (sign) => `-${sign.codePointAt(0)?.toString(16) ?? ''}-`);
  return `local-runtimes-${safe}`;
}

/** The index that a client's cookie tells; undefined where there is none. */
export function indexIn(headers: Headers, name: string): number | undefined {
  for (const [key, value] of headers) {
    if (key.length !== 'cookie'.length || key.toLowerCase() !== 'cookie') continue;
    const index = indexOf(value, name);
    if (index !== undefined) return index;
  }
  return undefined;
}

function indexOf(cookies: string, name: string): number | undefined {
  for (const part of cookies.split(';')) {
    const pair = part.trim();
    if (!pair.startsWith(name) || pair[name.length] !== '=') continue;
    const value = pair.slice(name.length + 1);
    if (/^\d{1,6}$/u.test(value)) return Number(value);
  }
  return undefined;
}

/** Without an expiry: it goes when the browser does. */
export function cookieFor(name: string, index: number): Headers {
  return [['Set-Cookie', `${name}=${index}; Path=/; HttpOnly; SameSite=Lax`]];
}
