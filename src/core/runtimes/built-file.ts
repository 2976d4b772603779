/** What has been built for a service, kept in a file beside it so that the next session need not build it again. */

import { resolvePath } from '../../base/path.ts';
import type { Files } from '../outside.ts';

const fileName = 'builds.json';

export class BuiltFile {
  readonly #files: Pick<Files, 'read' | 'write'>;
  readonly #path: string;
  #built: Promise<Map<string, string>> | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  /** @param folder The service's work folder. */
  constructor(files: Pick<Files, 'read' | 'write'>, folder: string) {
    this.#files = files;
    this.#path = resolvePath(folder, fileName);
  }

  /** The stamp of the inputs it was last made from. */
  async stampOf(id: string): Promise<string | undefined> {
    return (await this.#read()).get(id);
  }

  /** Undefined: it does not count as built any more. Resolves once that is written. */
  async note(id: string, stamp: string | undefined): Promise<void> {
    const built = await this.#read();
    if (built.get(id) === stamp) return;
    if (stamp === undefined) built.delete(id);
    else built.set(id, stamp);
    const text = `${JSON.stringify(Object.fromEntries(built), undefined, 2)}\n`;
    // One after the other, so that the last word is what stands in the file.
    this.#writing = this.#writing.then(() => this.#files.write(this.#path, text));
    await this.#writing;
  }

  #read(): Promise<Map<string, string>> {
    this.#built ??= this.#files.read(this.#path).then((text) => new Map(entriesOf(text)));
    return this.#built;
  }
}

/** A file that somebody has spoilt means that nothing is built, which costs a build and no more. */
function entriesOf(text: string | undefined): readonly (readonly [string, string])[] {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
