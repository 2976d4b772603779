/** A machine that is a map of files, for recipes: what they look at, and what they ask its programs. */

import { folderOf, isAbsolutePath, nameOf, resolvePath } from '../../src/base/path.ts';
import type { AskOptions, Found, Look, Told } from '../../src/core/runtimes/recipe.ts';

export interface PretendedMachine {
  /** Text by absolute path; what ends in a slash is an empty folder. Folders above a path are there by themselves. */
  readonly files?: Readonly<Record<string, string>>;
  /** Names of links that lead nowhere: their folder has them, and nothing stands there. */
  readonly dangling?: readonly string[];
  /** Files that are there and cannot be run. */
  readonly notExecutable?: readonly string[];
  /** `PATH` is `/usr/bin` unless it is given. */
  readonly env?: Readonly<Record<string, string>>;
  /** Our own, without the service's variables. */
  readonly inherited?: Readonly<Record<string, string>>;
  /** `/home/ann` unless it is given; `null`: there is none. */
  readonly home?: string | null;
  /** `/w` unless it is given. */
  readonly folder?: string;
  /** What programs print on stdout, by their argv joined with spaces; all else cannot be run. */
  readonly says?: Readonly<Record<string, string | Told>>;
  /** The interpreter that an extension has selected, by language. */
  readonly chosen?: Readonly<Record<string, string>>;
}

/** With everything that was asked of programs, in order. */
export interface PretendedLook extends Look {
  readonly asked: readonly { readonly argv: readonly string[]; readonly options: AskOptions }[];
}

export function lookAt(machine: PretendedMachine = {}): PretendedLook {
  const env = { PATH: '/usr/bin', ...machine.env };
  const files = new Map(Object.entries(machine.files ?? {}).filter(([path]) => !path.endsWith('/')));
  const folders = new Set<string>();
  for (const path of [...Object.keys(machine.files ?? {}), ...(machine.dangling ?? [])]) {
    let folder = path.endsWith('/') ? resolvePath(path, '.') : folderOf(path);
    while (!folders.has(folder)) {
      folders.add(folder);
      folder = folderOf(folder);
    }
  }
  const asked: { argv: readonly string[]; options: AskOptions }[] = [];
  const program = (names: readonly string[], before: readonly string[] = []): Found => {
    const paths = names.filter((name) => /[\\/]/.test(name));
    const there = paths.find((path) => files.has(path) && machine.notExecutable?.includes(path) !== true);
    if (there !== undefined) return { kind: 'found', path: there };
    const looked = [...before, ...pathOf(env)];
    const bare = names.filter((name) => !paths.includes(name));
    for (const folder of looked) {
      const path = bare.map((name) => resolvePath(folder, name)).find((each) => files.has(each));
      if (path !== undefined) return { kind: 'found', path };
    }
    return { kind: 'nowhere', looked: bare.length === 0 ? [] : looked };
  };
  return {
    asked,
    env,
    ...(machine.inherited === undefined ? {} : { inherited: machine.inherited }),
    home: machine.home === null ? undefined : (machine.home ?? '/home/ann'),
    folder: machine.folder ?? '/w',
    kind: (path) =>
      Promise.resolve(
        files.has(exact(path)) ? 'file' : folders.has(resolvePath(path, '.')) ? 'folder' : undefined,
      ),
    text: (path) => Promise.resolve(files.get(exact(path))),
    names: (folder) => {
      const all = [...files.keys(), ...folders, ...(machine.dangling ?? [])];
      const inside = all.filter((path) => path !== folder && folderOf(path) === resolvePath(folder, '.'));
      return Promise.resolve([...new Set(inside.map(nameOf))].toSorted());
    },
    program: (names, before) => Promise.resolve(program(names, before)),
    ask: (argv, options = {}) => {
      asked.push({ argv, options });
      const said = machine.says?.[argv.join(' ')];
      return Promise.resolve(
        typeof said === 'string' ? { exit: { code: 0 }, stdout: said, stderr: '' } : said,
      );
    },
    chosen: (language) => machine.chosen?.[language],
  };
}

/** A recipe that looks at a path which is not absolute would look at something of ours. */
function exact(path: string): string {
  if (!isAbsolutePath(path)) throw new Error(`"${path}" is not absolute.`);
  return resolvePath(path, '.');
}

function pathOf(env: Readonly<Record<string, string>>): readonly string[] {
  const path = env['PATH'] ?? '';
  return path.split(/^[A-Za-z]:\\/.test(path) ? ';' : ':').filter((folder) => folder !== '');
}
