/**
 * Whether a project's dependencies have been installed. Says they have not only when there is no place left in which
 * Node would find them, and the command certainly needs one of them.
 */

import { folderOf, resolvePath } from '../../../base/path.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import { commandLine, isPath } from '../common/line.ts';
import {
  asSeenFrom,
  isObject,
  nearestText,
  readObject,
  typedIn,
  upwards,
  upwardsWithin,
} from '../common/nearby.ts';
import { unfit } from '../common/unfit.ts';
import type { Look, Unfit } from '../recipe.ts';
import { readCommand } from './command.ts';
import { loadsOneOf, packageOf } from './imports.ts';

export interface Manifest {
  readonly path: string;
  readonly scripts: Readonly<Record<string, unknown>>;
  /** Names of what it depends on, for running and for developing. */
  readonly dependencies: ReadonlySet<string>;
  /** `pnpm@9.1.0` */
  readonly packageManager?: string;
}

/** The `package.json` that a command in this folder belongs to; undefined also where it cannot be read. */
export async function manifestOf(
  { cwd }: Pick<ServiceSpec, 'cwd'>,
  look: Look,
): Promise<Manifest | undefined> {
  const nearby = await nearestText(look, upwardsWithin(cwd, look.folder), 'package.json');
  const value = nearby === undefined ? undefined : readObject(nearby.text);
  if (nearby === undefined || value === undefined) return undefined;
  const part = (key: string): Readonly<Record<string, unknown>> => {
    const found = value[key];
    return isObject(found) ? found : {};
  };
  const named = value['packageManager'];
  return {
    path: nearby.path,
    scripts: part('scripts'),
    dependencies: new Set([...Object.keys(part('dependencies')), ...Object.keys(part('devDependencies'))]),
    ...(typeof named === 'string' ? { packageManager: named } : {}),
  };
}

export async function missingDependencies(
  spec: ServiceSpec,
  look: Look,
  words: readonly [string, ...string[]],
  manifest: Manifest,
): Promise<Unfit | undefined> {
  const { dependencies, path } = manifest;
  if (dependencies.size === 0 || (await areThere(spec, look))) return undefined;
  if (!(await needsThem(spec, look, words, manifest, 0))) return undefined;
  const count = dependencies.size === 1 ? 'a dependency' : `${dependencies.size} dependencies`;
  const params = {
    service: spec.name,
    because: `${asSeenFrom(look.folder, path)} names ${count}`,
    looked: `node_modules in ${spec.cwd} or above it`,
    command: await installCommand(spec, look, manifest),
  };
  return unfit({ code: 'missing-dependencies', params }, 'command', [{ file: path, line: 1, column: 1 }]);
}

/** Some of them are, for all that can be told. Workspaces keep them further up, Yarn's Plug'n'Play in a file. */
async function areThere({ cwd }: ServiceSpec, look: Look): Promise<boolean> {
  if ((look.env['NODE_PATH'] ?? '') !== '') return true;
  for (const folder of upwards(cwd)) {
    for (const name of ['node_modules', '.pnp.cjs', '.pnp.js']) {
      if ((await look.kind(resolvePath(folder, name))) !== undefined) return true;
    }
  }
  return false;
}

const mostScripts = 4;
const ofTheShell: ReadonlySet<string> = new Set([
  ...[
    '.',
    ':',
    '[',
    'alias',
    'cd',
    'command',
    'echo',
    'eval',
    'exec',
    'exit',
    'export',
    'false',
    'printf',
    'pwd',
  ],
  ...['read', 'set', 'shift', 'source', 'test', 'time', 'trap', 'true', 'ulimit', 'umask', 'unset', 'wait'],
]);

async function needsThem(
  spec: ServiceSpec,
  look: Look,
  words: readonly [string, ...string[]],
  manifest: Manifest,
  depth: number,
): Promise<boolean> {
  const command = readCommand(words);
  switch (command.kind) {
    case 'script': {
      if (command.preloads.some((each) => manifest.dependencies.has(packageOf(each)))) return true;
      return loadsOneOf(look, resolvePath(spec.cwd, command.script), manifest.dependencies);
    }
    case 'run':
    case 'manager': {
      const text = manifest.scripts[command.kind === 'run' ? command.script : command.word];
      return typeof text === 'string' && depth < mostScripts
        ? partsNeedThem(spec, look, text, manifest, depth + 1)
        : false;
    }
    case 'tool': {
      // A tool that is not on the PATH can only be in what was not installed.
      if (isPath(words[0]) || ofTheShell.has(command.name)) return false;
      return (await look.program([words[0]])).kind === 'nowhere';
    }
    case 'unclear':
      return false;
  }
}

/** The script of a manifest, which is a shell's text: each of its commands as far as it is plain. */
async function partsNeedThem(
  spec: ServiceSpec,
  look: Look,
  text: string,
  manifest: Manifest,
  depth: number,
): Promise<boolean> {
  for (const part of text.split(/&&|\|\||[;&|]/)) {
    const line = commandLine({ command: [part], shell: true });
    if (line !== undefined && (await needsThem(spec, look, line.words, manifest, depth))) return true;
  }
  return false;
}

const locks: readonly (readonly [file: string, command: string])[] = [
  ['pnpm-lock.yaml', 'pnpm install'],
  ['yarn.lock', 'yarn install'],
  ['bun.lockb', 'bun install'],
  ['bun.lock', 'bun install'],
  ['package-lock.json', 'npm install'],
];

/** By the manager whom the manifest names, or whose lock lies nearest; as it is typed in the workspace folder. */
async function installCommand({ cwd }: ServiceSpec, look: Look, manifest: Manifest): Promise<string> {
  const manager = /^(npm|pnpm|yarn|bun)@/.exec(manifest.packageManager ?? '')?.[1];
  for (const folder of upwardsWithin(cwd, look.folder)) {
    for (const [file, command] of locks) {
      if ((await look.kind(resolvePath(folder, file))) === 'file') {
        return typedIn(folder, look, manager === undefined ? command : `${manager} install`);
      }
    }
  }
  return typedIn(folderOf(manifest.path), look, `${manager ?? 'npm'} install`);
}
