/**
 * Lets detection, which reads at once, look into a folder that is only read with waiting: it is asked again and again,
 * each time with all that it missed before, until it misses nothing.
 */

import type { LoadInput } from '../input.ts';

/** What can be asked of a folder somewhere. Nothing of it rejects. */
export interface Reader {
  /** The names in a folder; undefined where it is none. */
  list(path: string): PromiseLike<readonly string[] | undefined>;
  /** Undefined where there is no such file, or none to be read. */
  text(path: string): PromiseLike<string | undefined>;
  kind(path: string): PromiseLike<'folder' | 'other' | undefined>;
}

export type Answers = Required<Pick<LoadInput, 'readFile' | 'kindOf' | 'list'>>;

/** More rounds than there are steps from a folder to the last file that says something of it. */
const mostRounds = 30;

/** What `ask` answers once it has been told all it wants to know. */
export async function gathered<T>(reader: Reader, ask: (answers: Answers) => T): Promise<T> {
  const lists = remembered((path) => reader.list(path));
  const texts = remembered((path) => reader.text(path));
  const kinds = remembered((path) => reader.kind(path));
  const all = [lists, texts, kinds];
  for (let round = 0; ; round++) {
    const answer = ask({ list: lists.known, readFile: texts.known, kindOf: kinds.known });
    if (round === mostRounds || all.every((each) => each.missed.size === 0)) return answer;
    await Promise.all(all.map((each) => each.fetch()));
  }
}

interface Remembered<T> {
  readonly known: (path: string) => T | undefined;
  readonly missed: Set<string>;
  fetch(): Promise<void>;
}

function remembered<T>(read: (path: string) => PromiseLike<T | undefined>): Remembered<T> {
  const answers = new Map<string, T | undefined>();
  const missed = new Set<string>();
  return {
    missed,
    known(path) {
      if (!answers.has(path)) missed.add(path);
      return answers.get(path);
    },
    async fetch() {
      const paths = [...missed];
      missed.clear();
      await Promise.all(paths.map(async (path) => answers.set(path, await read(path))));
    },
  };
}
