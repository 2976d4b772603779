/** What the front layer answers by itself, in the exact words of spec 2.1 and 2.7. */

import type { Answer, Headers } from '../outside.ts';
import { byteLength } from '../proxy/answers.ts';
import { fromByteText } from '../proxy/byte-text.ts';
import { serverSoftware } from './environment.ts';

/** A short text, or nothing. */
export function plainAnswer(status: number, body: string, headers: Headers = []): Answer {
  return answerOf(status, body, body === '' ? headers : [['Content-Type', 'text/plain'], ...headers]);
}

export function htmlAnswer(status: number, body: string, headers: Headers = []): Answer {
  return answerOf(status, body, [['Content-Type', 'text/html'], ...headers]);
}

function answerOf(status: number, body: string, headers: Headers): Answer {
  return { status, headers: [...headers, ['Content-Length', String(byteLength(body))]], body };
}

/** To another address, which must be a whole one: a path that begins with two slashes would lead to another host. */
export function redirect(status: 301 | 302 | 303 | 307, url: string): Answer {
  return {
    ...htmlAnswer(
      status,
      `<html><head><title>Moved</title></head><body>This page is at <a href="${escaped(url)}">${escaped(url)}</a>.</body></html>`,
      [['Location', url]],
    ),
  };
}

/** No handler matches (HP-38). */
export function unhandled(path: string): Answer {
  return htmlAnswer(
    404,
    `<html><head><title>Not Found</title></head><body>The url "${escaped(fromByteText(path))}" does not match any handlers.</body></html>`,
  );
}

/** 401, in the reference's own words for the status. */
export function unauthorized(body: string): Answer {
  return {
    ...htmlAnswer(401, escaped(body), [['Cache-Control', 'no-cache']]),
    reason: 'Not authorized',
  };
}

/** Something went wrong that nobody has foreseen (spec 2.1, 9). */
export const brokenDown: Answer = { status: 500, headers: [['Content-Length', '0']], body: '' };

/** Every answer tells whose it is, and nobody else's word about that stands (HP-46). */
export function signed(answer: Answer): Answer {
  return { ...answer, headers: signedHeaders(answer.headers) };
}

export function signedHeaders(headers: Headers): Headers {
  return [...headers.filter(([name]) => name.toLowerCase() !== 'server'), ['Server', serverSoftware]];
}

/** As the reference escapes, so that quotes stay. Good between tags and, as no address holds quotes, in those links. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
