/**
 * What is written and changes nothing, because of what stands beside it or is not there. All of it runs as it is, so
 * these are warnings.
 */

import { resolvePath } from '../base/path.ts';
import type { Problem } from '../faults/fault.ts';
import { problem } from '../faults/make.ts';
import { type DispatchUrl, dispatchUrl } from './dispatch-url.ts';
import { ourSpelling, type Spelling } from './appengine.ts';
import type { LoadInput } from './input.ts';
import type { AppEngineSpec, DispatchRule, ScalingSpec } from './spec.ts';
import { type At, child, entryOf, type Tree } from './tree.ts';

/** Rules behind one that has all of their requests. */
export function tellUnreachedRules(rules: readonly DispatchRule[], problems: Problem[]): void {
  const before: { readonly rule: DispatchRule; readonly url: DispatchUrl }[] = [];
  for (const rule of rules) {
    const url = dispatchUrl(rule.url);
    if (typeof url === 'string') continue;
    const first = before.find((each) => covers(each.url, url));
    if (first === undefined) before.push({ rule, url });
    else
      problems.push(
        problem('no-effect', rule.source, {
          key: 'dispatch',
          reason: `"${rule.url}" never has a request, since "${first.rule.url}" in line ${first.rule.source.line} has all of them`,
          hint: 'Move it up, before the one that takes more, or remove it.',
        }),
      );
  }
}

/** Whether every address of the second is one of the first. */
function covers(first: DispatchUrl, second: DispatchUrl): boolean {
  const host = first.hostIsExact
    ? second.hostIsExact && first.host === second.host
    : second.host.endsWith(first.host);
  const path = first.pathIsExact
    ? second.pathIsExact && first.path === second.path
    : second.path.startsWith(first.path);
  return host && path;
}

const everyPath: ReadonlySet<string> = new Set(['.*', '/.*', '(.*)', '/(.*)', '(/.*)', '/?.*']);

/** @param tree What is written under `appengine`. */
export function tellPointlessOfApplication(
  tree: Tree | undefined,
  spec: AppEngineSpec,
  scaling: ScalingSpec | undefined,
  kindOf: LoadInput['kindOf'],
  problems: Problem[],
): void {
  const tell = (key: string, at: At | undefined, reason: string, hint: string): void => {
    if (at !== undefined) problems.push(problem('no-effect', at, { key: `appengine.${key}`, reason, hint }));
  };
  if (scaling?.kind !== 'automatic') {
    const hint = 'Set "scaling: automatic" beside "appengine", or remove it.';
    const services = entryOf(tree, 'inboundServices');
    if (spec.inboundServices.includes('warmup'))
      tell('inboundServices', services?.key, 'nobody is asked to warm up without "scaling: automatic"', hint);
    const restarts = entryOf(tree, 'restartOnChange');
    if (spec.restartOnChange !== 'always')
      tell('restartOnChange', restarts?.key, 'it counts only with "scaling: automatic"', hint);
  }
  if (scaling === undefined && spec.backgroundThreads > 0)
    tell(
      'backgroundThreads',
      entryOf(tree, 'backgroundThreads')?.key,
      'only a service with "scaling" has background threads',
      'Set "scaling: manual" beside "appengine", or remove it.',
    );
  tellSecured(tree, spec, tell);
  tellPointlessHandlers(tree, spec, kindOf, ourSpelling, problems);
}

/** Handlers that no request reaches, and those for files that are not there. */
export function tellPointlessHandlers(
  tree: Tree | undefined,
  spec: AppEngineSpec,
  kindOf: LoadInput['kindOf'],
  spelling: Spelling,
  problems: Problem[],
): void {
  tellUnreachedHandlers(tree, spec, spelling, problems);
  if (kindOf !== undefined) tellMissingFiles(tree, spec, kindOf, spelling, problems);
}

type Tell = (key: string, at: At | undefined, reason: string, hint: string) => void;

function tellSecured(tree: Tree | undefined, { handlers }: AppEngineSpec, tell: Tell): void {
  for (const { secure, source } of handlers)
    if (secure !== 'optional')
      tell(
        'handlers.secure',
        entryOf(itemAt(tree, 'handlers', source), 'secure')?.key,
        'the front door speaks HTTP only, so it has no effect here',
        'Leave it for App Engine, or remove it.',
      );
}

function tellUnreachedHandlers(
  tree: Tree | undefined,
  { handlers }: AppEngineSpec,
  { prefix }: Spelling,
  problems: Problem[],
): void {
  let all: string | undefined;
  for (const { url, serves, source } of handlers) {
    const at = child(itemAt(tree, 'handlers', source), 'url')?.at;
    if (all !== undefined && at !== undefined)
      problems.push(
        problem('no-effect', at, {
          key: `${prefix}handlers.url`,
          reason: `"${url}" never has a request, since "${all}" before it takes everything`,
          hint: 'Move it up, before the one that takes everything, or remove it.',
        }),
      );
    // One that serves files may leave a request to those behind it.
    else if (all === undefined && serves.kind === 'script' && everyPath.has(url)) all = url;
  }
}

/** Files and folders that are served and not there. They may still come, so nothing is refused for it. */
function tellMissingFiles(
  tree: Tree | undefined,
  { root, handlers, errorHandlers }: AppEngineSpec,
  kindOf: NonNullable<LoadInput['kindOf']>,
  { prefix, of }: Spelling,
  problems: Problem[],
): void {
  const look = (
    key: string,
    at: At | undefined,
    path: string,
    isFolder: boolean,
    meanwhile: string,
  ): void => {
    const found = kindOf(resolvePath(root, path));
    if (at === undefined || (found !== undefined && isFolder === (found === 'folder'))) return;
    const what = isFolder ? 'folder' : 'file';
    problems.push(problem('missing-file', at, { key: `${prefix}${key}`, what, path, meanwhile }));
  };
  const notFound = 'Requests for it are answered with 404 until there is one.';
  for (const { serves, source } of handlers) {
    const item = itemAt(tree, 'handlers', source);
    if (serves.kind === 'static-dir')
      look(`handlers.${of('staticDir')}`, child(item, of('staticDir'))?.at, serves.folder, true, notFound);
    if (serves.kind !== 'static-files') continue;
    // Up to the first group, whose text nobody knows.
    const [known = ''] = serves.path.split('\\');
    const isWhole = known === serves.path;
    const path = isWhole ? known : known.slice(0, known.lastIndexOf('/') + 1);
    if (path !== '')
      look(`handlers.${of('staticFiles')}`, child(item, of('staticFiles'))?.at, path, !isWhole, notFound);
  }
  for (const { file, source } of errorHandlers)
    look(
      `${of('errorHandlers')}.file`,
      child(itemAt(tree, of('errorHandlers'), source), 'file')?.at,
      file,
      false,
      'Until there is one, errors are answered with "Failed to load error handler".',
    );
}

/** The part of the file that became a handler, which keeps its place. */
function itemAt(tree: Tree | undefined, key: string, source: object): Tree | undefined {
  const list = child(tree, key);
  return list?.kind === 'list' ? list.items.find(({ at }) => at === source) : undefined;
}

/** A door that listens on more than this machine. */
export function tellOpenDoor(host: string, at: At | undefined, problems: Problem[]): void {
  if (at === undefined || host === '' || isLoopback(host)) return;
  problems.push(problem('open-door', at, { host }));
}

function isLoopback(host: string): boolean {
  return /^(?:127(?:\.\d+){3}|\[?::1\]?|localhost)$/i.test(host);
}
