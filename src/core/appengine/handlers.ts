/**
 * Which handler has a request: the application's own in their order, between those that are built in (spec 2.1, 7; 3.7).
 *
 * Whether the user may have it, and what it answers, is told elsewhere.
 */

import { expandTemplate, wholePattern } from '../../base/python-pattern.ts';
import type { AppEngineSpec, HandlerSpec } from '../../config/spec.ts';
import { toByteText } from '../proxy/byte-text.ts';

/** What has to be known of any handler before it may answer. */
type Guarded = Pick<HandlerSpec, 'login' | 'onAuthFail' | 'secure' | 'redirectCode'>;

export type Serves =
  | { readonly kind: 'script'; readonly script?: string | undefined }
  | {
      readonly kind: 'file';
      readonly handler: HandlerSpec;
      readonly path: string;
      readonly upload?: RegExp | undefined;
    }
  | { readonly kind: 'folder'; readonly handler: HandlerSpec; readonly folder: string; readonly path: string }
  | { readonly kind: 'login' }
  | { readonly kind: 'logout' };

export interface Handling {
  readonly guarded: Guarded;
  readonly serves: Serves;
}

interface Handler {
  readonly guarded: Guarded;
  readonly pattern: RegExp;
  serve(match: RegExpExecArray): Serves;
}

export class Handlers {
  readonly #handlers: readonly Handler[];

  /** `broken` is told of patterns that cannot be read: their handlers never match. A config that was checked has none. */
  constructor(spec: AppEngineSpec, broken: (handler: HandlerSpec, reason: string) => void) {
    const own = spec.handlers.flatMap((handler) => {
      const read = ownHandler(handler);
      if (!('problem' in read)) return [read];
      broken(handler, read.problem);
      return [];
    });
    const scripts = own.filter((_, at) => spec.handlers[at]?.serves.kind === 'script');
    const isTaken = (path: string) => scripts.some(({ pattern }) => pattern.test(path));
    this.#handlers = [
      ...(spec.inboundServices.includes('warmup') && !isTaken('/_ah/warmup')
        ? [internal('/_ah/warmup', spec.scripts?.warmup)]
        : []),
      ...(isTaken('/_ah/start') ? [] : [internal('/_ah/start', spec.scripts?.start)]),
      builtIn('/_ah/login', { kind: 'login' }),
      builtIn('/_ah/logout', { kind: 'logout' }),
      ...own,
      ...(isModern(spec.handlers) ? [everything] : []),
    ];
  }

  /**
   * Those that match a decoded path, in order: a handler may decline, and then it is the next one's turn.
   *
   * The attack: `//admin/x` is no path of a handler for `/admin/.*`, but many a framework behind it takes it for
   * `/admin/x`, which would be reached without the login. So a handler that wants one has such paths, too.
   */
  *matching(path: string): Generator<Handling> {
    const folded = path.includes('//') ? path.replaceAll(/\/{2,}/gu, '/') : undefined;
    for (const handler of this.#handlers) {
      const match =
        handler.pattern.exec(path) ??
        (folded === undefined || handler.guarded.login === 'optional' ? null : handler.pattern.exec(folded));
      if (match !== null) yield { guarded: handler.guarded, serves: handler.serve(match) };
    }
  }

  /** The script that a request of ours would have. */
  scriptOf(path: string): string | undefined {
    for (const { serves } of this.matching(path)) if (serves.kind === 'script') return serves.script;
    return undefined;
  }
}

const open: Guarded = { login: 'optional', onAuthFail: 'redirect', secure: 'optional', redirectCode: 302 };

/** What is left goes to the child. */
const everything: Handler = { guarded: open, pattern: /^[^]*$/u, serve: () => ({ kind: 'script' }) };

/** For requests of our own alone: a client who wants to try one has to log in as an administrator. */
function internal(path: string, script: string | undefined): Handler {
  return {
    guarded: { ...open, login: 'admin' },
    pattern: new RegExp(`^${path}$`, 'u'),
    serve: () => ({ kind: 'script', script }),
  };
}

function builtIn(path: string, serves: Serves): Handler {
  return { guarded: open, pattern: new RegExp(`^${path}$`, 'u'), serve: () => serves };
}

/**
 * Whether the runtime is one of the modern ones, whose child takes all that no handler has: it names no script, or
 * says `auto`. What it names for requests of our own, as a backend does for its start, tells nothing of that.
 */
function isModern(handlers: readonly HandlerSpec[]): boolean {
  return handlers.every(
    ({ url, serves }) =>
      url.startsWith('/_ah/') ||
      serves.kind !== 'script' ||
      serves.script === undefined ||
      serves.script === 'auto',
  );
}

function ownHandler(handler: HandlerSpec): Handler | { readonly problem: string } {
  const { serves } = handler;
  // Paths are bytes here, and so are patterns.
  const url = toByteText(handler.url);
  switch (serves.kind) {
    case 'script': {
      const { script } = serves;
      return matched(wholePattern(url), handler, (match) => ({
        kind: 'script',
        script: script === undefined ? undefined : expandTemplate(toByteText(script), match),
      }));
    }
    case 'static-files': {
      const path = toByteText(serves.path);
      const upload = serves.upload === undefined ? undefined : wholePattern(toByteText(serves.upload));
      if (upload !== undefined && 'problem' in upload) return upload;
      return matched(wholePattern(url), handler, (match) => ({
        kind: 'file',
        handler,
        path: expandTemplate(path, match),
        upload,
      }));
    }
    case 'static-dir': {
      const { folder } = serves;
      return matched(wholePattern(url.replace(/\/+$/u, ''), '/([^]*)'), handler, (match) => ({
        kind: 'folder',
        handler,
        folder,
        path: match.at(-1) ?? '',
      }));
    }
  }
}

function matched(
  pattern: RegExp | { readonly problem: string },
  guarded: Guarded,
  serve: Handler['serve'],
): Handler | { readonly problem: string } {
  return 'problem' in pattern ? pattern : { guarded, pattern, serve };
}
