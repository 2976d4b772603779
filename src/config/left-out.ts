/** Services that the files name and that cannot be run, each with what is said of it first, so that none just vanishes. */

import type { Place, Problem } from '../faults/fault.ts';
import type { LeftOut } from './spec.ts';

/** One that was left out, as whoever reads its file finds it. */
export interface Missing {
  readonly name: string;
  /** Where it begins. */
  readonly source: Required<Place>;
  /** What was said while it was read. */
  readonly problems: readonly Problem[];
}

/**
 * Those of them that are no service of any file, each name once. `told`: the problems that people are shown; what of a
 * service's own is not among them only follows from another one of its file.
 */
export function leftOutOf(
  missing: readonly Missing[],
  services: readonly { readonly name: string }[],
  told: readonly Problem[],
): readonly LeftOut[] {
  const running = new Set(services.map(({ name }) => name));
  const errors = told.filter(({ severity }) => severity === 'error');
  const shown = new Set(errors.map(identity));
  const all = missing
    .filter(({ name }) => !running.has(name))
    .map(({ name, source, problems }): LeftOut => {
      const why =
        problems.find((each) => shown.has(identity(each))) ?? errors.find(({ file }) => file === source.file);
      return { name, source, message: why?.message ?? 'Nothing is said of it.' };
    });
  return [...new Map(all.toReversed().map((each) => [each.name, each])).values()].toReversed();
}

function identity(problem: Problem): string {
  return JSON.stringify(problem);
}
