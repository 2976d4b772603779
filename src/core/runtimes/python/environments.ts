/** Virtual environments: which belongs to a service, and whether its interpreter is still there. */

import { resolvePath } from '../../../base/path.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import { asSeenFrom, isBelow, upwardsWithin } from '../common/nearby.ts';
import { unfit } from '../common/unfit.ts';
import { readVersion, type Version } from '../common/version.ts';
import type { Look, Unfit } from '../recipe.ts';

export interface Environment {
  readonly folder: string;
  /** Where its programs are. */
  readonly bin: string;
  readonly program: string;
  readonly kind: 'virtual' | 'conda';
  /** As its own file tells. */
  readonly version?: Version;
}

/** Its files are there, and its interpreter is not: the Python that it was made of has gone. */
export interface Broken {
  readonly kind: 'broken';
  readonly folder: string;
  readonly program: string;
}

const usualNames = ['.venv', 'venv', 'env', '.conda'];

/** The one that is active around us, if it is this project's or the service's own variables name it; else the nearest. */
export async function environmentOf(
  spec: ServiceSpec,
  look: Look,
  windows: boolean,
): Promise<Environment | Broken | undefined> {
  const own = spec.env['VIRTUAL_ENV'];
  const active = look.env['VIRTUAL_ENV'] ?? '';
  if (own !== undefined && own !== '') {
    const named = await environmentAt(look, resolvePath(spec.cwd, own), windows);
    if (named !== undefined) return named;
  }
  const nearest = await nearestEnvironment(spec, look, windows);
  if (nearest !== undefined) return nearest;
  return active !== '' && isBelow(active, look.folder) ? environmentAt(look, active, windows) : undefined;
}

/** One that lies below the workspace folder together with the service, as in a repository of several projects. */
export async function ownEnvironment(
  spec: ServiceSpec,
  look: Look,
  windows: boolean,
): Promise<Environment | Broken | undefined> {
  const below = upwardsWithin(spec.cwd, look.folder).filter(
    (folder) => folder !== resolvePath(look.folder, '.'),
  );
  return firstOf(below, look, windows);
}

function nearestEnvironment(
  spec: ServiceSpec,
  look: Look,
  windows: boolean,
): Promise<Environment | Broken | undefined> {
  return firstOf(upwardsWithin(spec.cwd, look.folder), look, windows);
}

async function firstOf(
  folders: readonly string[],
  look: Look,
  windows: boolean,
): Promise<Environment | Broken | undefined> {
  for (const folder of folders) {
    for (const name of usualNames) {
      const found = await environmentAt(look, resolvePath(folder, name), windows);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** The environment in a folder, if one is there. */
export async function environmentAt(
  look: Look,
  path: string,
  windows: boolean,
): Promise<Environment | Broken | undefined> {
  const folder = (await look.kind(path)) === 'file' ? await namedBy(look, path) : path;
  if (folder === undefined) return undefined;
  const config = await look.text(resolvePath(folder, 'pyvenv.cfg'));
  const conda = config === undefined && (await look.kind(resolvePath(folder, 'conda-meta'))) === 'folder';
  if (config === undefined && !conda) return undefined;
  const bin = windows ? (conda ? folder : resolvePath(folder, 'Scripts')) : resolvePath(folder, 'bin');
  const names = windows ? ['python.exe'] : ['python', 'python3'];
  for (const name of names) {
    const program = resolvePath(bin, name);
    if ((await look.kind(program)) === 'file') {
      const version = readVersion(/^version(?:_info)?\s*=\s*(\d+\.\d+\.\d+)/m.exec(config ?? '')?.[1] ?? '');
      return {
        folder,
        bin,
        program,
        kind: conda ? 'conda' : 'virtual',
        ...(version === undefined ? {} : { version }),
      };
    }
  }
  // One that was made on another system has its programs elsewhere, and is none here.
  const there = await look.names(bin);
  return there.some((name) => names.includes(name))
    ? { kind: 'broken', folder, program: resolvePath(bin, names[0] ?? 'python') }
    : undefined;
}

/** Some tools write the path of the environment into a file `.venv`. */
async function namedBy(look: Look, file: string): Promise<string | undefined> {
  const line = (await look.text(file))?.split('\n')[0]?.trim();
  return line === undefined || line === '' ? undefined : resolvePath(resolvePath(file, '..'), line);
}

export function brokenEnvironment({ folder, program }: Broken, look: Look): Unfit {
  const where = asSeenFrom(look.folder, folder);
  return unfit(
    {
      code: 'missing-program',
      params: {
        what: `The Python of the virtual environment ${where}`,
        programs: [program],
        looked: [],
        install: `It was made of a Python that is gone. Delete ${where} and make it again: python3 -m venv ${where}`,
      },
    },
    'command',
    [{ file: resolvePath(folder, 'pyvenv.cfg'), line: 1, column: 1 }],
  );
}
