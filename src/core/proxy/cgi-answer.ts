/**
 * The header of a CGI program's answer (RFC 3875, 6.3), cut off from the body behind it and read.
 *
 * It is no HTTP head: there is no status line, and lines may end with a bare line feed.
 */

import type { Headers } from '../outside.ts';
import { byteTextOf } from './byte-text.ts';
import { headerOf } from './target.ts';

export interface CgiHead {
  readonly status: number;
  /** The words after the status, where the program gave some. */
  readonly reason?: string;
  /** Without `Status`. In order, names as sent. */
  readonly headers: Headers;
  /** How long the body is, where the program says. */
  readonly length?: number;
}

export type CgiHeadRead =
  | { readonly kind: 'head'; readonly head: CgiHead; readonly rest: Uint8Array }
  | { readonly kind: 'bad'; readonly reason: string };

export class CgiHeadReader {
  readonly #limit: number;
  #text = '';

  /** `limit`: the longest header, in bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether anything has come. */
  get begun(): boolean {
    return this.#text !== '';
  }

  /** Takes the next bytes; undefined while the header is not whole. */
  read(bytes: Uint8Array): CgiHeadRead | undefined {
    const before = this.#text.length;
    // No more than the limit is ever made a text of.
    this.#text += byteTextOf(bytes.subarray(0, this.#limit + 4 - before));
    const blank = /(?:^|\n)\r?\n/gu;
    // The line end before may be the first part of it.
    blank.lastIndex = Math.max(0, before - 2);
    const found = blank.exec(this.#text);
    const end = found === null ? -1 : found.index + found[0].length;
    if (found === null || end > this.#limit) {
      return this.#text.length > this.#limit
        ? { kind: 'bad', reason: `its header is longer than ${this.#limit} bytes` }
        : undefined;
    }
    const head = parse(this.#text.slice(0, found.index).replace(/\r$/u, ''));
    return typeof head === 'string'
      ? { kind: 'bad', reason: head }
      : { kind: 'head', head, rest: bytes.subarray(end - before) };
  }
}

/** The head, or why it is none. */
function parse(text: string): CgiHead | string {
  const headers: (readonly [string, string])[] = [];
  for (const line of text.split(/\r?\n/u)) {
    const found = /^([!#$%&'*+.^_`|~\dA-Za-z-]+):[ \t]*([\t\u0020-\u007E\u0080-\u00FF]*)$/u.exec(line);
    if (found === null) {
      return line.trim() === ''
        ? 'its answer has no header'
        : `a line of its header is none: ${JSON.stringify(line.slice(0, 80))}`;
    }
    headers.push([found[1] ?? '', (found[2] ?? '').trimEnd()]);
  }
  const status = statusOf(headers);
  if (typeof status === 'string') return status;
  const lengths = new Set(headers.filter(([name]) => is(name, 'content-length')).map(([, value]) => value));
  const [length] = lengths;
  if (lengths.size > 1 || (length !== undefined && !/^\d{1,15}$/u.test(length))) {
    return `its Content-Length is none: ${JSON.stringify([...lengths].join(', ').slice(0, 80))}`;
  }
  return {
    ...status,
    headers: headers.filter(([name]) => !is(name, 'status') && !is(name, 'content-length')),
    ...(length === undefined ? {} : { length: Number(length) }),
  };
}

/** `Status: 404 Not Found`; without it 302 where there is a `Location`, else 200. */
function statusOf(headers: Headers): { status: number; reason?: string } | string {
  const said = headerOf(headers, 'status');
  if (said === undefined) return { status: headerOf(headers, 'location') === undefined ? 200 : 302 };
  const [, digits, reason = ''] = /^(\d{3})(?:[ \t]+(.*))?$/u.exec(said) ?? [];
  const status = Number(digits);
  // 1xx is not for a CGI program to say: it would be an answer that is followed by another one.
  if (!(status >= 200 && status <= 599)) return `its status is none: ${JSON.stringify(said.slice(0, 80))}`;
  return { status, ...(reason === '' ? {} : { reason }) };
}

function is(name: string, other: string): boolean {
  return name.toLowerCase() === other;
}
