/**
 * Lays a story out as a page: small, complete in itself, and nothing in it can run but our own script.
 *
 * What a child printed is shown to a browser here, and it may print whatever an attacker told it (a request's
 * path in a log line is enough). So every text goes through `markup`, and a content security policy names our
 * script and style by their hashes: if an escape were ever forgotten, what got in would still not run.
 */

import { type Html, markup } from './html.ts';
import { script, scriptHash } from './page-script.ts';
import { style, styleHash } from './page-style.ts';
import type { StateName, Story } from './situation.ts';
import { clipped, plainText, runsOf } from './terminal.ts';

/** How a state feels; it picks the colour. */
export type Mood = 'calm' | 'busy' | 'waiting' | 'troubled' | 'good';

/**
 * What a page does about its situation: asks again by itself, leaves that to the person, or warns of it.
 *
 * Asking again by itself must not become harm. A request that brings its service down would, sent again as soon as
 * the service is up, keep it down, or bring down the next instance. So the page's questions are answered by us and
 * never reach the service, and a page whose own request failed leaves reloading to the person.
 */
export type Watch = 'by-itself' | 'by-hand' | 'never';

export interface Page {
  readonly title: string;
  /** The value of our marker header that this page comes with. */
  readonly kind: string;
  readonly mood: Mood;
  readonly state: string;
  readonly watch: Watch;
  /** The request for this very page failed. */
  readonly failed: boolean;
  readonly main: Html;
}

/** A whole document around the middle of a page. */
export function document({ title, kind, mood, state, watch, failed, main }: Page): string {
  const policy =
    `default-src 'none'; script-src '${scriptHash}'; style-src '${styleHash}'; ` +
    "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'";
  return markup`<!doctype html>
<html lang="en" data-kind="${kind}" data-state="${state}" data-mood="${mood}" data-watch="${watch}" data-failed="${failed ? 'yes' : 'no'}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" href="data:image/svg+xml,${favicon(mood)}">
<style>${{ html: style }}</style>
${watch === 'by-itself' && !failed ? refresh : undefined}
</head>
<body>
${main}
<script>${{ html: script }}</script>
</body>
</html>
`.html;
}

/** Where scripts are switched off. */
const refresh = markup`<noscript><meta http-equiv="refresh" content="2"></noscript>`;

/** The page for a service that cannot answer. */
export function pageOf(story: Story, watch: Watch): string {
  return document({
    title: `${story.service} · ${story.state}`,
    kind: 'unavailable',
    mood: moodOf(story.state, story.reason !== undefined),
    state: story.state,
    watch,
    failed: story.failed,
    main: markup`<main>
<header>
<p id="state" data-live>${stateBadge(story.state)}${optional(story.exit, (exit) => markup`<span class="exit">${exit}</span>`)}</p>
<h1 id="headline" aria-live="polite" data-live>${story.headline}</h1>
<p id="next" class="next" data-live>${story.next}</p>
</header>
<div id="why" data-live>${why(story)}</div>
<div id="instances" data-live>${instances(story)}</div>
<section id="stderr" aria-label="Output" data-live>${lastWords(story)}</section>
<footer><span id="note">${note(story, watch)}</span><span>Local Runtimes, for ${story.service} · ${story.status}</span></footer>
</main>`,
  });
}

function why({ reason, sentence, hint }: Story): readonly Html[] {
  return [
    ...optional(reason, (text) => markup`<p class="reason">${plainText(text.split('\n'))}</p>`),
    ...optional(sentence, (text) => markup`<pre class="sentence">${plainText(text.split('\n'))}</pre>`),
    ...optional(hint, (text) => markup`<p class="hint">${bulb}<span>${text}</span></p>`),
  ];
}

function instances(story: Story): Html | undefined {
  if (story.instances.length === 0) return undefined;
  const items = story.instances.map(({ name, state, detail }) => {
    const mood = moodOf(state, detail !== undefined);
    return markup`<li data-mood="${mood}"><span class="name">${name}</span>${stateBadge(state)}<span class="detail">${plainText([detail ?? ''])}</span></li>`;
  });
  return markup`<ul aria-label="Instances">${items}</ul>`;
}

function lastWords({ words }: Story): Html | undefined {
  if (words === undefined) return undefined;
  const runs = runsOf(clipped(words.lines)).map(({ text, styles }) =>
    styles.length === 0 ? markup`${text}` : markup`<span class="${styles.join(' ')}">${text}</span>`,
  );
  const of = words.instance === undefined ? '' : ` of ${words.instance}`;
  return markup`<h2>Last words${of} on ${words.stream}</h2><pre tabindex="0">${runs}</pre>`;
}

function note({ service, failed }: Story, watch: Watch): string {
  const notes: Readonly<Record<Watch, string>> = {
    'by-itself': failed
      ? `This page says when ${service} is up again. Reloading it sends your request once more.`
      : `This page reloads by itself once ${service} answers.`,
    'by-hand': 'Reload this page to ask again.',
    never: 'This page does not reload by itself: that would send your request again.',
  };
  return notes[watch];
}

function optional(text: string | undefined, show: (text: string) => Html): readonly Html[] {
  return text === undefined ? [] : [show(text)];
}

// -------------------------------------------------------------------------------------------------- states

/** The mood of a state, and the one it has when something is wrong besides. */
const moods: Readonly<Record<StateName, readonly [well: Mood, troubled: Mood]>> = {
  STOPPED: ['calm', 'calm'],
  STARTING: ['busy', 'busy'],
  RUNNING: ['good', 'waiting'],
  BACKOFF: ['waiting', 'waiting'],
  STOPPING: ['busy', 'busy'],
  EXITED: ['calm', 'troubled'],
  FATAL: ['troubled', 'troubled'],
  UNKNOWN: ['calm', 'calm'],
};

export function moodOf(state: StateName, troubled: boolean): Mood {
  return moods[state][troubled ? 1 : 0];
}

/** A state as icon and word; colour alone would not tell everybody. */
export function stateBadge(state: StateName, word: string = state): Html {
  return markup`<span class="state"><svg viewBox="0 0 16 16" aria-hidden="true">${{ html: icons[state] }}</svg>${word}</span>`;
}

const ring = '<circle cx="8" cy="8" r="6.2"/>';
const spinner =
  '<circle cx="8" cy="8" r="6.2" opacity=".25"/><path class="spin" d="M8 1.8a6.2 6.2 0 0 1 6.2 6.2"/>';

const icons: Readonly<Record<StateName, string>> = {
  STOPPED: ring,
  STARTING: spinner,
  RUNNING: `${ring}<path d="M5.2 8.2l2 2 3.6-4"/>`,
  BACKOFF: `${ring}<path d="M8 4.6V8l2.2 1.6"/>`,
  STOPPING: spinner,
  EXITED: `${ring}<path d="M5.4 8h5.2"/>`,
  FATAL: `${ring}<path d="M5.8 5.8l4.4 4.4m0-4.4l-4.4 4.4"/>`,
  UNKNOWN: `${ring}<path d="M6.3 6.4a1.7 1.7 0 1 1 2.4 1.6c-.5.2-.7.5-.7 1M8 11.2v.1"/>`,
};

const bulb = markup`<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M6 13h4M6.5 15h3M8 1.2a4.4 4.4 0 0 0-2.6 8c.4.3.6.7.6 1.1v.5h4v-.5c0-.4.2-.8.6-1.1A4.4 4.4 0 0 0 8 1.2z"/></svg>`;

const dots: Readonly<Record<Mood, string>> = {
  calm: '8b949e',
  busy: '2f81f7',
  waiting: 'd29922',
  troubled: 'f85149',
  good: '3fb950',
};

/** A dot in the mood's colour for the browser's tab. */
function favicon(mood: Mood): string {
  return `%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='6' fill='%23${dots[mood]}'/%3E%3C/svg%3E`;
}
