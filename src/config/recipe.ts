/** Which runtime a service has: as it says, else by its command. Knows names of programs, not what the recipes do. */

import { nameOf } from '../base/path.ts';
import { closest } from '../base/spelling.ts';
import type { Problem } from '../faults/fault.ts';
import { problem } from '../faults/make.ts';
import { didYouMean } from '../faults/suggestion.ts';
import type { RecipeDefinition } from './registered.ts';
import { otherRuntimeNames, recipeNames } from './schema/runtime.ts';
import type { At } from './tree.ts';

/** The first words of commands, by the runtime that they mean. */
const programs: Readonly<Record<string, readonly string[]>> = {
  node: [
    ...['node', 'nodejs', 'npm', 'npx', 'yarn', 'pnpm', 'pnpx', 'tsx', 'ts-node', 'nodemon'],
    ...['vite', 'next', 'nuxt', 'nuxi', 'astro', 'ng', 'nest', 'vue-cli-service', 'react-scripts'],
    ...['react-router', 'remix', 'webpack', 'webpack-dev-server', 'parcel', 'http-server', 'serve'],
  ],
  python: [
    ...['uv', 'poetry', 'pipenv', 'pdm', 'hatch', 'flask', 'fastapi', 'uvicorn', 'hypercorn', 'daphne'],
    ...['gunicorn', 'django-admin', 'streamlit', 'waitress-serve', 'celery', 'pypy', 'pypy3', 'manage.py'],
  ],
  go: ['go'],
  java: ['java', 'javaw', 'mvn', 'mvnw', 'gradle', 'gradlew'],
  php: ['php', 'php-cgi', 'php-fpm', 'composer', 'artisan', 'symfony'],
  ruby: ['ruby', 'bundle', 'bundler', 'rails', 'rackup', 'puma', 'rake', 'unicorn', 'thin', 'falcon'],
};

/** Programs whose names carry a version: `python3.12`, `php-cgi8.2`. */
const versioned: readonly (readonly [RegExp, string])[] = [
  [/^python\d+(?:\.\d+)*$/, 'python'],
  [/^python$/, 'python'],
  [/^(?:php|php-cgi|php-fpm)\d+(?:\.\d+)*$/, 'php'],
  [/^ruby\d+(?:\.\d+)*$/, 'ruby'],
  [/^go\d+(?:\.\d+)*$/, 'go'],
];

/** `php-cgi`, `php-cgi8.2`, `php8.2-cgi`. */
export function isPhpCgi(program: string): boolean {
  return /^php(?:\d+(?:\.\d+)*)?-cgi(?:\d+(?:\.\d+)*)?$/.test(program);
}

/** A path that ends in one of these names can hardly be anything else. */
const interpreters: ReadonlySet<string> = new Set(['node', 'nodejs', 'go', 'java', 'php', 'php-cgi', 'ruby']);

/** Scripts that projects of a kind have within them, under this name. */
const ownScripts: ReadonlySet<string> = new Set([
  ...['mvnw', 'gradlew', 'manage.py', 'artisan', 'spark', 'yii', 'cake', 'rails', 'rackup', 'puma'],
]);

/**
 * Whether a program's name can be believed: it comes from the PATH, or from a folder in which tools are installed. A
 * `./serve` of somebody's own is anything.
 */
export function isTool(word: string): boolean {
  if (!/[\\/]/.test(word) || ownScripts.has(programName(word))) return true;
  const path = word.replaceAll('\\', '/');
  return (
    /(?:^|\/)node_modules\/\.bin\//.test(path) ||
    /(?:^|\/)\.?v?env\/(?:bin|Scripts)\//.test(path) ||
    /^(?:\/usr)?(?:\/local)?\/s?bin\//.test(path)
  );
}

const byProgram: ReadonlyMap<string, string> = new Map(
  Object.entries(programs).flatMap(([runtime, names]) => names.map((name) => [name, runtime] as const)),
);

/** The recipe of ours or of another extension that a command's first word means; `custom` where it means none. */
export function runtimeOf(
  command: readonly string[],
  shell: boolean,
  registered: readonly RecipeDefinition[] = [],
): string {
  const words = shell ? (command[0] ?? '').trim().split(/\s+/) : command;
  // In a shell's text, assignments and `exec` may stand before the program.
  const first = shell ? words.find((word) => word !== 'exec' && !/^[A-Za-z_]\w*=/.test(word)) : words[0];
  const program = programName(first ?? '');
  return (
    (interpreters.has(program) || isTool(first ?? '') ? byProgram.get(program) : undefined) ??
    versioned.find(([pattern]) => pattern.test(program))?.[1] ??
    registered.find((each) => each.programs?.includes(program) === true)?.name ??
    'custom'
  );
}

/** A program by its name alone: without its folder, and without what Windows puts behind it. */
export function programName(word: string): string {
  return nameOf(word)
    .toLowerCase()
    .replace(/\.(?:exe|cmd|bat)$/, '');
}

/**
 * What `runtime` names; undefined, with a problem, where there is no such recipe. Where nobody knows which there are, every
 * name will do.
 */
export function namedRuntime(
  name: string,
  at: At,
  registered: readonly RecipeDefinition[] | undefined,
  problems: Problem[],
): string | undefined {
  if (recipeNames.includes(name) || registered?.some((each) => each.name === name) === true) return name;
  const meant =
    otherRuntimeNames[name] ??
    closest(name, [...recipeNames, ...(registered ?? []).map((each) => each.name)]);
  // One of another extension, for all that is known here.
  if (meant === undefined && registered === undefined && /^[a-z][a-z0-9-]*$/.test(name)) return name;
  problems.push(
    problem('bad-value', at, {
      key: 'runtime',
      reason: `there is no recipe "${name}", and "runtime: custom" runs any command just as it is`,
      hint:
        meant === undefined
          ? `There are ${recipeNames.join(', ')}, and those that other extensions bring.`
          : didYouMean(meant),
    }),
  );
  return undefined;
}
