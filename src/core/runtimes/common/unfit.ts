/** Why a service cannot be started, in the shape in which recipes say it. */

import type { ServiceSpec } from '../../../config/spec.ts';
import type { Place } from '../../../faults/fault.ts';
import type { Unfit, UnfitProblem } from '../recipe.ts';
import { type Wish, type Version, written } from './version.ts';

export function unfit(problem: UnfitProblem, key = 'command', places: readonly Place[] = []): Unfit {
  return { kind: 'unfit', problem, key, ...(places.length === 0 ? {} : { places }) };
}

/** `what` is not of the version that a file asks for. */
export function wrongVersion(
  what: string,
  found: { readonly version: Version; readonly path: string },
  wish: Wish,
  install: string,
): Unfit {
  return unfit(
    {
      code: 'wrong-version',
      params: {
        what,
        found: written(found.version),
        path: found.path,
        wanted: wish.text,
        by: wish.by,
        install,
      },
    },
    'command',
    [wish.place],
  );
}

/** The same where it is no reason not to start. */
export function otherVersion(
  what: string,
  found: { readonly version: Version; readonly path: string },
  wish: Wish,
): string {
  return `${wish.by} asks for ${what} ${wish.text}, and ${found.path} is ${written(found.version)}.`;
}

export function isUnfit(value: unknown): value is Unfit {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'unfit';
}

/** The file that a command begins with is not at this absolute path. */
export function missingEntry(
  { name }: Pick<ServiceSpec, 'name'>,
  entry: string,
  looked: string,
  way = 'Correct the command or "cwd"; where the file is made by a build, write that under "build".',
): Unfit {
  return unfit({ code: 'missing-entry', params: { service: name, entry, looked, way } });
}

/** Its own build may make what it begins with, and that runs later. */
export function isMade({ build }: Pick<ServiceSpec, 'build'>): boolean {
  return build !== undefined && build !== false;
}
