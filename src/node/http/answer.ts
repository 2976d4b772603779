/** Gives a client an answer of our own, framed as its body is long. */

import type { Answer, Headers } from '../../core/outside.ts';
import { mistake } from '../../core/proxy/answers.ts';
import { hasBodyByKind } from './head-reader.ts';
import { unsendable } from './message-head.ts';
import type { ClientSide } from './sides.ts';

/** Sends an answer of ours, unless something went to the client already or it has left. */
export function sendAnswer(client: ClientSide, answer: Answer, isLast = false): void {
  if (client.hasBegun || client.exchange.over) return;
  const wrong = unsendableAnswer(answer);
  if (wrong !== undefined) {
    sendAnswer(client, mistake(wrong), isLast);
    return;
  }
  const { status, reason } = answer;
  const { method } = client.exchange.head;
  const body = bytesOf(answer);
  const { headers, told, closes, hasDate } = sorted(answer.headers);
  const isEmpty = status === 204 || status === 304;
  // To HEAD it is told how long the body would be that is left out, if anybody knows.
  const length = method === 'HEAD' && body.length === 0 ? told : String(body.length);
  const framed: Headers =
    isEmpty || length === undefined ? headers : [...headers, ['Content-Length', length]];
  client.exchange.answered(status);
  client.respond({
    status,
    reason: cleaned(reason),
    headers: framed,
    body: body.length,
    hasDate,
    isLast: isLast || closes,
  });
  if (hasBodyByKind(method, status) && body.length > 0) client.write(body);
  client.end([]);
}

/** Why it is no answer that can be sent. A status below 200 would leave the client waiting for the real one. */
function unsendableAnswer({ status, headers }: Answer): string | undefined {
  if (!Number.isInteger(status) || status < 200 || status > 999) return `${status} is no status of an answer`;
  return unsendable(headers);
}

function bytesOf({ body, bytes }: Answer): Buffer {
  return bytes === undefined ? Buffer.from(body) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

interface Sorted {
  readonly headers: Headers;
  /** The `Content-Length`. */
  readonly told: string | undefined;
  readonly closes: boolean;
  readonly hasDate: boolean;
}

/** Framing and the connection are the plane's own affair. */
function sorted(all: Headers): Sorted {
  const headers: (readonly [string, string])[] = [];
  let told: string | undefined;
  let closes = false;
  let hasDate = false;
  for (const header of all) {
    const name = header[0].toLowerCase();
    if (name === 'content-length') told = /^\d{1,15}$/u.test(header[1]) ? header[1] : undefined;
    else if (name === 'connection') closes ||= /\bclose\b/iu.test(header[1]);
    else if (name !== 'transfer-encoding' && name !== 'keep-alive') {
      hasDate ||= name === 'date';
      headers.push(header);
    }
  }
  return { headers, told, closes, hasDate };
}

/** A reason that cannot be sent is left out: nobody acts on it. */
function cleaned(reason: string | undefined): string | undefined {
  return reason === undefined || !/^[\t\u0020-\u007E\u0080-\u00FF]*$/u.test(reason) ? undefined : reason;
}
