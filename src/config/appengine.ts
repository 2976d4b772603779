/** `appengine`: what is said of an application that is treated as App Engine's local server treats one (spec section 2). */

import type { Static } from 'typebox';
import { patternClause, templateProblem, wholePattern } from '../base/python-pattern.ts';
import type { Problem } from '../faults/fault.ts';
import { problem } from '../faults/make.ts';
import { defaultsOf, type RawService } from './schema.ts';
import { appEngineSchema, type errorHandlerSchema, handlerSchema } from './schema/appengine.ts';
import type { AppEngineSpec, ErrorHandlerSpec, HandlerSpec } from './spec.ts';
import { child, entryOf, type Tree } from './tree.ts';
import { expirationSeconds } from './units.ts';

/** The last key is one of an `app.yaml` alone. */
type RawHandler = Static<typeof handlerSchema> & { readonly requireMatchingFile?: boolean };

/** How the file spells the keys: as we do, or as an `app.yaml` does. */
export interface Spelling {
  /** Before each key, as it is told: `appengine.`. */
  readonly prefix: string;
  readonly of: (key: string) => string;
}

export const ourSpelling: Spelling = { prefix: 'appengine.', of: (key) => key };

export interface Application {
  /** The name of the service. */
  readonly service: string;
  /** The folder that it runs in. */
  readonly cwd: string;
  /** The folder of the workspace, by its name. */
  readonly folderName: string;
  /** The absolute form of a path that is written in a file. */
  readonly resolve: (path: string, file: string) => string;
}

const usual = defaultsOf(appEngineSchema);
const usualHandler = defaultsOf(handlerSchema);

/** @param tree What is written under `appengine`, if anything is. */
export function appEngineOf(
  tree: Tree | undefined,
  written: RawService['appengine'],
  { service, cwd, folderName, resolve }: Application,
  problems: Problem[],
  spelling: Spelling = ourSpelling,
): AppEngineSpec {
  const raw: Partial<NonNullable<typeof written>> = written ?? {};
  const expiration = secondsOf(raw.defaultExpiration);
  return {
    root: raw.root === undefined ? cwd : resolve(raw.root, (child(tree, 'root') ?? tree)?.at.file ?? ''),
    module: raw.module ?? service,
    version: raw.version ?? usual.version ?? '',
    application: raw.application ?? folderName,
    handlers: paired(child(tree, 'handlers'), raw.handlers).flatMap(
      ([item, handler]) => handlerOf(item, handler, spelling, problems) ?? [],
    ),
    errorHandlers: paired(child(tree, spelling.of('errorHandlers')), raw.errorHandlers).flatMap(
      ([item, handler]) => errorHandlerOf(item, handler) ?? [],
    ),
    inboundServices: raw.inboundServices ?? [],
    ...(expiration === undefined ? {} : { defaultExpirationSeconds: expiration }),
    dialect: raw.dialect ?? usual.dialect ?? 'dev',
    restartOnChange: raw.restartOnChange ?? usual.restartOnChange ?? 'always',
    backgroundThreads: raw.backgroundThreads ?? usual.backgroundThreads ?? 0,
  };
}

/** The maps of a list with what is sound in each; what is no map has a problem of its own. */
function paired<T>(
  tree: Tree | undefined,
  values: readonly T[] | undefined,
): readonly (readonly [Tree, Partial<T>])[] {
  const maps = tree?.kind === 'list' ? tree.items.filter((item) => item.kind === 'map') : [];
  return (values ?? []).flatMap((value, index) => {
    const item = maps[index];
    return item === undefined ? [] : [[item, value] as const];
  });
}

function errorHandlerOf(
  { at }: Tree,
  { file, errorCode }: Partial<Static<typeof errorHandlerSchema>>,
): ErrorHandlerSpec | undefined {
  return file === undefined
    ? undefined
    : { file, ...(errorCode === undefined ? {} : { code: errorCode }), source: at };
}

/** Keys of which a part of the value is wrong, not the key. */
const ofValue: ReadonlySet<string> = new Set(['url', 'upload', 'script', 'staticFiles']);
const forStatic = ['mimeType', 'httpHeaders', 'expiration'] as const;

function handlerOf(
  tree: Tree,
  raw: Partial<RawHandler>,
  spelling: Spelling,
  problems: Problem[],
): HandlerSpec | undefined {
  const { url } = raw;
  if (url === undefined) return undefined;
  const wrong = (key: string, reason: string, hint?: string): void => {
    const entry = entryOf(tree, spelling.of(key));
    const at = ofValue.has(key) ? (entry?.value.at ?? tree.at) : (entry?.key ?? tree.at);
    const told = `${spelling.prefix}handlers.${spelling.of(key)}`;
    problems.push(problem('bad-value', at, { key: told, reason, hint }));
  };
  if (raw.upload !== undefined) {
    const upload = wholePattern(raw.upload);
    if ('problem' in upload) wrong('upload', patternClause(upload));
  }
  const pattern = wholePattern(url);
  if ('problem' in pattern) wrong('url', patternClause(pattern));
  else
    for (const key of ['script', 'staticFiles'] as const) {
      const found = raw[key] === undefined ? undefined : templateProblem(raw[key], pattern);
      // It tells of the pattern in the words of our engine; here are those of the file.
      if (found !== undefined) wrong(key, found.problem.replace(/ in ".*"$/su, ` in "${url}"`));
    }
  const ways = (['script', 'staticFiles', 'staticDir'] as const).filter((key) => raw[key] !== undefined);
  if (ways.length > 1)
    wrong(
      ways[1] ?? '',
      `it stands beside "${spelling.of(ways[0] ?? '')}"`,
      'Keep one of them: a handler answers in one way.',
    );
  const isStatic = raw.staticFiles !== undefined || raw.staticDir !== undefined;
  if (raw.upload !== undefined && raw.staticFiles === undefined)
    wrong('upload', `it means nothing without "${spelling.of('staticFiles')}"`, 'Remove it.');
  for (const key of isStatic ? [] : forStatic)
    if (raw[key] !== undefined) wrong(key, 'it means nothing for what is no static file', 'Remove it.');
  const expiration = secondsOf(raw.expiration);
  return {
    url,
    serves:
      raw.staticFiles !== undefined
        ? {
            kind: 'static-files',
            path: raw.staticFiles,
            ...(raw.upload === undefined ? {} : { upload: raw.upload }),
          }
        : raw.staticDir !== undefined
          ? { kind: 'static-dir', folder: raw.staticDir }
          : {
              kind: 'script',
              ...(raw.script === undefined || raw.script === 'auto' ? {} : { script: raw.script }),
            },
    login: raw.login ?? usualHandler.login ?? 'optional',
    onAuthFail: raw.authFailAction ?? usualHandler.authFailAction ?? 'redirect',
    secure: raw.secure ?? usualHandler.secure ?? 'optional',
    redirectCode: raw.redirectHttpResponseCode ?? usualHandler.redirectHttpResponseCode ?? 302,
    ...(raw.mimeType === undefined ? {} : { mimeType: raw.mimeType }),
    httpHeaders: raw.httpHeaders ?? {},
    ...(expiration === undefined ? {} : { expirationSeconds: expiration }),
    ...(raw.requireMatchingFile === true ? { requireMatchingFile: true as const } : {}),
    source: tree.at,
  };
}

function secondsOf(written: string | undefined): number | undefined {
  return written === undefined ? undefined : expirationSeconds(written);
}
