/** What has been built for a service, kept in a file beside it so that the next session need not build it again. */

import { resolvePath } from '../../base/path.ts';
import type { Files } from '../outside.ts';
import type { Written } from './build-writings.ts';

/** Of one build. */
export interface BuiltEntry {
  /** Of the inputs it was last made from; absent: it does not count as built. */
  readonly stamp?: string;
  readonly written?: Written;
}

const fileName = 'builds.json';

export class BuiltFile {
  readonly #files: Pick<Files, 'read' | 'write'>;
  readonly #path: string;
  #built: Promise<Map<string, BuiltEntry>> | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  /** @param folder The service's work folder. */
  constructor(files: Pick<Files, 'read' | 'write'>, folder: string) {
    this.#files = files;
    this.#path = resolvePath(folder, fileName);
  }

  async of(id: string): Promise<BuiltEntry> {
    return (await this.#read()).get(id) ?? {};
  }

  /** Resolves once that is written. */
  async note(id: string, entry: BuiltEntry): Promise<void> {
    const built = await this.#read();
    if (JSON.stringify(built.get(id) ?? {}) === JSON.stringify(entry)) return;
    built.set(id, entry);
    const text = `${JSON.stringify(Object.fromEntries(built), undefined, 2)}\n`;
    // One after the other, so that the last word is what stands in the file.
    this.#writing = this.#writing.then(() => this.#files.write(this.#path, text));
    await this.#writing;
  }

  #read(): Promise<Map<string, BuiltEntry>> {
    this.#built ??= this.#files.read(this.#path).then((text) => new Map(entriesOf(text)));
    return this.#built;
  }
}

/** A file that somebody has spoilt means that nothing is built, which costs a build and no more. */
function entriesOf(text: string | undefined): readonly (readonly [string, BuiltEntry])[] {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    if (!isMap(value)) return [];
    return Object.entries(value).flatMap(([id, entry]) => (isMap(entry) ? [[id, entryOf(entry)]] : []));
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

function entryOf({ stamp, written }: Readonly<Record<string, unknown>>): BuiltEntry {
  return {
    ...(typeof stamp === 'string' ? { stamp } : {}),
    ...(isMap(written) ? { written: writtenOf(written) } : {}),
  };
}

function writtenOf({ made, again }: Readonly<Record<string, unknown>>): Written {
  const counts = Object.entries(isMap(again) ? again : {});
  return {
    made: Array.isArray(made) ? made.filter((each) => typeof each === 'string') : [],
    again: Object.fromEntries(counts.filter((each): each is [string, number] => typeof each[1] === 'number')),
  };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
