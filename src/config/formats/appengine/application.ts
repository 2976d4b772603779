/** What the profile and the recipes are told of an application: its handlers, its files, and what its runtime decides. */

import { nameOf, resolvePath } from '../../../base/path.ts';
import { patternClause, wholePattern } from '../../../base/python-pattern.ts';
import type { Problem } from '../../../faults/fault.ts';
import { problem } from '../../../faults/make.ts';
import { appEngineOf } from '../../appengine.ts';
import { scalarsOf } from '../../scope.ts';
import type { AppEngineSpec, ProjectSpec } from '../../spec.ts';
import { child, isBlank, type MapTree } from '../../tree.ts';
import { type Raw, type Reading, theirs } from './reading.ts';
import { memoryOf, type Row, rowOf } from './runtimes.ts';

export function applicationOf(
  { tree, raw, file, chosen, around }: Reading,
  name: string,
  root: string,
  isAutomatic: boolean,
): AppEngineSpec {
  const { input, problems } = around;
  const row = rowOf(chosen.row, 'dev');
  const { application, version } = raw;
  const spec = appEngineOf(
    tree,
    {
      root,
      ...(application === undefined ? {} : { application: String(application) }),
      module: name,
      ...(version === undefined ? {} : { version: String(version) }),
      handlers: (raw.handlers ?? []).map((each) => ours(each, row)),
      errorHandlers: (raw.error_handlers ?? []).map(({ file: path, error_code: code }) => ({
        ...(path === undefined ? {} : { file: path }),
        ...(code === undefined ? {} : { errorCode: String(code) }),
      })),
      inboundServices: (raw.inbound_services ?? []).includes('warmup') ? ['warmup'] : [],
      ...(raw.default_expiration === undefined ? {} : { defaultExpiration: raw.default_expiration }),
    } as Parameters<typeof appEngineOf>[1],
    {
      service: name,
      cwd: root,
      folderName: nameOf(input.folder),
      resolve: (path) => resolvePath(root, path),
    },
    problems,
    theirs,
  );
  const instanceClass = raw.instance_class ?? (isAutomatic ? 'F1' : 'B2');
  const project: ProjectSpec = {
    file: file.path,
    runtime: chosen.runtime,
    environment: chosen.environment,
    row: chosen.row,
    vm: chosen.vm,
    threadsafe: raw.threadsafe ?? true,
    memoryMb: memoryOf(instanceClass) ?? 0,
    ...(version === undefined ? {} : { majorVersion: String(version).split('.')[0] ?? '' }),
    ...(application === undefined ? {} : { externalName: String(application).replace(/^dev~/, '') }),
    ...(typeof raw.entrypoint === 'string' ? { entrypoint: raw.entrypoint } : {}),
    ...(raw.main === undefined ? {} : { main: raw.main }),
    skipFiles: patternsIn(tree, 'skip_files', problems) ?? usualSkipFiles,
    noBuildFiles: patternsIn(tree, 'nobuild_files', problems) ?? [],
  };
  return { ...spec, ...(row.scripts === undefined ? {} : { scripts: row.scripts }), project };
}

/** A handler in our spelling. What no handler has goes to the program of a runtime of today, whatever script is named. */
function ours(handler: NonNullable<Raw['handlers']>[number], row: Row): object {
  const {
    application_readable: _readable,
    position: _position,
    api_endpoint: _api,
    script,
    ...kept
  } = handler;
  const entries = Object.entries(kept).map(
    ([key, value]) =>
      [key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()), value] as const,
  );
  const named = script === undefined ? {} : { script: row.modern ? 'auto' : String(script) };
  return { ...Object.fromEntries(entries), ...named };
}

/** What Google's SDK skips where the file says nothing. */
const usualSkipFiles = [String.raw`^(.*/)?((#.*#)|(.*~)|(.*\.py[co])|(.*/RCS/.*)|(\..*)|)$`];

function patternsIn(tree: MapTree, key: string, problems: Problem[]): readonly string[] | undefined {
  if (isBlank(child(tree, key))) return undefined;
  return scalarsOf(child(tree, key)).flatMap(({ text, at }) => {
    const pattern = wholePattern(text);
    if (!('problem' in pattern)) return [text];
    problems.push(problem('bad-value', at, { key, reason: patternClause(pattern) }));
    return [];
  });
}
