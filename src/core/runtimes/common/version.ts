/** Versions as lists of numbers, and what is asked of them. Knows no language's way of writing either. */

export type Version = readonly number[];

/** One condition. A bound is compared only as far as it is written: 18.5 is not above `18`, and is `18`. */
export interface Bound {
  readonly relation: '<' | '<=' | '>' | '>=' | '=' | '!=';
  readonly version: Version;
}

/** Alternatives, each of which is met when all of its bounds are. */
export type Range = readonly (readonly Bound[])[];

/** A wish for a version, and who has it. */
export interface Wish {
  readonly range: Range;
  /** As written. */
  readonly text: string;
  /** The file, as a person would call it: `.nvmrc`. */
  readonly by: string;
  readonly place: { readonly file: string; readonly line: number; readonly column: number };
  /** A file that exists to choose the version; else what a project says of itself, and often runs without. */
  readonly chooses: boolean;
}

/** `20.11.1`, `v20.11.1`; undefined for whatever is more than numbers, such as a pre-release. */
export function readVersion(text: string): Version | undefined {
  const match = /^v?(\d+(?:\.\d+)*)$/.exec(text.trim());
  return match?.[1]?.split('.').map(Number);
}

/** Below zero: `a` is lower. What is not written counts as 0. */
export function compareVersions(a: Version, b: Version): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export function isWithin(version: Version, range: Range): boolean {
  return range.some((bounds) => bounds.every((bound) => meets(version, bound)));
}

function meets(version: Version, { relation, version: bound }: Bound): boolean {
  const order = compareVersions(version.slice(0, bound.length), bound);
  switch (relation) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
  }
}

/** Exactly so far as it is written: `3.11` is any 3.11. */
export function exactly(version: Version): Range {
  return [[{ relation: '=', version }]];
}

/** From this one to below the next of the part at `index`: `^1.2` is from 1.2 to below 2. */
export function upTo(version: Version, index: number): readonly Bound[] {
  const next = [...version.slice(0, index), (version[index] ?? 0) + 1];
  return [
    { relation: '>=', version },
    { relation: '<', version: next },
  ];
}

export function written(version: Version): string {
  return version.join('.');
}
