/** Says one thing in our own name, as a page or in plain text: there is no service behind it, and nothing to wait for. */

import type { Answer, Headers } from '../outside.ts';
import { acceptsHtml, answer, marker } from './answers.ts';
import { markup } from './html.ts';
import { document } from './page.ts';

export interface Notice {
  readonly status: number;
  /** The value of our marker header. */
  readonly kind: string;
  readonly headline: string;
  /** Why, or what to do. */
  readonly next: string;
}

/** @param accept The client's `Accept` header. */
export function notice(accept: string | undefined, facts: Notice, headers: Headers = []): Answer {
  const content = acceptsHtml(accept)
    ? { html: pageOf(facts) }
    : { text: `${facts.headline}.\n${facts.next}\n` };
  return answer(facts.status, content, [[marker, facts.kind], ...headers]);
}

function pageOf({ status, kind, headline, next }: Notice): string {
  return document({
    title: `${headline} · Local Runtimes`,
    kind,
    mood: 'calm',
    state: kind,
    watch: 'by-hand',
    failed: false,
    main: markup`<main>
<header>
<h1>${headline}</h1>
<p class="next">${next}</p>
</header>
<footer><span id="note">Reload this page to ask again.</span><span>Local Runtimes · ${status}</span></footer>
</main>`,
  });
}
