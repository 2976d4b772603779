/** Which paths a set of globs can mean. Pure; paths are relative to the root, with `/`. */

import picomatch from 'picomatch';

export interface Globs {
  /** Whether a change of this file is told. */
  readonly matches: (path: string) => boolean;
  /** Whether nothing at or below this path can be told, so that nobody needs to look there. */
  readonly isIdle: (path: string) => boolean;
  /** The topmost folders or files that have to be watched, relative to the root; `''` is the root itself. */
  readonly tops: readonly string[];
}

const options = { dot: true };

export function globsOf(paths: readonly string[], ignore: readonly string[]): Globs {
  const wanted = paths.map(plain);
  const fits = picomatch(wanted, options);
  const unwanted = ignore.map(plain);
  // An ignored folder is ignored with all that is in it, however it is written.
  const ignored = picomatch(
    unwanted.flatMap((glob) => [glob, `${glob.replace(/\/(\*\*)?$/u, '')}/**`]),
    options,
  );
  const bases = wanted.map((glob) => picomatch.scan(glob).base);
  const tops = bases.filter((base) => !bases.some((other) => other !== base && isWithin(base, other)));
  return {
    matches: (path) => fits(path) && !ignored(path),
    isIdle: (path) => path !== '' && (ignored(path) || !bases.some((base) => isRelated(path, base))),
    tops: [...new Set(tops)],
  };
}

/** `./src/**` and `src/` mean what `src/**` means. */
function plain(glob: string): string {
  const bare = glob.replaceAll('\\', '/').replace(/^(\.\/)+/u, '');
  return bare.endsWith('/') ? `${bare}**` : bare === '' || bare === '.' ? '**' : bare;
}

function isWithin(path: string, folder: string): boolean {
  return folder === '' || path.startsWith(`${folder}/`);
}

/** On the way to a base, or below it. */
function isRelated(path: string, base: string): boolean {
  return path === base || isWithin(path, base) || isWithin(base, path);
}
