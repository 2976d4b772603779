/** What tells one state of a build's inputs from another: paths, sizes, times, and what is run. */

import { md5 } from '../../base/md5.ts';
import type { FileStamp, Files } from '../outside.ts';
import type { Build } from './recipe.ts';

/** What a build is made from, as it is now. */
export interface Found {
  /** Below the root. */
  readonly within: readonly FileStamp[];
  /** Of each of the others. */
  readonly beside: readonly (readonly FileStamp[] | undefined)[];
}

export async function inputsOf(
  files: Pick<Files, 'facts' | 'matching'>,
  { inputs }: Pick<Build, 'inputs'>,
): Promise<Found> {
  const { root, paths, ignore, beside = [], except } = inputs;
  const [within, ...others] = await Promise.all([
    files.matching({ root, paths, ignore }),
    ...beside.map((path) => besides(files, path)),
  ]);
  const left = except === undefined ? within : within.filter(({ path }) => !except(relativeTo(root, path)));
  return { within: left, beside: others };
}

/** @param own What else the build hangs on, such as the service's own variables. */
export function stampOf(
  { id, steps }: Pick<Build, 'id' | 'steps'>,
  own: Readonly<Record<string, string>>,
  { within, beside }: Found,
): string {
  // A step without an environment of its own has the instance's, of which the service's variables are what a person sets.
  const told = steps.map(({ argv, cwd, env }) => [argv, cwd, env ?? own]);
  const sorted = within.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return hexOf(JSON.stringify([id, told, sorted, beside]));
}

/** A file, or a folder with all that is in it; undefined: nothing is there. */
async function besides(
  files: Pick<Files, 'facts' | 'matching'>,
  path: string,
): Promise<readonly FileStamp[] | undefined> {
  const facts = await files.facts(path);
  if (facts === undefined) return undefined;
  if (facts.kind === 'file') return [{ path, size: facts.size, modified: facts.modified }];
  return files.matching({ root: path, paths: ['**'], ignore: ['**/.git'] });
}

function relativeTo(root: string, path: string): string {
  return path
    .slice(root.length)
    .replace(/^[\\/]+/u, '')
    .replaceAll('\\', '/');
}

function hexOf(text: string): string {
  return Array.from(md5(new TextEncoder().encode(text)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
}
