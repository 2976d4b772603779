/** Gives a client an answer of our own, framed as its body is long. */

import type { Answer, Headers } from '../../core/outside.ts';
import { mistake } from '../../core/proxy/answers.ts';
import { hasBodyByKind } from './head-reader.ts';
import { unsendable } from './message-head.ts';
import type { ClientSide } from './sides.ts';

/** Sends an answer of ours, unless something went to the client already or it has left. */
export function sendAnswer(client: ClientSide, answer: Answer, isLast = false): void {
  if (client.hasBegun || client.exchange.over) return;
  const wrong = unsendable(answer.headers);
  if (wrong !== undefined) {
    sendAnswer(client, mistake(wrong), isLast);
    return;
  }
  const { status, reason } = answer;
  const { method } = client.exchange.head;
  const body = answer.bytes === undefined ? Buffer.from(answer.body) : Buffer.from(answer.bytes);
  const { headers, told, closes, hasDate } = sorted(answer.headers);
  const framed: Headers =
    status === 204 || status === 304
      ? headers
      : // An answer to HEAD may tell the length of what it leaves out.
        [
          ...headers,
          [
            'Content-Length',
            method === 'HEAD' && told !== undefined && body.length === 0 ? told : String(body.length),
          ],
        ];
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
    if (name === 'content-length') told = header[1];
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
