/** What a Python project says it depends on, and the command that installs it. */

import { folderOf, resolvePath } from '../../../base/path.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import { asSeenFrom, nearestText, typedIn, upwardsWithin } from '../common/nearby.ts';
import type { Look } from '../recipe.ts';
import type { PythonFound } from './interpreter.ts';

export interface Requirements {
  /** The file, absolute. */
  readonly path: string;
  /** Whether it names a package. */
  names(name: string): boolean;
}

/** The files in which packages are named, and what stands before a name in them. */
const files: readonly (readonly [file: string, before: string])[] = [
  ['requirements.txt', '^'],
  ['pyproject.toml', String.raw`(?:^|["'\s])`],
  ['Pipfile', `^["']?`],
];

/** That of the nearest folder with one. */
export async function requirementsOf(spec: ServiceSpec, look: Look): Promise<Requirements | undefined> {
  for (const folder of upwardsWithin(spec.cwd, look.folder)) {
    for (const [file, before] of files) {
      const nearby = await nearestText(look, [folder], file);
      if (nearby === undefined) continue;
      return {
        path: nearby.path,
        names: (name) =>
          new RegExp(`${before}${name.replaceAll(/[-_.]/g, '[-_.]')}(?![\\w.-])`, 'im').test(nearby.text),
      };
    }
  }
  return undefined;
}

/** As it is typed in the workspace folder. `what` stands behind `pip install`. */
export async function installCommand(
  spec: ServiceSpec,
  look: Look,
  { environment, program }: Pick<PythonFound, 'environment' | 'program'>,
  requirements: Pick<Requirements, 'path'> | undefined,
  what = requirements?.path.endsWith('.txt') === true ? '-r requirements.txt' : '.',
): Promise<string> {
  const folder = requirements === undefined ? spec.cwd : folderOf(requirements.path);
  for (const [lock, command] of [
    ['uv.lock', 'uv sync'],
    ['poetry.lock', 'poetry install'],
    ['pdm.lock', 'pdm install'],
    ['Pipfile', 'pipenv install'],
  ] as const) {
    if ((await look.kind(resolvePath(folder, lock))) === 'file') return typedIn(folder, look, command);
  }
  // A system's own Python refuses to have anything installed beside what the system brings.
  if (environment === undefined) {
    return typedIn(folder, look, `${program} -m venv .venv && .venv/bin/pip install ${what}`);
  }
  const pip = asSeenFrom(folder, resolvePath(environment.bin, 'pip'));
  return typedIn(folder, look, `${pip} install ${what}`);
}
