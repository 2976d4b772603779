/** The way back to the client: a response of an instance piece by piece, or an answer of ours. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from '../../core/outside.ts';
import { headerOf } from '../../core/proxy/target.ts';
import type { Exchange } from './exchange.ts';
import { flat, pairs } from './head.ts';

/** The client's side of an exchange. */
export interface ClientSide {
  readonly exchange: Exchange;
  readonly response: ServerResponse;
}

/** Passes a response's body on as it comes. The head has been written. */
export function relay(incoming: IncomingMessage, response: ServerResponse): void {
  incoming.pipe(response, { end: false });
  incoming.once('end', () => {
    if (incoming.rawTrailers.length > 0) response.addTrailers(pairs(incoming.rawTrailers));
    response.end();
  });
  // Cut off in the middle: so is the client, for a clean end would pass a half for the whole.
  incoming.once('error', () => response.destroy());
  // Bytes that came along with the head go out together with it; a head that came alone goes out alone, at once: a
  // stream of events may be silent for long.
  let begun = false;
  incoming.once('data', () => {
    begun = true;
  });
  setImmediate(() => {
    if (!begun && !response.writableEnded && !response.destroyed) response.flushHeaders();
  });
}

/** Passes on which resources a page will want, told ahead of the page (status 103). */
export function relayEarlyHints(raw: readonly string[], response: ServerResponse): void {
  const links = pairs(raw).flatMap(([name, value]) => (name.toLowerCase() === 'link' ? [value] : []));
  if (links.length === 0 || response.headersSent) return;
  try {
    response.writeEarlyHints({ link: links });
  } catch {
    // Node is strict about the form of a link. A hint may be lost: the response that follows has it too.
    return;
  }
}

/** Sends an answer of ours, unless something went to the client already or it has left. */
export function sendAnswer({ exchange, response }: ClientSide, answer: Answer): void {
  if (response.headersSent || response.closed) return;
  const headers = flat(answer.headers);
  const empty = answer.status === 204 || answer.status === 304;
  if (!empty && headerOf(answer.headers, 'content-length') === undefined) {
    headers.push('Content-Length', String(Buffer.byteLength(answer.body)));
  }
  exchange.answered(answer.status);
  response.writeHead(answer.status, headers);
  response.end(empty || exchange.head.method === 'HEAD' ? undefined : answer.body);
}
