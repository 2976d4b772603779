/** What the front door says in its own name: which services there are, that one is missing, and whom it turns away. */

import { closest } from '../../base/spelling.ts';
import { catalogue } from '../../faults/catalogue.ts';
import type { Answer, RequestHead } from '../outside.ts';
import { acceptsHtml, answer, marker } from './answers.ts';
import { type Html, markup } from './html.ts';
import { hostName } from './host.ts';
import { document, type Mood, moodOf, stateBadge } from './page.ts';
import type { StateName } from './situation.ts';
import { headerOf } from './target.ts';
import { plainText } from './terminal.ts';

export interface DirectoryEntry {
  readonly name: string;
  /** The one state of all its instances, or `2/3 RUNNING`. */
  readonly state: string;
  /** Why it is in that state, where that is not plain. */
  readonly detail?: string;
  /** Where it answers; none for a service without a port. */
  readonly url?: string;
}

/** The list of all services. */
export function directory(head: RequestHead, entries: readonly DirectoryEntry[]): Answer {
  return listing(head, entries, {
    status: 200,
    kind: 'directory',
    title: 'Services',
    headline: entries.length === 0 ? 'There is no service here yet' : 'Services on this front door',
  });
}

/** No service answers for a path: the list helps to find the one that was meant. */
export function notFound(head: RequestHead, path: string, entries: readonly DirectoryEntry[]): Answer {
  const row = catalogue['not-found'];
  return listing(head, entries, {
    status: row.http,
    kind: 'not-found',
    title: 'Not found',
    headline: asHeadline(row.message({ path: plainText([path]), services: entries.map(({ name }) => name) })),
  });
}

function asHeadline(sentence: string): string {
  return sentence.replace(/\.$/u, '');
}

/**
 * A host name that was made up of a service's, of which there is none: `nosuch.localhost`.
 *
 * @param names Those that there are, by which a door leads to a service.
 */
export function unknownName(
  head: RequestHead,
  label: string,
  names: readonly string[],
  entries: readonly DirectoryEntry[],
): Answer {
  const meant = closest(label, names);
  const port = /:\d+$/u.exec(headerOf(head.headers, 'host') ?? '')?.[0] ?? '';
  return listing(head, entries, {
    status: 404,
    kind: 'not-found',
    title: 'Not found',
    headline: `No service here is called "${plainText([label])}"`,
    ...(meant === undefined ? {} : { meant: `http://${meant.toLowerCase()}.localhost${port}/` }),
  });
}

/** A host name that names an instance which there is not: `api.7.localhost`. */
export function noInstance(
  head: RequestHead,
  { name, service, instances }: { name: string; service: string; instances: readonly string[] },
  entries: readonly DirectoryEntry[],
): Answer {
  const there = instances.length === 0 ? 'it has none now' : `it has ${instances.slice(0, 10).join(', ')}`;
  return listing(head, entries, {
    status: 404,
    kind: 'not-found',
    title: 'Not found',
    headline: `There is no instance ${name} of ${service}: ${there}${instances.length > 10 ? ' and more' : ''}`,
  });
}

/** A request that the guard against DNS rebinding turned away (see `host.ts`). */
export function forbidden(_head: RequestHead, host: string): Answer {
  // Plain text whatever is accepted: this is what a page of an attacker would get to show.
  const text =
    `This door serves this machine only, and does not know the host name "${plainText([host])}".\n` +
    `Open it as localhost or 127.0.0.1.${letIn(hostName(host), 'the name')}\n`;
  return answer(403, { text }, [[marker, 'forbidden']]);
}

/** What to write into the config, for who has such a name; nothing for what can be none. */
function letIn(name: string, what: string): string {
  if (!/^[\w.-]+$/u.test(name)) return '';
  return ` If ${what} is yours, allow it in runtimes.yaml:\n\nfrontDoor:\n  allowedHosts: ['${name}']`;
}

/** For an upgrade that a page of another host has asked for. */
export function foreign(origin: string): Answer {
  const host = /^https?:\/\/([^/]+)$/iu.exec(origin)?.[1];
  const way =
    host === undefined
      ? ' It tells no host that could be allowed: open it from a web server on this machine.'
      : letIn(hostName(host), 'the page');
  const text =
    `A page of "${plainText([origin])}" asked for this connection, and this door serves pages of this machine only.` +
    `${way}\n`;
  return answer(403, { text }, [[marker, 'forbidden']]);
}

interface Listing {
  readonly status: number;
  readonly kind: string;
  readonly title: string;
  readonly headline: string;
  /** The address that was meant, most likely. */
  readonly meant?: string;
}

function listing(head: RequestHead, entries: readonly DirectoryEntry[], facts: Listing): Answer {
  const content = acceptsHtml(headerOf(head.headers, 'accept'))
    ? { html: pageOf(entries, facts) }
    : { text: textOf(entries, facts) };
  return answer(facts.status, content, [[marker, facts.kind]]);
}

function textOf(entries: readonly DirectoryEntry[], { headline, meant }: Listing): string {
  const names = Math.max(0, ...entries.map(({ name }) => name.length));
  const states = Math.max(0, ...entries.map(({ state }) => state.length));
  const lines = entries.map(({ name, state, detail, url }) =>
    [name.padEnd(names), state.padEnd(states), url ?? '', detail === undefined ? '' : plainText([detail])]
      .join('  ')
      .trimEnd(),
  );
  const hint = meant === undefined ? [] : [`Did you mean ${meant} ?`];
  return `${[headline, ...hint, ...(lines.length === 0 ? [] : ['']), ...lines].join('\n')}\n`;
}

function pageOf(
  entries: readonly DirectoryEntry[],
  { kind, title, headline, status, meant }: Listing,
): string {
  return document({
    title: `${title} · Local Runtimes`,
    kind,
    mood: 'calm',
    state: kind,
    watch: 'by-itself',
    failed: false,
    main: markup`<main>
<header>
<h1 id="headline" data-live>${headline}</h1>
${meant === undefined ? undefined : markup`<p class="next">Did you mean ${link(meant)}?</p>`}
</header>
<div id="instances" data-live>${entries.length === 0 ? undefined : markup`<ul aria-label="Services">${entries.map(item)}</ul>`}</div>
<footer><span id="note">This list keeps itself up to date.</span><span>Local Runtimes · ${status}</span></footer>
</main>`,
  });
}

function item({ name, state, detail, url }: DirectoryEntry): Html {
  const { mood, icon } = looks(state);
  return markup`<li data-mood="${mood}"><span class="name">${name}</span>${stateBadge(icon, state)}<span class="detail">${link(url)}${detail === undefined ? undefined : markup` <span>${plainText([detail])}</span>`}</span></li>`;
}

function looks(state: string): { readonly mood: Mood; readonly icon: StateName } {
  const count = /^(\d+)\/\d+ RUNNING$/u.exec(state);
  if (count !== null)
    return count[1] === '0' ? { mood: 'calm', icon: 'STOPPED' } : { mood: 'waiting', icon: 'RUNNING' };
  const name = stateNames.find((known) => known === state) ?? 'UNKNOWN';
  return { mood: moodOf(name, false), icon: name };
}

const stateNames: readonly StateName[] = [
  'STOPPED',
  'STARTING',
  'RUNNING',
  'BACKOFF',
  'STOPPING',
  'EXITED',
  'FATAL',
  'UNKNOWN',
];

/** A link to an http(s) address only: a `javascript:` one would be a script by another name. */
function link(url: string | undefined): Html | undefined {
  if (url === undefined || !/^https?:\/\//iu.test(url)) return undefined;
  return markup`<a href="${url}">${url.replace(/\/$/u, '')}</a>`;
}
