/**
 * Cuts the head of a request or a response off the bytes before it, and reads it strictly (RFC 9112).
 *
 * Pure over bytes. Whatever two readers could understand differently is refused, for what stands behind us may be a
 * more gullible reader: there is no leniency towards clients at all. Towards instances there are two, since nothing
 * stands behind a response but its body: a status line may lack its reason, and an answer in HTTP/1.0 may come in
 * chunks (its connection is not used again).
 */

import type { Headers, RequestHead } from '../../core/outside.ts';
import { inOriginForm } from '../../core/proxy/target.ts';
import { wantsUpgrade } from '../../core/proxy/headers.ts';
import {
  digitsEnd,
  Fields,
  isLineEnd,
  lengthOf,
  methodEnd,
  type Problem,
  problem,
  targetEnd,
  valueEnd,
} from './fields.ts';
import type { Limits } from './limits.ts';

/** How the body of a message is framed: its length, in chunks, or up to the end of the connection. */
export type BodyLength = number | 'chunked' | 'until-close';

export interface RequestRead {
  readonly kind: 'request';
  readonly head: RequestHead;
  readonly body: Exclude<BodyLength, 'until-close'>;
  /** The client wants to go on using its connection. */
  readonly isLasting: boolean;
  /** The client waits for `100 Continue` before it sends its body. */
  readonly expects: boolean;
}

export interface ResponseRead {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly version: string;
  readonly headers: Headers;
  readonly hasDate: boolean;
  /** As the head tells it; that a response to HEAD and some statuses have none is not known here. */
  readonly body: BodyLength;
  readonly contentLength: number | undefined;
  readonly isLasting: boolean;
}

/** Whether a response to that method, with that status, brings the body that its head tells of (RFC 9112, 6.3). */
export function hasBodyByKind(method: string, status: number): boolean {
  return method !== 'HEAD' && status >= 200 && status !== 204 && status !== 304;
}

type HeadLimits = Pick<Limits, 'head' | 'fields'>;

const blankLine = Buffer.from('\r\n\r\n');

/**
 * Where a head ends that begins at `from`: behind its empty line. -1: not yet; or why it never will.
 *
 * `known`: how many of the bytes have been looked through before.
 */
export function headEnd(
  bytes: Buffer,
  from: number,
  known: number,
  { head: limit }: HeadLimits,
): number | Problem {
  const found = bytes.indexOf(blankLine, Math.max(from, known - 3));
  const length = found === -1 ? bytes.length - from : found + 4 - from;
  if (length > limit) {
    const isOneLine = bytes.subarray(from, from + limit).indexOf(lineEnd) === -1;
    return isOneLine
      ? problem('The target of this request is too long.', 414)
      : problem('The head of this request is too long; the cookies may be the reason.', 431);
  }
  return found === -1 ? (strayLineEnd(bytes, Math.max(from, known - 1)) ?? -1) : found + 4;
}

const lineEnd = Buffer.from('\r\n');

/** Who ends lines with a line feed alone waits for an answer that would never come; it had better be told. */
function strayLineEnd(bytes: Buffer, from: number): Problem | undefined {
  for (let at = bytes.indexOf(10, from); at !== -1; at = bytes.indexOf(10, at + 1)) {
    if (at === 0 || bytes[at - 1] !== 13) return problem('A line of the head ends with a bare line feed.');
  }
  return undefined;
}

/** Whether these bytes can be the beginning of a request; a hello of TLS, for one, cannot. */
export function mayBeginRequest(bytes: Buffer, from: number): boolean {
  const first = bytes[from] ?? 65;
  return mayBegin(first) || first === 13;
}

/** Where a request begins: empty lines before it are leftovers of some clients' last body (RFC 9112, 2.2). */
export function beginOf(bytes: Buffer): number {
  let at = 0;
  while (at < mostEmptyLines * 2 && bytes[at] === 13 && bytes[at + 1] === 10) at += 2;
  return at;
}

const mostEmptyLines = 4;

/** Whether bytes that come ahead of their time can be a request. */
export function mayBeRequest(bytes: Buffer, remote: string, limits: HeadLimits): boolean {
  const from = beginOf(bytes);
  if (!mayBeginRequest(bytes, from)) return false;
  const end = headEnd(bytes, from, 0, limits);
  if (typeof end === 'object') return false;
  return end === -1 || readRequest(bytes.toString('latin1', from, end), remote, limits).kind === 'request';
}

/** Reads a request's head. The text is all of it, with its empty line. */
export function readRequest(text: string, remote: string, limits: HeadLimits): RequestRead | Problem {
  const afterMethod = methodEnd(text);
  const method = text.slice(0, afterMethod);
  // In capitals: who compares without regard to case would take a `head` for a HEAD, and expect no body after it.
  if (text.charCodeAt(afterMethod) !== 0x20 || afterMethod > mostMethod || !mayBegin(text.charCodeAt(0)))
    return problem('This is not a proper HTTP request.');
  const end = targetEnd(text, afterMethod + 1);
  const target = text.slice(afterMethod + 1, end);
  if (target === '' || text.charCodeAt(end) !== 0x20) return problem('The target of the request is none.');
  const version = versionAt(text, end + 1);
  if (typeof version !== 'string') return version;
  if (!isLineEnd(text, end + 9)) return problem('The request line does not end after its version.');
  if (method === 'CONNECT') return problem('This is no proxy to connect through.', 405);
  const fields = new Fields();
  const wrong = fields.read(text, end + 11, limits.fields) ?? wrongTarget(method, target, fields);
  if (wrong !== undefined) return wrong;
  const { headers, expect } = fields;
  if (fields.host === undefined && version === '1.1') return problem('No Host header set in request.');
  const body = requestBody(fields, version);
  if (typeof body === 'object') return body;
  const head: RequestHead = {
    method,
    target,
    version,
    headers,
    remote,
    upgrade: fields.hasUpgrade && version === '1.1' && wantsUpgrade(method, headers),
  };
  return {
    kind: 'request',
    head: target.startsWith('/') ? head : inOriginForm(head),
    body,
    isLasting: isLasting(fields, version),
    expects:
      expect !== undefined && version === '1.1' && body !== 0 && expect.toLowerCase() === '100-continue',
  };
}

/** Letters of the longest method. */
const mostMethod = 32;

/** Whether a method begins with such a letter. */
function mayBegin(code: number): boolean {
  return code >= 65 && code <= 90;
}

/** The digits of a version, which begins there. */
function versionAt(text: string, at: number): '1.0' | '1.1' | Problem {
  if (text.startsWith('HTTP/1.1', at)) return '1.1';
  if (text.startsWith('HTTP/1.0', at)) return '1.0';
  return /^HTTP\/\d\.\d\r\n/u.test(text.slice(at, at + 10))
    ? problem('Only HTTP/1.0 and HTTP/1.1 are spoken here.', 505)
    : problem('The request line names no version of HTTP.');
}

/**
 * A path; or `*` for the server as a whole; or a whole address, as clients send it that take us for a proxy. Were its
 * host and that of `Host` two, some would go by the one and some by the other, so that a guard or a route is passed by.
 */
function wrongTarget(method: string, target: string, fields: Fields): Problem | undefined {
  if (target.charCodeAt(0) === 0x2f || (target === '*' && method === 'OPTIONS')) return undefined;
  const authority = /^https?:\/\/([^/?#@]+)(?:[/?#]|$)/iu.exec(target)?.[1];
  if (authority === undefined) return problem('The target of the request is no path.');
  return fields.host === undefined || fields.host.toLowerCase() === authority.toLowerCase()
    ? undefined
    : problem('The target of the request is of another host than its Host header.');
}

function isLasting(fields: Fields, version: '1.0' | '1.1'): boolean {
  if (fields.connection === undefined) return version === '1.1';
  if (fields.connectionSays('close')) return false;
  return version === '1.1' || fields.connectionSays('keep-alive');
}

function requestBody(fields: Fields, version: string): number | 'chunked' | Problem {
  const { contentLength, transferEncoding } = fields;
  if (transferEncoding === undefined) return contentLength === undefined ? 0 : lengthOf(contentLength);
  // HTTP/1.0 knows no chunks: a reader that goes by the version takes the body for the next request.
  if (version === '1.0') return problem('HTTP/1.0 has no Transfer-Encoding.');
  // One reader knows both and takes one, another one the other (CL.TE and TE.CL).
  if (contentLength !== undefined) return problem('The request tells its length in two ways.');
  return wrongCoding(transferEncoding) ?? 'chunked';
}

function wrongCoding(value: string): Problem | undefined {
  if (value.toLowerCase() === 'chunked') return undefined;
  const codings = value.split(',').map((item) => item.trim().toLowerCase());
  // Chunks that are not the last coding, or come twice, end nobody knows where.
  return codings.indexOf('chunked') !== codings.length - 1 || codings.includes('')
    ? problem(
        'The transfer codings of the request do not end with "chunked".',
        codings.includes('chunked') || codings.includes('') ? 400 : 501,
      )
    : problem('The only transfer coding that is understood here is "chunked".', 501);
}

/** Reads a response's head. The text is all of it, with its empty line. */
export function readResponse(text: string, limits: HeadLimits): ResponseRead | Problem {
  if (!text.startsWith('HTTP/1.1 ') && !text.startsWith('HTTP/1.0 ')) {
    return problem(
      text.startsWith('HTTP/')
        ? 'its version of HTTP is neither 1.0 nor 1.1'
        : 'its answer does not begin with HTTP/1.1',
    );
  }
  const version = text.charCodeAt(7) === 49 ? '1.1' : '1.0';
  const status = Number(text.slice(9, 12));
  const isSpaced = text.charCodeAt(12) === 0x20;
  if (digitsEnd(text, 9) !== 12 || status < 100 || !(isSpaced || isLineEnd(text, 12))) {
    return problem('its status code is none');
  }
  const end = isSpaced ? valueEnd(text, 13) : 12;
  if (!isLineEnd(text, end)) return problem('a control character stands in its status line');
  const fields = new Fields();
  const wrong = fields.read(text, end + 2, limits.fields);
  if (wrong !== undefined) return problem(`its head is none: ${wrong.reason}`);
  const contentLength = fields.contentLength === undefined ? undefined : lengthOf(fields.contentLength);
  if (typeof contentLength === 'object') return problem('its Content-Length is no number of bytes');
  const { transferEncoding } = fields;
  if (transferEncoding !== undefined) {
    if (contentLength !== undefined) return problem('it has both a Content-Length and a Transfer-Encoding');
    if (transferEncoding.toLowerCase() !== 'chunked') {
      return problem(`its transfer coding is not understood (${transferEncoding.slice(0, 80)})`);
    }
  }
  return {
    kind: 'response',
    status,
    reason: isSpaced ? text.slice(13, end) : '',
    version,
    headers: fields.headers,
    hasDate: fields.hasDate,
    body: transferEncoding === undefined ? (contentLength ?? 'until-close') : 'chunked',
    contentLength,
    isLasting: isLasting(fields, version) && !(version === '1.0' && transferEncoding !== undefined),
  };
}
