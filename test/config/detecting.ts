/** Folders made of texts, and what is found in them in one line each, so that a test reads as a table. */

import { type Folder, folders } from '../../src/config/detect/folder.ts';
import { servicesOf, type Surroundings } from '../../src/config/detect/detect.ts';
import type { Proposal } from '../../src/config/detect/proposal.ts';
import type { LoadInput } from '../../src/config/input.ts';

/** Texts by their paths below `/w`. */
export type Files = Readonly<Record<string, string>>;

/** What reading asks of a machine on which there is nothing else. */
export function machineOf(files: Files): Required<Pick<LoadInput, 'list' | 'kindOf' | 'readFile'>> {
  const paths = Object.keys(files).map((path) => `/w/${path}`);
  const inFolder = (folder: string): readonly string[] =>
    paths.filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1));
  return {
    list(path) {
      const names = new Set(inFolder(path).map((below) => below.split('/')[0] ?? ''));
      return names.size === 0 && path !== '/w' ? undefined : [...names];
    },
    kindOf: (path) =>
      paths.includes(path) ? 'other' : inFolder(path).length > 0 || path === '/w' ? 'folder' : undefined,
    readFile: (path) => files[path.slice('/w/'.length)],
  };
}

export function folderOf(files: Files, consulted = new Set<string>()): Folder {
  const at = folders({ ...machineOf(files), folder: '/w' }, consulted);
  if (at === undefined) throw new Error('This machine can list.');
  return at('/w');
}

export function found(files: Files, around: Partial<Surroundings> = {}): readonly string[] {
  return servicesOf(folderOf(files), { windows: false, recipes: [], ...around }).map(inOneLine);
}

/** `web: npm run dev, discover (there is a server.js)`, with the runtime where its command does not tell it. */
export function inOneLine({ name, command, handshake, because }: Proposal): string {
  return `${name}: ${command}${handshake === undefined ? '' : `, ${handshake}`} (${because})`;
}

/** A package.json with these scripts and dependencies. */
export function packageJson(
  scripts: Readonly<Record<string, string>>,
  dependencies: readonly string[] = [],
  more: object = {},
): string {
  return JSON.stringify({
    name: 'example',
    scripts,
    dependencies: Object.fromEntries(dependencies.map((name) => [name, '^1.0.0'])),
    ...more,
  });
}
