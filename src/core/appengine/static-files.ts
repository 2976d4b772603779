/**
 * Answers with files of the application (handlers `static_files` and `static_dir`).
 *
 * Looks at what stands at a path, and decides; the data plane sends the bytes. A file is never served from outside
 * the folder that it belongs to, however the path or the links below it are made.
 */

import { resolvePath } from '../../base/path.ts';
import type { AppEngineSpec } from '../../config/spec.ts';
import { fromByteText } from '../proxy/byte-text.ts';
import { notice } from '../proxy/page-notice.ts';
import { plainText } from '../proxy/terminal.ts';
import type { Answer, FileFacts, Files, Headers } from '../outside.ts';
import type { Environment } from './environment.ts';
import { plainAnswer } from './front-answers.ts';
import type { Serves } from './handlers.ts';
import { contentTypeOf } from './content-types.ts';
import { dateOf, httpDate, longAgo } from './dates.ts';
import { isCleanHeader } from './response-headers.ts';

export type FileServes = Extract<Serves, { readonly kind: 'file' | 'folder' }>;

export type FileDecision =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly status: number;
      readonly headers: Headers;
      readonly gone: Answer;
      readonly size: number;
    }
  /** Another handler may have it. */
  | { readonly kind: 'declined' };

export interface FileSite {
  readonly spec: AppEngineSpec;
  readonly files: Pick<Files, 'facts' | 'real'>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Never rejects, as the files do not. */
export async function serveFile(
  serves: FileServes,
  environment: Environment,
  { spec, files, now }: FileSite,
): Promise<FileDecision> {
  const notFound = (): FileDecision =>
    serves.handler.requireMatchingFile === true
      ? { kind: 'declined' }
      : { kind: 'answer', answer: noFile(serves, environment, environment.get('HTTP_ACCEPT')) };
  // The names of files are texts; what is no UTF-8 is no name of any.
  const wanted = fromByteText(serves.path);
  if (serves.kind === 'file' && serves.upload?.test(serves.path) === false) return { kind: 'declined' };
  const root = resolvePath(spec.root, '.');
  const folder = serves.kind === 'file' ? root : resolvePath(root, serves.folder);
  if (!isServable(wanted, folder)) return notFound();
  const path = resolvePath(folder, wanted);
  if (!isBelow(path, folder)) return notFound();
  const facts = await files.facts(path);
  if (facts?.kind !== 'file') return notFound();
  const [real, ...homes] = await Promise.all([files.real(path), files.real(folder), files.real(root)]);
  if (real === undefined || !homes.some((home) => home !== undefined && isBelow(real, home)))
    return notFound();
  const method = environment.get('REQUEST_METHOD');
  if (method !== 'GET' && method !== 'HEAD') {
    return { kind: 'answer', answer: plainAnswer(405, '', [['Allow', 'GET, HEAD']]) };
  }
  const tag = tagOf(facts);
  const condition = conditionOf(environment, tag, facts.modified);
  if (condition === 412) return { kind: 'answer', answer: plainAnswer(412, '') };
  const headers = headersOf(serves, real, tag, facts, spec, now);
  if (condition === 304) {
    // Neither a type nor a length: there is no body that they could speak of.
    const kept = headers.filter(([name]) => !/^content-/iu.test(name));
    return { kind: 'answer', answer: { status: 304, headers: kept, body: '' } };
  }
  // Made for each file, and hardly ever sent: so it is no page.
  const gone = noFile(serves, environment, undefined);
  return { kind: 'file', path: real, status: 200, headers, gone, size: facts.size };
}

/** One answer for whatever is no file, whyever: it tells nobody what else stands in the folder. */
function noFile({ handler }: FileServes, environment: Environment, accept: string | undefined): Answer {
  const path = plainText([fromByteText(environment.get('PATH_INFO') ?? '')]).replaceAll(/[\n\t]/gu, ' ');
  return notice(accept, {
    status: 404,
    kind: 'not-found',
    headline: `There is no file for ${path}`,
    next: `The handler "${handler.url}" answers here. It serves files, and this path leads to none of them.`,
  });
}

/**
 * Whether a path names a file that an application would bring to production at all.
 *
 * The attacks: a nought byte ends a path for the system and not for us; on Windows a backslash parts folders, and a
 * colon names a drive or another stream of a file; `.env` and `.git` stand in many a folder that is served.
 */
function isServable(path: string, folder: string): boolean {
  if (path === '' || path.includes('\0')) return false;
  if (!folder.startsWith('/') && /[\\:]/u.test(path)) return false;
  return !path
    .split('/')
    .some((segment) => segment === '..' || (segment.startsWith('.') && segment !== '.well-known'));
}

function isBelow(path: string, folder: string): boolean {
  const within = /[\\/]$/u.test(folder) ? folder : folder + (folder.startsWith('/') ? '/' : '\\');
  return path.startsWith(within);
}

function tagOf({ modified, size }: FileFacts): string {
  return `"${Math.floor(modified).toString(36)}-${size.toString(36)}"`;
}

/** What the client's conditions make of it (RFC 9110, 13.2.2). */
function conditionOf(environment: Environment, tag: string, modified: number): 200 | 304 | 412 {
  // Dates on the wire know no milliseconds.
  const since = Math.floor(modified / 1000) * 1000;
  const mustMatch = environment.get('HTTP_IF_MATCH');
  const mustBeOlder = dateOf(environment.get('HTTP_IF_UNMODIFIED_SINCE'));
  if (mustMatch !== undefined ? !names(mustMatch, tag) : mustBeOlder !== undefined && since > mustBeOlder)
    return 412;
  const mustDiffer = environment.get('HTTP_IF_NONE_MATCH');
  const mustBeNewer = dateOf(environment.get('HTTP_IF_MODIFIED_SINCE'));
  if (mustDiffer !== undefined ? names(mustDiffer, tag) : mustBeNewer !== undefined && since <= mustBeNewer)
    return 304;
  return 200;
}

function names(list: string, tag: string): boolean {
  return list.split(',').some((item) => {
    const each = item.trim().replace(/^W\//u, '');
    return each === '*' || each === tag;
  });
}

function headersOf(
  { handler }: FileServes,
  path: string,
  tag: string,
  { modified }: FileFacts,
  spec: AppEngineSpec,
  now: number,
): Headers {
  const seconds = handler.expirationSeconds ?? spec.defaultExpirationSeconds;
  const said = Object.entries(handler.httpHeaders).filter(([name, value]) => isCleanHeader(name, value));
  const { mimeType = '' } = handler;
  const type = mimeType !== '' && isCleanHeader('Content-Type', mimeType) ? mimeType : contentTypeOf(path);
  const named = new Set(said.map(([name]) => name.toLowerCase()));
  const usual: Headers = [
    ['Content-Type', type],
    ['ETag', tag],
    ['Last-Modified', httpDate(modified)],
    ['Cache-Control', seconds === undefined ? 'no-cache' : `public, max-age=${seconds}`],
    ['Expires', seconds === undefined ? longAgo : httpDate(now + seconds * 1000)],
  ];
  return [...usual.filter(([name]) => !named.has(name.toLowerCase())), ...said];
}
