/**
 * Whether a project's dependencies have been installed. Says they have not only when there is no place left in which
 * Node would find them, and the command certainly needs one of them.
 */

import { folderOf, isAbsolutePath, resolvePath } from '../../../base/path.ts';
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
  placeAt,
} from '../common/nearby.ts';
import { withAssigned } from '../common/seen-by.ts';
import { isOfShell } from '../common/shell-words.ts';
import { unfit } from '../common/unfit.ts';
import type { Look, Unfit } from '../recipe.ts';
import { findsByItself, readCommand, scriptRun } from './command.ts';
import { loaderOfOne, packageOf } from './imports.ts';

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
    dependencies: new Set(
      // What it exports itself, it finds by its own name.
      [...Object.keys(part('dependencies')), ...Object.keys(part('devDependencies'))].filter(
        (name) => name !== value['name'],
      ),
    ),
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
  if (dependencies.size === 0 || (await isFurnished(spec.cwd, look))) return undefined;
  if (!(await needsThem(spec, look, words, manifest, 0))) return undefined;
  const [first = ''] = dependencies;
  const named =
    dependencies.size === 1
      ? `the dependency "${first}"`
      : `${dependencies.size} dependencies, "${first}" among them`;
  const text = (await look.text(path)) ?? '';
  // Behind the word, as a package may have the name of a script.
  const at = text.indexOf(JSON.stringify(first), text.search(/"(?:d|devD)ependencies"/));
  const params = {
    service: spec.name,
    because: `${asSeenFrom(look.folder, path)} names ${named}`,
    looked: `node_modules in ${spec.cwd} or above it`,
    command: await installCommand(spec, look, manifest),
  };
  return unfit({ code: 'missing-dependencies', params }, 'command', [
    placeAt({ path, text }, Math.max(0, at)),
  ]);
}

/** Whether Node may find any package at all from a folder. Workspaces keep them further up, Plug'n'Play in a file. */
async function isFurnished(folder: string, look: Look): Promise<boolean> {
  if ((look.env['NODE_PATH'] ?? '') !== '') return true;
  const places = upwards(folder).flatMap((each) =>
    ['node_modules', '.pnp.cjs', '.pnp.js'].map((name) => resolvePath(each, name)),
  );
  // Where Node has looked since its beginnings, and still does for what is required.
  const home =
    look.home === undefined
      ? []
      : ['.node_modules', '.node_libraries'].map((name) => resolvePath(look.home ?? '', name));
  for (const place of [...places, ...home]) {
    if ((await look.kind(place)) !== undefined) return true;
  }
  return false;
}

/** Where a file lies behind its links: Node looks for packages from there. As it is named, where Node cannot be asked. */
async function realPathOf(file: string, { cwd }: ServiceSpec, look: Look): Promise<string> {
  const node = await look.program(['node', 'nodejs']);
  if (node.kind === 'nowhere') return file;
  const asks = 'console.log(require("fs").realpathSync(process.argv[1]))';
  const told = await look.ask([node.path, '-e', asks, file], { cwd, dependsOn: [file] });
  const path = told?.exit.code === 0 ? told.stdout.trim() : '';
  return isAbsolutePath(path) ? path : file;
}

const mostScripts = 4;

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
      const { preloads } = command;
      if (preloads.some((each) => manifest.dependencies.has(packageOf(each)))) return true;
      if (findsByItself(preloads, look.env)) return false;
      const file = await loaderOfOne(look, resolvePath(spec.cwd, command.script), manifest.dependencies);
      // It is found from where the file lies, not from where it is run.
      if (file === undefined || (await isFurnished(folderOf(file), look))) return false;
      return !(await isFurnished(folderOf(await realPathOf(file, spec, look)), look));
    }
    case 'run':
    case 'manager': {
      const name = scriptRun(command);
      return (
        name !== undefined && depth < mostScripts && scriptNeedsThem(spec, look, name, manifest, depth + 1)
      );
    }
    case 'tool': {
      // A tool that is not on the PATH can only be in what was not installed; npm brings this one itself.
      if (isPath(words[0]) || isOfShell(command.name) || command.name === 'node-gyp') return false;
      return (await look.program([words[0]])).kind === 'nowhere';
    }
    case 'unclear':
      return false;
  }
}

/** What is done before the needy part, and installs nothing. */
const harmless = /^(?:echo|printf|true|sleep|clear|mkdir|rm|cp|mv|touch)$/;

/**
 * A script of a manifest is a shell's text. Only of commands of which each has to do well, one after another, is it
 * certain that all are run, and of these only up to the first that may install something or go elsewhere.
 */
async function scriptNeedsThem(
  spec: ServiceSpec,
  look: Look,
  name: string,
  manifest: Manifest,
  depth: number,
): Promise<boolean> {
  const { [name]: own, [`pre${name}`]: before } = manifest.scripts;
  const text = [before, own].filter((each) => typeof each === 'string').join(' && ');
  if (typeof own !== 'string' || /[;|\n(){}]|(?<!&)&(?!&)/.test(text)) return false;
  for (const part of text.split('&&')) {
    if (harmless.test(part.trim().split(/\s/, 1)[0] ?? '')) continue;
    const line = commandLine({ command: [part], shell: true });
    if (line === undefined) return false;
    return needsThem(spec, withAssigned(look, line.assigned), line.words, manifest, depth);
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
