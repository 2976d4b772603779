/**
 * Looks at the machine for a recipe, and remembers what was seen for as long as it stands.
 *
 * Before each plan every answer is looked after once, all of them at the same time: a few stats. What does not stand any
 * more is asked anew. One `Looking` for a service; its instances share it.
 */

import { folderOf, isAbsolutePath, nameOf, resolvePath } from '../../base/path.ts';
import type { Outside, ProgramAnswer } from '../outside.ts';
import { type Known, Memory } from './memory.ts';
import type { AskOptions, Found, Look } from './recipe.ts';

const usualAskMs = 10_000;
/** A script may ask whom it likes for its answer (a version manager, a file far away), so it holds no longer than this. */
const scriptHoldsMs = 30_000;
/** What came to nothing, for want of time as it may be, is worth another try after this. */
const nothingHoldsMs = 5_000;
/** Of a file's text that a recipe gets to see. */
const textBytes = 1024 * 1024;
/** A file may change twice within what its time tells apart; one as young as this is read again. */
const youngMs = 2_000;

export interface LookingOptions {
  readonly outside: Pick<Outside, 'clock' | 'files' | 'programs'>;
  readonly windows: boolean;
}

/** What is the same for a whole plan. */
export interface Surveyed {
  /** The environment that the service would have without the recipe. */
  readonly env: Readonly<Record<string, string>>;
  readonly inherited: Readonly<Record<string, string>>;
  readonly home: string | undefined;
  readonly folder: string;
  /** The service's, from which relative folders of its PATH go on; absent: `folder`. */
  readonly cwd?: string;
  chosen(language: string): string | undefined;
}

/** A `Look` that knows what was asked of it. */
export interface Survey {
  readonly look: Look;
  /** Whether an answer that was given here does not stand any more. */
  hasChanged(): Promise<boolean>;
}

export class Looking {
  readonly #options: LookingOptions;
  readonly #memory = new Memory();
  #env = '';

  constructor(options: LookingOptions) {
    this.#options = options;
  }

  /** Forgets what does not stand any more, and begins a plan. */
  async survey(facts: Surveyed): Promise<Survey> {
    const env = JSON.stringify(facts.env);
    // Where programs are found, and what they say, hangs on all of it.
    if (env !== this.#env) this.#memory.clear();
    else await this.#memory.review();
    this.#env = env;
    return this.#begin(facts);
  }

  /** A person wants to know it anew. */
  forget(): void {
    this.#memory.clear();
  }

  #begin(facts: Surveyed): Survey {
    const { files } = this.#options.outside;
    const asked = new Set<Known<unknown>>();
    const chosen = new Map<string, string | undefined>();
    const ask = async <T>(key: readonly unknown[], learn: () => Promise<Known<T>>): Promise<T> => {
      const known = await this.#memory.recall(JSON.stringify(key), learn);
      asked.add(known);
      return known.value;
    };
    const find = (names: readonly string[], folders: readonly string[]): Promise<Found> =>
      ask(['program', names, folders], () => this.#findOut(() => this.#find(names, folders, facts)));
    const look: Look = {
      env: facts.env,
      inherited: facts.inherited,
      home: facts.home,
      folder: facts.folder,
      kind: (path) => ask(['kind', path], () => this.#findOut(() => files.kind(path))),
      text: (path) => ask(['text', path], () => this.#read(path, () => this.#text(path))),
      names: (folder) => ask(['names', folder], () => this.#read(folder, () => files.names(folder))),
      program: (names, folders = []) => find(names, folders),
      ask: async (argv, options = {}) => {
        const [program] = argv;
        const found = await find([program], []);
        const path = found.kind === 'found' ? found.path : program;
        const key = ['ask', argv, path, options.cwd, options.env, options.dependsOn];
        return ask(key, () => this.#ask(argv, [path, ...(options.dependsOn ?? [])], options, facts));
      },
      chosen: (language) => {
        const now = facts.chosen(language);
        chosen.set(language, now);
        return now;
      },
    };
    return {
      look,
      async hasChanged() {
        if ([...chosen].some(([language, then]) => facts.chosen(language) !== then)) return true;
        const stand = await Promise.all([...asked].map((known) => known.stands()));
        return stand.includes(false);
      },
    };
  }

  /** What is so cheap to find out that it is simply found out again. */
  async #findOut<T>(find: () => Promise<T>): Promise<Known<T>> {
    const value = await find();
    const then = JSON.stringify(value);
    return { value, stands: async () => JSON.stringify(await find()) === then };
  }

  /** What a file or a folder holds. */
  async #read<T>(path: string, read: () => Promise<T>): Promise<Known<T>> {
    const { clock, files } = this.#options.outside;
    const before = await files.facts(path);
    const isYoung = before !== undefined && before.modified > clock.wall() - youngMs;
    const value = await read();
    const then = JSON.stringify(before);
    return {
      value,
      stands: async () => {
        if (JSON.stringify(await files.facts(path)) !== then) return false;
        return !isYoung || JSON.stringify(await read()) === JSON.stringify(value);
      },
    };
  }

  async #text(path: string): Promise<string | undefined> {
    const bytes = await this.#options.outside.files.bytes(path, textBytes);
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  }

  async #ask(
    argv: readonly [string, ...string[]],
    paths: readonly string[],
    { cwd, env, timeoutMs = usualAskMs }: AskOptions,
    facts: Surveyed,
  ): Promise<Known<ProgramAnswer | undefined>> {
    const { clock, programs } = this.#options.outside;
    const then = await this.#stampOf(paths);
    const isScript = await this.#isScript(paths[0]);
    const call = { argv, cwd: cwd ?? facts.folder, env: env ?? facts.env, timeoutMs };
    const value = await programs.ask(call);
    const until =
      clock.now() +
      (value === undefined ? nothingHoldsMs : isScript ? scriptHoldsMs : Number.POSITIVE_INFINITY);
    return {
      value,
      stands: async () => clock.now() < until && (await this.#stampOf(paths)) === then,
      isFleeting: value === undefined,
    };
  }

  async #isScript(path: string | undefined): Promise<boolean> {
    if (path === undefined) return false;
    const [first, second] = (await this.#options.outside.files.bytes(path, 2)) ?? [];
    return first === 0x23 && second === 0x21;
  }

  async #stampOf(paths: readonly string[]): Promise<string> {
    return JSON.stringify(await Promise.all(paths.map((path) => this.#options.outside.files.facts(path))));
  }

  async #find(names: readonly string[], before: readonly string[], facts: Surveyed): Promise<Found> {
    const { programs } = this.#options.outside;
    const paths = names.filter((name) => /[\\/]/.test(name));
    for (const path of paths) {
      const whole = resolvePath(facts.folder, path);
      const found = await programs.find([nameOf(whole)], [folderOf(whole)]);
      if (found !== undefined) return { kind: 'found', path: found };
    }
    const bare = names.filter((name) => !paths.includes(name));
    if (bare.length === 0) return { kind: 'nowhere', looked: [] };
    const looked = [...before, ...pathOf(facts, this.#options.windows)];
    const path = await programs.find(bare, looked);
    return path === undefined ? { kind: 'nowhere', looked } : { kind: 'found', path };
  }
}

/** The folders of an environment's PATH, each once; one that is not absolute is meant from the service's own. */
function pathOf({ env, cwd, folder }: Surveyed, windows: boolean): readonly string[] {
  const [, value = ''] = Object.entries(env).find(([key]) => isPath(key, windows)) ?? [];
  const folders = value.split(windows ? ';' : ':').filter((each) => each !== '');
  return [
    ...new Set(folders.map((each) => (isAbsolutePath(each) ? each : resolvePath(cwd ?? folder, each)))),
  ];
}

/** Windows writes it as it likes. */
export function isPath(key: string, windows: boolean): boolean {
  return windows ? key.toUpperCase() === 'PATH' : key === 'PATH';
}
