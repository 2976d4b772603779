/**
 * What follows from the runtime that an `app.yaml` names: the recipe, the flavour of the start, and the table of
 * capacity and policy (spec 4.1 and 4.2). Knows names, no files and no machine.
 */

import type { HandshakeName, ProjectSpec } from '../../spec.ts';

/** A row of the tables of spec 4.1 and 4.2. Those with `-sdk` need a launcher of Google's that is not to be had any more. */
export type RowName =
  | 'custom'
  | 'python-sdk'
  | 'python'
  | 'container'
  | 'php-sdk'
  | 'php'
  | 'java-sdk'
  | 'java-vm'
  | 'java'
  | 'go-sdk'
  | 'go-vm'
  | 'go111'
  | 'go'
  | 'node'
  | 'ruby';

export interface Row {
  /** The runtime of the service, as our recipes are called. */
  readonly recipe: string;
  readonly handshake: HandshakeName;
  /** Requests that an instance has at once, where the application is thread-safe. */
  readonly concurrency: number;
  readonly unsafeConcurrency: number;
  readonly backgroundThreads: number;
  /** Whether it can be spoken with in a console. */
  readonly interactive: boolean;
  readonly restartOnChange: 'always' | 'after-first-request' | 'never';
  /** The script that our own requests for `/_ah/start` and `/_ah/warmup` name, where no handler has them. */
  readonly scripts?: { readonly start: string; readonly warmup: string };
  /** It is the last, for which nothing names a script: what no handler has goes to the child. */
  readonly modern: boolean;
}

const threads = { concurrency: 8, unsafeConcurrency: 1, backgroundThreads: 10 } as const;
const single = { concurrency: 1, unsafeConcurrency: 1, backgroundThreads: 0 } as const;
const both = (script: string) => ({ start: script, warmup: script });
const library = (folder: string, ending: string) => ({
  start: `$${folder}/default_start_handler${ending}`,
  warmup: `$${folder}/default_warmup_handler${ending}`,
});

const python = {
  recipe: 'python',
  ...threads,
  interactive: true,
  restartOnChange: 'after-first-request',
  scripts: library('PYTHON_LIB', '.py'),
} as const;
const php = {
  recipe: 'php',
  ...threads,
  backgroundThreads: 0,
  interactive: true,
  restartOnChange: 'never',
  scripts: library('PHP_LIB', ''),
} as const;
const java = {
  recipe: 'java',
  ...single,
  interactive: false,
  restartOnChange: 'always',
  scripts: both('_java_app'),
} as const;
const go = {
  recipe: 'go',
  ...threads,
  unsafeConcurrency: 8,
  interactive: false,
  restartOnChange: 'always',
  scripts: both('_go_app'),
} as const;
const node = {
  recipe: 'node',
  ...threads,
  interactive: false,
  restartOnChange: 'after-first-request',
} as const;

/**
 * The reverse flavour hands two paths to the child behind its arguments, which only Google's launchers and Go programs
 * that read no arguments can bear. Where a person's own server is started, `port` is the same without them.
 */
export const rows: Readonly<Record<RowName, Row>> = {
  custom: {
    recipe: 'custom',
    ...single,
    interactive: true,
    restartOnChange: 'never',
    scripts: both('/dev/null'),
    handshake: 'reverse-no-file',
    modern: true,
  },
  'python-sdk': { ...python, handshake: 'reverse', modern: false },
  python: { ...python, handshake: 'port', modern: true },
  container: {
    recipe: 'custom',
    ...threads,
    interactive: true,
    restartOnChange: 'always',
    scripts: both('/dev/null'),
    handshake: 'port',
    modern: true,
  },
  'php-sdk': { ...php, handshake: 'stdout', modern: false },
  php: { ...php, handshake: 'port', modern: true },
  'java-sdk': { ...java, handshake: 'file', modern: false },
  'java-vm': { ...java, handshake: 'reverse-no-file', modern: false },
  java: { ...java, handshake: 'port', modern: true },
  'go-sdk': { ...go, handshake: 'stdout', modern: false },
  'go-vm': { ...go, handshake: 'reverse', modern: true },
  go111: { ...go, handshake: 'reverse', modern: true },
  go: { ...go, handshake: 'port', modern: true },
  node: { ...node, handshake: 'port', modern: true },
  ruby: { ...node, recipe: 'ruby', handshake: 'port', modern: true },
};

/** For a server that runs outside and is only sent requests. */
export const externalCapacity = { concurrency: 20, backgroundThreads: 0, script: 'ignored' } as const;

export type Dialect = 'dev' | 'internal';

/** A row as one generation of the reference has it: in B an instance of Go has one request, and Python reads a file. */
export function rowOf(name: RowName, dialect: Dialect): Row {
  const row = rows[name];
  if (dialect === 'dev') return row;
  if (name === 'go-sdk') return { ...row, ...single };
  return name === 'python-sdk' ? { ...row, handshake: 'file' } : row;
}

const modern: readonly (readonly [pattern: RegExp, row: RowName])[] = [
  [/^python3\d+$/, 'python'],
  [/^nodejs\d+$/, 'node'],
  [/^go111$/, 'go111'],
  [/^go1(?:1[2-9]|[2-9]\d)$/, 'go'],
  [/^java(?:1[1-9]|[2-9]\d)$/, 'java'],
  [/^php(?:7[2-9]|[89]\d|\d{3})$/, 'php'],
  [/^ruby(?:2[5-9]|[3-9]\d)$/, 'ruby'],
];

const named: Readonly<Record<string, RowName>> = {
  custom: 'custom',
  node: 'node',
  python: 'python-sdk',
  python27: 'python-sdk',
  'python-compat': 'python-sdk',
  php55: 'php-sdk',
  java: 'java-sdk',
  java7: 'java-sdk',
  java8: 'java-sdk',
  go: 'go-sdk',
};

/** What the flexible environment has; those of the first line are the reference's. */
const flexible: Readonly<Record<string, RowName>> = {
  'python-compat': 'python-sdk',
  java: 'java-vm',
  java7: 'java-vm',
  go: 'go-vm',
  custom: 'custom',
  python: 'container',
  nodejs: 'container',
  php: 'container',
  ruby: 'container',
};

/** The recipe of what runs in a container there. */
const recipesOfFlexible: Readonly<Record<string, string>> = { nodejs: 'node', java7: 'java', java8: 'java' };

/** The names that are told where one is unknown: of each family those that are there today. */
export const runtimeNames: readonly string[] = [
  ...Object.keys(named),
  ...['37', '38', '39', '310', '311', '312', '313', '314'].map((each) => `python${each}`),
  ...['10', '12', '14', '16', '18', '20', '22', '24'].map((each) => `nodejs${each}`),
  ...['111', '112', '113', '114', '115', '116', '118', '119', '120', '121', '122', '123', '124', '125'].map(
    (each) => `go${each}`,
  ),
  ...['11', '17', '21', '25'].map((each) => `java${each}`),
  ...['72', '73', '74', '81', '82', '83', '84', '85'].map((each) => `php${each}`),
  ...['25', '26', '27', '30', '32', '33', '34', '40'].map((each) => `ruby${each}`),
].toSorted();

export const flexibleNames: readonly string[] = Object.keys(flexible).toSorted();

export type NamedRuntime = Pick<ProjectSpec, 'runtime' | 'environment' | 'row'>;

/** The row of a runtime; undefined: there is none of this name (in this environment). */
export function rowNameOf({ runtime, environment, row }: NamedRuntime): RowName | undefined {
  if (row !== undefined) return row;
  if (environment === 'flexible') return Object.hasOwn(flexible, runtime) ? flexible[runtime] : undefined;
  if (Object.hasOwn(named, runtime)) return named[runtime];
  return modern.find(([pattern]) => pattern.test(runtime))?.[1];
}

/** Which recipe starts it. */
export function recipeOf(project: NamedRuntime): string {
  const name = rowNameOf(project);
  if (name === 'container') return recipesOfFlexible[project.runtime] ?? project.runtime;
  return name === undefined ? 'custom' : rows[name].recipe;
}

const memoryByClass: Readonly<Record<string, number>> = {
  F1: 384,
  F2: 768,
  F4: 1536,
  F4_1G: 3072,
  B1: 384,
  B2: 768,
  B4: 1536,
  B4_1G: 3072,
  B8: 3072,
};

/** Megabytes; of the class that stands where none is written, too. */
export function memoryOf(instanceClass: string): number | undefined {
  return memoryByClass[instanceClass.toUpperCase()];
}
