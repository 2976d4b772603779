/** Makes of a child's whole answer what the client gets: the passes of spec 2.5, in their order. */

import type { Answer, Headers } from '../outside.ts';
import { without, bodyless, cleaned, replaced, withCaching } from './response-headers.ts';

/** The longest body, in bytes; a longer one becomes a page that says so (HP-27). */
export const responseLimit = 33_554_432;

export interface Response {
  readonly status: number;
  readonly reason?: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** How long the body was, of which no more than the limit need be there. */
  readonly length: number;
}

/** `now`: milliseconds since the epoch. */
export function rewritten(response: Response, method: string, now: number): Answer {
  const { status, reason, body, length } = response;
  const said = reason === undefined || reason === '' ? {} : { reason };
  const clean = cleaned(response.headers);
  if (bodyless.has(status)) return { status, ...said, headers: without(clean, 'content-length'), body: '' };
  const headers = withCaching(clean, now);
  // What it would be is the child's to know.
  if (method === 'HEAD') return { status, ...said, headers, body: '' };
  if (length > responseLimit) return tooLarge(length);
  return {
    status,
    ...said,
    headers: replaced(headers, 'Content-Length', String(length)),
    body: '',
    bytes: body,
  };
}

function tooLarge(length: number): Answer {
  const body = `HTTP response was too large: ${length}. The limit is: ${responseLimit}.\n`;
  return {
    status: 500,
    headers: [
      ['Content-Type', 'text/html'],
      ['Content-Length', String(body.length)],
    ],
    body,
  };
}
