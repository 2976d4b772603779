/** The keys that say which recipe a service is started by, and what that recipe is to take otherwise than it would. */

import {
  Array as List,
  Boolean as Truth,
  Enum,
  Object as Fields,
  Optional,
  String as Text,
  Union,
  Unsafe,
} from 'typebox';
import { closed, command } from './parts.ts';

/** The recipes that are ours, with what each does. */
export const recipes = {
  node: 'Node.js, with its inspector for debugging.',
  python: 'Python, in the virtual environment of its folder; debugged with debugpy.',
  go: 'Go, built when something has changed; debugged with Delve.',
  java: 'Java, its jar packed when something has changed; debugged over JDWP.',
  php: 'PHP, with its built-in server or php-cgi; debugged with Xdebug.',
  ruby: 'Ruby, debugged with rdbg.',
  custom: 'Runs the command just as it is.',
  generic: 'Runs the command just as it is.',
} as const;

export const recipeNames: readonly string[] = Object.keys(recipes);

/** What people call a runtime who come from elsewhere. */
export const otherRuntimeNames: Readonly<Record<string, string>> = {
  nodejs: 'node',
  javascript: 'node',
  typescript: 'node',
  python3: 'python',
  py: 'python',
  golang: 'go',
  jvm: 'java',
  kotlin: 'java',
  rb: 'ruby',
};

export const runtimeSchema = Union(
  [
    Enum(Object.keys(recipes), { enumDescriptions: Object.values(recipes) }),
    // Other extensions bring more; whether there is one of this name is looked at where they are known.
    Text({ minLength: 1 }),
  ],
  {
    'x-takes': `${recipeNames.join(', ')}, or the name of a recipe that another extension brings`,
    description:
      'Chooses the recipe that knows how to check, build, start and debug this language; without it we look at the first word of the command, and without one at what is in the folder.',
    examples: ['python'],
  },
);

export const interpreterSchema = Text({
  minLength: 1,
  'x-takes': 'the name or the path of a program',
  description:
    'Names the interpreter or compiler to use, instead of the one the recipe finds (a virtual environment, `.nvmrc`, `.python-version`, `JAVA_HOME` …).',
  examples: ['./venv/bin/python'],
});

export const buildMapSchema = Fields(
  {
    command: command({
      description: 'Builds it: a text that is split into words (no shell runs), or a list of words.',
      examples: ['mvn -q package'],
    }),
    inputs: Optional(
      List(Text({ minLength: 1 }), {
        default: ['**'],
        'x-takes': 'a list of globs',
        description:
          'Lists what it is made from, relative to `cwd`: it is built again only when one of these has changed.',
        examples: [['src/**', 'pom.xml']],
      }),
    ),
    outputs: Optional(
      List(Text({ minLength: 1 }), {
        default: [],
        'x-takes': 'a list of paths',
        description: 'Lists what it makes, relative to `cwd`: while one of these is missing, it is built.',
        examples: [['target/app.jar']],
      }),
    ),
  },
  closed,
);

export const buildSchema = Union(
  [Unsafe<false>({ ...Truth(), enum: [false] }), ...command({}).anyOf, buildMapSchema],
  {
    'x-takes': 'false, a command, or a map with command, inputs and outputs',
    description:
      'Builds the service before it starts, when something has changed; `false` for not at all, and without it as the recipe does.',
    examples: [{ command: 'make', inputs: ['src/**'], outputs: ['bin/api'] }],
  },
);

export const fastcgiSchema = Fields(
  {
    root: Optional(
      Text({
        minLength: 1,
        'x-takes': 'a path',
        description: 'Is the folder that the scripts are in, relative to `cwd`, which it is without it.',
        examples: ['./public'],
      }),
    ),
    index: Optional(
      Text({
        minLength: 1,
        default: 'index.php',
        'x-takes': 'a path below `root`',
        description: 'Has the requests that are for no script of their own.',
      }),
    ),
  },
  {
    ...closed,
    'x-takes': 'a map with root and index',
    description:
      'Speaks FastCGI instead of HTTP with what listens at the port of an instance, such as `php-cgi`.',
    examples: [{ root: './public' }],
  },
);

export const appYamlSchema = Text({
  minLength: 1,
  'x-takes': 'a path',
  description:
    'Takes all that an `app.yaml` of App Engine says about the service; the keys written here count before it.',
  examples: ['./default/app.yaml'],
});
