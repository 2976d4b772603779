/** The first `runtimes.yaml` of a folder: a service for all that was recognised, or one to fill in. */

import type { LoadInput } from '../input.ts';
import { runtimeOf } from '../recipe.ts';
import { splitCommand } from '../words.ts';
import { folders } from './folder.ts';
import { type Placed, servicesIn, unrecognisedIn } from './places.ts';

export interface Looked extends Pick<LoadInput, 'folder' | 'readFile' | 'kindOf' | 'recipes'> {
  readonly list: NonNullable<LoadInput['list']>;
  readonly windows: boolean;
}

/** The text, and the names of the services that were recognised. */
export interface Starter {
  readonly text: string;
  readonly services: readonly { readonly name: string; readonly because: string }[];
}

export function starterOf({ windows, recipes = [], ...input }: Looked): Starter {
  const root = folders(input, new Set())?.(input.folder);
  const services = root === undefined ? [] : servicesIn(root, { windows, recipes });
  const passed = root === undefined ? [] : unrecognisedIn(root, { windows, recipes });
  return {
    text: textOf(services.length > 0 ? services : [toFillIn], passed),
    services: services.map(({ name, because }) => ({ name, because })),
  };
}

const toFillIn: Placed = {
  name: 'web',
  runtime: 'node',
  command: 'node server.js',
  because: 'nothing was recognised in this folder; this is an example',
  sure: false,
};

/** More than these tell nobody anything. */
const mostPassed = 8;

function passedLine(folders: readonly string[]): string {
  const named = folders.slice(0, mostPassed).map((path) => `./${path}`);
  const rest = folders.length - named.length;
  return `# With sources, and nothing that says what to run: ${named.join(', ')}${rest === 0 ? '' : ` and ${rest} more`}.`;
}

function textOf(services: readonly Placed[], passed: readonly string[]): string {
  const last = services.at(-1);
  return [
    '# The services of this folder. Hover a key to read what it does; Ctrl+Space lists them.',
    '# Each one is told its port in $PORT ({port} in a command is replaced, too), and is reached',
    '# at an address that stays the same over restarts.',
    ...(passed.length === 0 ? [] : [passedLine(passed)]),
    'version: 1',
    '',
    'services:',
    ...services.flatMap(linesOf),
    ...(last?.handshake === 'none'
      ? []
      : ['    # instances: 2          # share the requests over two processes']),
    ...(last?.handshake === undefined
      ? ['    # handshake: discover   # for a server that chooses its own port']
      : []),
    ...(last?.env === undefined ? ['    # env:', '    #   LOG_LEVEL: debug'] : []),
    '',
  ].join('\n');
}

function linesOf(service: Placed): readonly string[] {
  const { name, runtime, command, handshake, startSeconds, env, cwd, because, leaveUnsaid } = service;
  const isTold =
    leaveUnsaid !== true && runtimeOf(splitCommand(command, () => undefined).words, false) === runtime;
  return [
    `  # ${cwd === undefined ? '' : `${cwd}: `}${because}`,
    `  ${name}:`,
    ...(leaveUnsaid === true ? [] : [`    command: ${scalar(command)}`]),
    ...(isTold ? [] : [`    runtime: ${runtime}`]),
    ...(cwd === undefined ? [] : [`    cwd: ${scalar(`./${cwd}`)}`]),
    ...(handshake === undefined ? [] : [`    handshake: ${handshake}`]),
    ...(startSeconds === undefined ? [] : [`    startSeconds: ${startSeconds}`]),
    ...(env === undefined ? [] : ['    env:']),
    ...Object.entries(env ?? {}).map(([key, value]) => `      ${key}: ${scalar(value)}`),
  ];
}

/** Quotes what YAML would read as something else, and what we would fill in. */
function scalar(text: string): string {
  return /[:#{}[\],&*!|>'"%@`\\]|^[\s?-]|\s$|^(?:true|false|null|yes|no|on|off|~|[\d.+-]+)$/i.test(text)
    ? quoted(text)
    : text;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
