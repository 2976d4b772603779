/** Reads files of an App Engine project as a workspace that has them would. */

import { findConfig } from '../../src/config/find.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Config, ServiceSpec } from '../../src/config/spec.ts';
import { nameOf, resolvePath } from '../../src/base/path.ts';

/** Paths relative to `/w`, and texts. */
export type Files = Readonly<Record<string, string>>;

export function project(files: Files, environment: Readonly<Record<string, string>> = {}): Config {
  const texts = new Map(Object.entries(files).map(([path, text]) => [resolvePath('/w', path), text]));
  const list = (folder: string): readonly string[] | undefined => {
    const below = [...texts.keys()].filter((path) => path.startsWith(`${folder}/`));
    const names = below.map((path) => path.slice(folder.length + 1).split('/')[0] ?? '');
    return below.length === 0 ? undefined : [...new Set(names)].toSorted();
  };
  const main = findConfig('/w', (path) => texts.has(path), list);
  const text = main === undefined ? undefined : texts.get(main);
  return loadConfig({
    folder: '/w',
    files: main === undefined || text === undefined ? [] : [{ path: main, text }],
    environment,
    readFile: (path) => texts.get(path),
    kindOf: (path) => (texts.has(path) ? 'other' : list(path) === undefined ? undefined : 'folder'),
    list,
  });
}

/** The one service of a single `app.yaml`, with the problems of the file as lines. */
export function application(
  text: string,
  files: Files = {},
  environment: Readonly<Record<string, string>> = {},
): { readonly spec: ServiceSpec; readonly problems: readonly string[]; readonly config: Config } {
  const config = project({ 'app.yaml': text, ...files }, environment);
  const [spec] = config.services;
  if (spec === undefined) throw new Error(told(config).join('\n'));
  return { spec, problems: told(config), config };
}

/** `app.yaml:1:10 error unknown-key …`, the first sentence of each. */
export function told({ problems }: Config): readonly string[] {
  return problems.map(
    ({ file, line, column, severity, message }) =>
      `${file === '/w/app.yaml' ? '' : `${file.slice(3)}:`}${line}:${column} ${severity} ${message}`,
  );
}

export function fileNames({ files }: Config): readonly string[] {
  return files.map(nameOf);
}
