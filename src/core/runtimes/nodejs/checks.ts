/** What has to be there before a Node command can start: its program, its script, what it depends on. */

import { folderOf, resolvePath } from '../../../base/path.ts';
import { closest } from '../../../base/spelling.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import { isPath, isSettled } from '../common/line.ts';
import { asSeenFrom, nearestText, upwards, upwardsWithin } from '../common/nearby.ts';
import { isMade, missingEntry, unfit } from '../common/unfit.ts';
import type { Look, Unfit } from '../recipe.ts';
import { findsByItself, isNode, type NodeCommand, readCommand } from './command.ts';
import { type Manifest, manifestOf, missingDependencies } from './dependencies.ts';

/** `path`: the folders before the PATH in which the program would be found. */
export async function checkCommand(
  spec: ServiceSpec,
  look: Look,
  words: readonly [string, ...string[]],
  path: readonly string[],
): Promise<Unfit | undefined> {
  const command = readCommand(words);
  const manifest = await manifestOf(spec, look);
  const nothing =
    command.kind === 'script'
      ? await scriptMissing(spec, look, command)
      : command.kind === 'run'
        ? await runMissing(spec, look, command, manifest)
        : undefined;
  if (nothing !== undefined) return nothing;
  if (manifest !== undefined && !isMade(spec)) {
    const within: Look = {
      ...look,
      program: (names, before = []) => look.program(names, [...before, ...path]),
    };
    const missing = await missingDependencies(spec, within, words, manifest);
    if (missing !== undefined) return missing;
  }
  return isNode(words[0]) || isPath(words[0]) || isMade(spec)
    ? undefined
    : missingProgram(look, words[0], path);
}

/** Where the tools of a project's dependencies are, nearest first. */
export async function toolFolders({ cwd }: ServiceSpec, look: Look): Promise<readonly string[]> {
  const folders: string[] = [];
  for (const folder of upwards(cwd)) {
    const tools = resolvePath(folder, 'node_modules/.bin');
    if ((await look.kind(tools)) === 'folder') folders.push(tools);
  }
  return folders;
}

/** Found as Node finds a script: as it is written, with an ending, or as a folder. */
async function scriptMissing(
  spec: ServiceSpec,
  look: Look,
  { script, preloads }: Extract<NodeCommand, { kind: 'script' }>,
): Promise<Unfit | undefined> {
  // A hook of TypeScript's finds main.ts by the name of main.js, or without an ending.
  if (isMade(spec) || !isSettled(script) || findsByItself(preloads, look.env)) return undefined;
  const path = resolvePath(spec.cwd, script);
  for (const ending of ['', '.js', '.json', '.node']) {
    if ((await look.kind(`${path}${ending}`)) !== undefined) return undefined;
  }
  return missingEntry(spec, script, path);
}

async function runMissing(
  spec: ServiceSpec,
  look: Look,
  { script, manager }: Extract<NodeCommand, { kind: 'run' }>,
  manifest: Manifest | undefined,
): Promise<Unfit | undefined> {
  // Yarn runs tools of dependencies by the same word, pnpm patterns of names.
  if (manifest === undefined || manager === 'yarn' || !isSettled(script)) return undefined;
  if (manager === 'pnpm' && (script.startsWith('/') || (await hasOtherManifest(spec, look))))
    return undefined;
  const names = Object.keys(manifest.scripts);
  // npm has one of its own, which prints the environment.
  if (names.includes(script) || script === 'env' || (await asksElsewhere(spec, look))) return undefined;
  // What `npm start` does where nobody says otherwise.
  if (script === 'start' && (await look.kind(resolvePath(folderOf(manifest.path), 'server.js'))) === 'file') {
    return undefined;
  }
  const near = closest(script, names);
  const there = names.length === 0 ? 'It has no scripts.' : `Its scripts are ${names.join(', ')}.`;
  return unfit(
    {
      code: 'missing-entry',
      params: {
        service: spec.name,
        entry: `the script "${script}" of ${manager}`,
        looked: `script of that name in ${asSeenFrom(look.folder, manifest.path)}`,
        way: near === undefined ? there : `Did you mean "${near}"? ${there}`,
      },
    },
    'command',
    [{ file: manifest.path, line: 1, column: 1 }],
  );
}

/** pnpm reads other forms of a manifest, too. */
async function hasOtherManifest({ cwd }: ServiceSpec, look: Look): Promise<boolean> {
  const places = upwardsWithin(cwd, look.folder).flatMap((folder) =>
    ['package.yaml', 'package.json5'].map((name) => resolvePath(folder, name)),
  );
  const kinds = await Promise.all(places.map((place) => look.kind(place)));
  return kinds.some((kind) => kind !== undefined);
}

/** Settings of npm's by which it runs something in other packages, or does without. */
async function asksElsewhere({ cwd }: ServiceSpec, look: Look): Promise<boolean> {
  const names = Object.keys(look.env).map((name) => name.toLowerCase());
  if (names.some((name) => /^npm_config_(?:workspaces?|if_present|include_workspace_root)$/.test(name))) {
    return true;
  }
  const nearby = await nearestText(look, upwardsWithin(cwd, look.folder), '.npmrc');
  return /^[ \t]*(?:workspaces?|if-present|include-workspace-root|recursive)\b/m.test(nearby?.text ?? '');
}

const ways: Readonly<Record<string, string>> = {
  npm: 'npm comes with Node.js: install it from https://nodejs.org.',
  npx: 'npx comes with Node.js: install it from https://nodejs.org.',
  pnpm: 'Run "corepack enable", or "npm install --global pnpm".',
  pnpx: 'Run "corepack enable", or "npm install --global pnpm".',
  yarn: 'Run "corepack enable", or "npm install --global yarn".',
  corepack: 'Run "npm install --global corepack".',
};

async function missingProgram(
  look: Look,
  program: string,
  path: readonly string[],
): Promise<Unfit | undefined> {
  const found = await look.program([program], path);
  if (found.kind === 'found') return undefined;
  const install =
    ways[program] ??
    `Run "npm install --save-dev ${program}", or correct the command if it is called otherwise.`;
  const params = { what: program, programs: [program], looked: found.looked, install };
  return unfit({ code: 'missing-program', params });
}
