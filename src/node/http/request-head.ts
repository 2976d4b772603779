/** The head of a request as it goes over the wire to an instance. */

import type { Forward, Headers, RequestHead, SentHead } from '../../core/outside.ts';
import { towardsInstance } from '../../core/proxy/headers.ts';
import { listOf } from '../../core/proxy/target.ts';
import { authorityOf, isBodiless, linesOf, unsendable } from './message-head.ts';

export interface Outgoing {
  readonly head: RequestHead;
  readonly decision: Forward;
  /** 0: there is no body. */
  readonly bodyLength: number | 'chunked';
}

/** All of it, with its empty line. */
export function requestText(outgoing: Outgoing): string {
  const { head, decision, bodyLength } = outgoing;
  const { host, port, send } = decision;
  if (send !== undefined) return sentText(send, outgoing);
  const headers = towardsInstance(head, { instance: authorityOf(host, port) });
  let text = `${head.method} ${head.target} HTTP/1.1\r\n${linesOf(headers)}`;
  if (bodyLength === 0 && !isBodiless(head.method) && !says(headers, 'content-length'))
    text += 'Content-Length: 0\r\n';
  if (!says(headers, 'connection')) text += connectionLine(decision);
  return `${text}\r\n`;
}

/** A head that comes with the decision: as it is, but for the framing and the connection, which are the plane's own. */
function sentText({ method, target, headers }: SentHead, { decision, bodyLength }: Outgoing): string {
  const own = headers.filter(([name]) => !ofThePlane.has(name.toLowerCase()));
  let framing = '';
  if (bodyLength === 'chunked') framing = 'Transfer-Encoding: chunked\r\n';
  else if (bodyLength > 0 || !isBodiless(method)) framing = `Content-Length: ${bodyLength}\r\n`;
  return `${method} ${target} HTTP/1.1\r\n${linesOf(own)}${framing}${connectionLine(decision)}\r\n`;
}

const ofThePlane: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

function connectionLine({ ownConnection }: Forward): string {
  return `Connection: ${ownConnection === true ? 'close' : 'keep-alive'}\r\n`;
}

/** The protocols that a request may leave HTTP for. */
export function protocolsOf({ upgrade, headers }: RequestHead, { send }: Forward): readonly string[] {
  return upgrade && send === undefined
    ? listOf(headers, 'upgrade').map((name) => name.toLowerCase())
    : noProtocols;
}

const noProtocols: readonly string[] = [];

/** Why a head that comes with the decision cannot be sent; see `unsendable`. */
export function unsendableHead({ method, target, headers }: SentHead): string | undefined {
  return /^[A-Z][A-Z0-9_-]* [!-~]+$/u.test(`${method} ${target}`)
    ? unsendable(headers)
    : 'its request line has characters that cannot be sent';
}

function says(headers: Headers, name: string): boolean {
  for (const [each] of headers) if (each.length === name.length && each.toLowerCase() === name) return true;
  return false;
}
