/**
 * Which interpreter the settings of other extensions mean, language by language.
 *
 * Pure: gets the settings, gives paths that could be meant, the likeliest first. Whether a path is there is asked by
 * whoever can.
 */

import { isAbsolutePath, resolvePath } from '../base/path.ts';

/** One setting as each place has it. */
export interface SettingLayers {
  readonly user?: unknown;
  readonly workspace?: unknown;
  readonly folder?: unknown;
}

export interface EditorFacts {
  /** In a workspace that is not trusted, its own settings name no programs. */
  readonly trusted: boolean;
  /** Absolute: the workspace folder. */
  readonly folder: string;
  readonly home: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly windows: boolean;
  readonly setting: (key: string) => SettingLayers;
  /** What an extension itself says is selected for the folder, by language; it knows more than its settings do. */
  readonly active: Readonly<Record<string, string | undefined>>;
}

/** The paths in a setting's value. `program` gives a program's name the ending it has on this machine. */
type PathsIn = (value: unknown, program: (name: string) => string) => readonly unknown[];

interface Source {
  readonly key: string;
  /** Absent: the value itself. */
  readonly paths?: PathsIn;
}

/** A folder of a language's own in which the program is. */
const inHome =
  (name: string): PathsIn =>
  (value, program) =>
    typeof value === 'string' ? [`${value}/bin/${program(name)}`] : [];

/** As the extensions document them, the more telling first. */
const sources: Readonly<Record<string, readonly Source[]>> = {
  python: [{ key: 'python.defaultInterpreterPath' }],
  go: [
    { key: 'go.alternateTools', paths: (value) => [fieldOf(value, 'go')] },
    { key: 'go.goroot', paths: inHome('go') },
  ],
  java: [
    { key: 'java.configuration.runtimes', paths: defaultRuntime },
    { key: 'java.jdt.ls.java.home', paths: inHome('java') },
  ],
  php: [
    { key: 'php.executablePath' },
    { key: 'php.debug.executablePath' },
    { key: 'php.validate.executablePath' },
  ],
  // Some name the folder it is in.
  ruby: [
    {
      key: 'rubyLsp.rubyExecutablePath',
      paths: (value, program) => (typeof value === 'string' ? [value, `${value}/${program('ruby')}`] : []),
    },
  ],
};

/** A change of one of these may mean another interpreter. */
export const interpreterSettings: readonly string[] = Object.values(sources).flatMap((each) =>
  each.map(({ key }) => key),
);

/** Absolute paths that could be the interpreter of each language. A word for the PATH names none. */
export function interpreterCandidates(facts: EditorFacts): Readonly<Record<string, readonly string[]>> {
  const program = (name: string): string => (facts.windows ? `${name}.exe` : name);
  return Object.fromEntries(
    Object.entries(sources).map(([language, all]) => {
      const set = all.flatMap(({ key, paths }) => {
        const value = valueOf(facts.setting(key), facts.trusted);
        return paths === undefined ? [value] : paths(value, program);
      });
      const meant = [facts.active[language], ...set].flatMap((each) => absolute(each, facts) ?? []);
      return [language, [...new Set(meant)]];
    }),
  );
}

function valueOf({ user, workspace, folder }: SettingLayers, trusted: boolean): unknown {
  return trusted ? (folder ?? workspace ?? user) : user;
}

/** The JDK that a project without a say is built with. */
function defaultRuntime(value: unknown, program: (name: string) => string): readonly unknown[] {
  const runtimes: readonly unknown[] = Array.isArray(value) ? value : [];
  return runtimes
    .filter((each) => fieldOf(each, 'default') === true)
    .flatMap((each) => inHome('java')(fieldOf(each, 'path'), program) ?? []);
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

/** With the variables that such settings may use; undefined for what is no path. */
function absolute(value: unknown, { folder, home, environment }: EditorFacts): string | undefined {
  if (typeof value !== 'string') return undefined;
  let whole = true;
  const text = value
    .trim()
    .replace(/^~(?=$|[\\/])/, () => home ?? '~')
    .replaceAll(/\$\{([^}]*)\}/g, (_, name: string) => {
      const known = name.startsWith('env:')
        ? environment[name.slice('env:'.length)]
        : variables({ folder, home })[name];
      whole &&= known !== undefined;
      return known ?? '';
    });
  if (!whole || text === '') return undefined;
  if (isAbsolutePath(text)) return resolvePath(folder, text);
  return /[\\/]/.test(text) ? resolvePath(folder, text) : undefined;
}

function variables({
  folder,
  home,
}: Pick<EditorFacts, 'folder' | 'home'>): Readonly<Record<string, string | undefined>> {
  return {
    workspaceFolder: folder,
    workspaceRoot: folder,
    workspaceFolderBasename: folder.split(/[\\/]/).at(-1),
    userHome: home,
  };
}
