/**
 * What the front door says itself: for a service that cannot answer, and where there is no service to ask.
 *
 * Plain profile: a page for browsers, plain text for everybody else, 503 (or what the fault calls for) and when to
 * ask again. Reference form (`appengine`): 500, the exact sentence, and what the child wrote to stderr.
 */

import { catalogue } from '../../faults/catalogue.ts';
import type { Answer, Headers, RequestHead } from '../outside.ts';
import { pageOf } from './page.ts';
import { type Situation, type Story, storyOf } from './situation.ts';
import { headerOf } from './target.ts';
import { textOf } from './text.ts';

/**
 * Marks an answer as ours, with what it is about. A service's own answer never bears it, so that scripts, and our
 * page, can tell one from the other.
 */
export const marker = 'X-Local-Runtimes';

/** Marks the requests with which our page asks whether the service is up. Waiting is no use to them. */
const pollMarker = 'X-Local-Runtimes-Poll';

/** Whether our page is asking how things are: it wants to know now, and is not to be held until they are well. */
export function isPoll(head: RequestHead): boolean {
  return headerOf(head.headers, pollMarker.toLowerCase()) !== undefined;
}

/** The answer to our page's question when the service could answer by now. The question itself never gets there. */
export function up(): Answer {
  return {
    status: 204,
    headers: [
      ['Cache-Control', 'no-store'],
      [marker, 'up'],
    ],
    body: '',
  };
}

/** The answer to a request for a service that cannot answer it. */
export function unavailable(head: RequestHead, situation: Situation): Answer {
  const story = storyOf(situation);
  return situation.profile === 'appengine' ? referenceAnswer(story) : kindAnswer(head, story);
}

/** Whether the client names HTML among what it takes. A wildcard is not a browser: `curl` sends one. */
export function acceptsHtml(accept: string | undefined): boolean {
  return (accept ?? '').split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    return type === 'text/html' && !parameters.some((parameter) => /^q=0(?:\.0*)?$/u.test(parameter));
  });
}

function kindAnswer(head: RequestHead, story: Story): Answer {
  // Only a GET may be repeated by the page: reloading the answer to a POST would send the POST again.
  const watch =
    head.method !== 'GET' ? 'never' : story.failed && story.state === 'RUNNING' ? 'by-hand' : 'by-itself';
  return answer(
    story.status,
    acceptsHtml(headerOf(head.headers, 'accept')) ? { html: pageOf(story, watch) } : { text: textOf(story) },
    [
      ['Retry-After', String(story.retryAfter)],
      [marker, 'unavailable'],
    ],
  );
}

function referenceAnswer({ sentence, reason, headline, words }: Story): Answer {
  const tail = words === undefined ? '' : words.lines.join('\n') + (words.open ? '' : '\n');
  return sentenceAnswer(sentence ?? reason ?? headline, tail);
}

/** Spec 1.10: the sentence, and after an empty line whatever is in the stderr buffer, byte for byte. */
export function sentenceAnswer(sentence: string, stderr: string): Answer {
  const body = sentence + (stderr === '' ? '' : `\n\n${stderr}`);
  return {
    status: 500,
    headers: [
      ['Content-Type', 'text/plain'],
      ['Content-Length', String(byteLength(body))],
      [marker, 'unavailable'],
    ],
    body,
  };
}

/** A mistake of ours, in words. */
export function mistake(reason: string): Answer {
  const row = catalogue.internal;
  return answer(row.http, { text: `${row.message({ reason })}\n${row.hint({ reason }) ?? ''}\n` }, [
    [marker, 'mistake'],
  ]);
}

type Content = { readonly html: string } | { readonly text: string };

/** An answer with the headers that all of ours have. */
export function answer(status: number, content: Content, headers: Headers = []): Answer {
  const body = 'html' in content ? content.html : content.text;
  return {
    status,
    headers: [
      ['Content-Type', `${'html' in content ? 'text/html' : 'text/plain'}; charset=utf-8`],
      ['Content-Length', String(byteLength(body))],
      ['Cache-Control', 'no-store'],
      ...headers,
    ],
    body,
  };
}

/** Bytes in UTF-8, which is what lengths mean on the wire. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}
