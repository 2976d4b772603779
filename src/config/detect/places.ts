/** All services of a workspace folder: its own, those of the folders in it, and those of the packages it names. */

import { servicesOf, type Surroundings, telltales } from './detect.ts';
import type { Folder } from './folder.ts';
import { workspacesOf } from './package-json.ts';
import type { Proposal } from './proposal.ts';

export interface Placed extends Proposal {
  /** Relative to the workspace folder: `packages/web`; absent: it is the workspace folder. */
  readonly cwd?: string;
}

/** Folders of what was built, brought along or is only tried: nobody works on services there. */
const passedOver: ReadonlySet<string> = new Set([
  ...[
    'node_modules',
    'vendor',
    'dist',
    'build',
    'out',
    'target',
    'bin',
    'obj',
    'coverage',
    'tmp',
    'log',
    'logs',
  ],
  ...['venv', 'env', '__pycache__', 'test', 'tests', '__tests__', 'e2e', 'fixtures', 'docs'],
]);

/** Each has a name of its own, which an address can have. */
export function servicesIn(root: Folder, around: Surroundings): readonly Placed[] {
  const here = servicesOf(root, around);
  const below = projectsIn(root, around).flatMap((path) => {
    const found = servicesOf(root.at(path), around).filter(({ startsOthers }) => startsOthers !== true);
    const base = path.split('/').at(-1) ?? path;
    return found.map((each, index) => ({
      ...each,
      cwd: path,
      name: index === 0 ? base : `${base}-${each.name}`,
    }));
  });
  const own = here.filter(({ startsOthers }) => startsOthers !== true || below.length === 0);
  return named([...own, ...below]);
}

/** Those that hold sources and in which nothing says what to run. */
export function unrecognisedIn(root: Folder, around: Surroundings): readonly string[] {
  return projectsIn(root, around).filter((path) => {
    const folder = root.at(path);
    return servicesOf(folder, around).length === 0 && holdsSources(folder);
  });
}

/** The folders that may be a project each, by their paths. */
function projectsIn(root: Folder, around: Surroundings): readonly string[] {
  const marks = [...telltales, ...around.recipes.flatMap(({ detects = [] }) => detects)];
  const isMarked = (folder: Folder): boolean => marks.some((name) => folder.has(name));
  // Else a file alone makes no project of a folder below: most often it is a part of the one above.
  const holdsProjects = servicesOf(root, around).length === 0 && !isMarked(root);
  return [...new Set([...subFolders(root), ...packages(root)])].filter(
    (path) => holdsProjects || isMarked(root.at(path)),
  );
}

const source =
  /\.(?:[cm]?[jt]sx?|py|rb|go|java|kts?|scala|php|rs|cs|fs|exs?|erl|clj|swift|dart|lua|pl|cc?|cpp|zig|hs)$/;

function holdsSources(folder: Folder): boolean {
  return [...folder.names(), ...(folder.isFolder('src') ? folder.names('src') : [])].some((name) =>
    source.test(name),
  );
}

function subFolders(root: Folder): readonly string[] {
  return root
    .names()
    .filter((name) => isWorkedOn(name) && root.isFolder(name) && !root.has(`${name}/pyvenv.cfg`));
}

function isWorkedOn(name: string): boolean {
  return !name.startsWith('.') && !passedOver.has(name);
}

/** The folders that `workspaces` means: as they are named, or all that are in one (`packages/*`). */
function packages(root: Folder): readonly string[] {
  const patterns = workspacesOf(root);
  const left = new Set(patterns.filter((each) => each.startsWith('!')).map((each) => each.slice(1)));
  return patterns.flatMap((pattern) => {
    const path = pattern.replace(/^\.\//, '').replace(/\/$/, '');
    if (pattern.startsWith('!') || path.startsWith('/') || path.split('/').includes('..')) return [];
    const above = /^([^*?{[]*)\/\*{1,2}$/.exec(path)?.[1];
    const all =
      above === undefined
        ? [path]
        : root
            .names(above)
            .filter(isWorkedOn)
            .map((name) => `${above}/${name}`);
    return all.filter((each) => !left.has(each) && !/[*?{[]/.test(each) && root.isFolder(each));
  });
}

function named(services: readonly Placed[]): readonly Placed[] {
  const taken = new Set<string>();
  return services.map((each) => {
    const wanted =
      each.name
        .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
        .slice(0, 60)
        .replaceAll(/^[-_]+|[-_]+$/g, '') || each.runtime;
    let name = wanted;
    for (let next = 2; taken.has(name.toLowerCase()); next++) name = `${wanted}-${next}`;
    taken.add(name.toLowerCase());
    return { ...each, name };
  });
}
