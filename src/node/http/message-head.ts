/** Writes heads: each character of the text is one byte on the wire. */

import { STATUS_CODES } from 'node:http';
import type { Headers, RequestHead } from '../../core/outside.ts';
import { type BodyLength, hasBodyByKind } from './head-reader.ts';

/** The header lines, without the empty one. */
export function linesOf(headers: Headers): string {
  let text = '';
  for (const [name, value] of headers) text += `${name}: ${value}\r\n`;
  return text;
}

export function statusLine(status: number, reason: string | undefined): string {
  return `HTTP/1.1 ${status} ${reason ?? STATUS_CODES[status] ?? ''}\r\n`;
}

/** The chunk that a piece becomes: what stands before it. */
export function chunkHead(length: number): string {
  return `${length.toString(16)}\r\n`;
}

/** The end of a body in chunks. */
export function lastChunk(trailers: Headers): string {
  return trailers.length === 0 ? '0\r\n\r\n' : `0\r\n${linesOf(trailers)}\r\n`;
}

/** Methods that mean nothing by a body. For others, one that is missing is told of as an empty one. */
const bodiless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'DELETE']);

export function isBodiless(method: string): boolean {
  return bodiless.has(method);
}

export type Framing = 'length' | 'chunked' | 'until-close' | 'none';

/** How the body of a response to that request is framed, whose length the instance told in that way. */
export function framingOf({ method, version }: RequestHead, status: number, body: BodyLength): Framing {
  if (!hasBodyByKind(method, status)) return 'none';
  if (typeof body === 'number') return 'length';
  // HTTP/1.0 knows no chunks.
  return version === '1.1' ? 'chunked' : 'until-close';
}

let second = -1;
let line = '';

/** What every response is to say when it says no time of its own (RFC 9110, 6.6.1). */
export function dateLine(): string {
  const now = Math.floor(Date.now() / 1000);
  if (now !== second) {
    second = now;
    line = `Date: ${new Date(now * 1000).toUTCString()}\r\n`;
  }
  return line;
}

/**
 * Why headers of our own making cannot be sent; those that were read from a wire always can.
 *
 * The attack (header injection): a text with a line end in it, or with a character whose low byte is one, becomes a
 * header of its own, or a whole response.
 */
export function unsendable(headers: Headers): string | undefined {
  for (const header of headers) {
    if (!isSendable(header))
      return `the header ${JSON.stringify(header[0])} has characters that cannot be sent`;
  }
  return undefined;
}

/** Those of them that can be sent. */
export function sendable(headers: Headers): Headers {
  return headers.filter(isSendable);
}

function isSendable([name, value]: Headers[number]): boolean {
  return /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/u.test(name) && /^[\t\u0020-\u007E\u0080-\u00FF]*$/u.test(value);
}

/** Whether a response is one that may last for ever. */
export function isEventStream(headers: Headers): boolean {
  for (const [name, value] of headers) {
    if (name.length === 12 && value.startsWith('text/event-stream') && name.toLowerCase() === 'content-type')
      return true;
  }
  return false;
}

/** A host and port as they stand in a `Host` header. */
export function authorityOf(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
