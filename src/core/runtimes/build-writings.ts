/**
 * Which of its own inputs a build writes: a compiler that puts what it makes beside what it reads would otherwise ask
 * for another build each time, and for ever (RT-21, RT-22).
 *
 * What was not there before a build and is there afterwards is made by it, unless it is of a kind that people write here.
 * That, and what was there and has changed meanwhile, may be a person's work, which must not be lost: it counts as a
 * change, until the same file has changed in the midst of several builds in a row. Pure.
 */

import { nameOf } from '../../base/path.ts';
import type { FileStamp } from '../outside.ts';

/** A person who saves one file in the midst of that many builds one after the other is not to be expected. */
const inARow = 3;

/** As it is kept in a file. */
export interface Written {
  /** Absolute paths of what was not there before a build. */
  readonly made: readonly string[];
  /** In the midst of how many builds in a row a file has changed that was there before. */
  readonly again: Readonly<Record<string, number>>;
}

export const nothingWritten: Written = { made: [], again: {} };

export class Writings {
  readonly #made: Set<string>;
  #again: ReadonlyMap<string, number>;

  constructor({ made, again }: Written) {
    this.#made = new Set(made);
    this.#again = new Map(Object.entries(again));
  }

  get written(): Written {
    return { made: [...this.#made].toSorted(), again: Object.fromEntries(this.#again) };
  }

  /** Whether it makes this file, as far as was seen. */
  hasMade(path: string): boolean {
    return this.#made.has(path);
  }

  /** Whether a change of this file in the midst of a build is the build's own. */
  isOwn(path: string): boolean {
    return this.#made.has(path) || (this.#again.get(path) ?? 0) >= inARow;
  }

  /** Learns from one build; gives the inputs of which what there is now was made: only later changes count. */
  weigh(before: readonly FileStamp[], after: readonly FileStamp[]): readonly FileStamp[] {
    const then = byPath(before);
    const now = byPath(after);
    const paths = [...new Set([...then.keys(), ...now.keys()])];
    const changed = paths.filter((path) => !isSame(then.get(path), now.get(path)));
    const people = new Set([...then.keys()].filter((path) => !this.#made.has(path)).map(kindOf));
    for (const path of changed) if (!then.has(path) && !people.has(kindOf(path))) this.#made.add(path);
    this.#again = new Map(
      changed
        .filter((path) => !this.#made.has(path))
        .map((path) => [path, Math.min((this.#again.get(path) ?? 0) + 1, inARow)]),
    );
    return paths.flatMap((path) => (this.isOwn(path) ? now : then).get(path) ?? []);
  }
}

/** `ts` of `src/a.ts`; declarations and what is minified are never written by hand, so they are kinds of their own. */
function kindOf(path: string): string {
  const name = nameOf(path).toLowerCase();
  return /\.(?:d\.[cm]?ts|min\.\w+|[^.]+)$/u.exec(name)?.[0] ?? name;
}

function byPath(stamps: readonly FileStamp[]): ReadonlyMap<string, FileStamp> {
  return new Map(stamps.map((stamp) => [stamp.path, stamp]));
}

function isSame(one: FileStamp | undefined, other: FileStamp | undefined): boolean {
  return one?.size === other?.size && one?.modified === other?.modified;
}
