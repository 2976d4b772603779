/** Node.js: the script of a `package.json` that serves while one works, else the file a server is most often in. */

import { programName } from '../recipe.ts';
import type { Folder } from './folder.ts';
import { type PackageJson, packageJsonOf, packageManagerOf } from './package-json.ts';
import { sightingIn, wordsOf } from './port-flag.ts';
import { handshakeBy, type Proposal } from './proposal.ts';

const scripts = ['dev', 'start:dev', 'start', 'serve', 'develop'] as const;
const files = ['server.js', 'server.mjs', 'server.ts', 'app.js', 'index.js', 'src/server.js', 'src/index.js'];

export function nodeServices(folder: Folder): readonly Proposal[] {
  const manifest = packageJsonOf(folder);
  const found = (manifest && ofScripts(folder, manifest)) ?? ofFiles(folder, manifest);
  return found === undefined ? [] : [found];
}

function ofScripts(folder: Folder, manifest: PackageJson): Proposal | undefined {
  const name = scripts.find((each) => manifest.scripts.has(each));
  const text = name === undefined ? undefined : manifest.scripts.get(name);
  if (name === undefined || text === undefined) return undefined;
  const command = `${packageManagerOf(folder)} run ${name}`;
  const seen = sightingIn(command.split(' '), folder);
  const framework = seen?.server.title ?? frameworkOf(manifest);
  const base = {
    name: 'web',
    runtime: 'node',
    command,
    because: `package.json has a script "${name}"${framework === undefined ? '' : ` (${framework})`}`,
    sure: framework !== undefined,
    ...(startsOthers(text) ? { startsOthers: true as const } : {}),
  };
  if (seen === undefined)
    return servesNothing(text)
      ? { ...base, handshake: 'none' }
      : { ...base, ...handshakeBy(programOf(folder, text) ?? text) };
  const isOurs = !seen.isTold || seen.server.port === undefined;
  return {
    ...base,
    // A script that fixes its port is not to be argued with.
    ...(isOurs ? {} : { handshake: 'discover' }),
    ...(opensBrowser.has(seen.server.title) ? { env: { BROWSER: 'none' } } : {}),
  };
}

const opensBrowser: ReadonlySet<string> = new Set(['Create React App']);

/** What the code of a server is written with; only code says how it gets its port. */
const frameworks: readonly (readonly [string, string])[] = [
  ['@nestjs/core', 'Nest'],
  ['@adonisjs/core', 'Adonis'],
  ['fastify', 'Fastify'],
  ['express', 'Express'],
  ['koa', 'Koa'],
  ['hono', 'Hono'],
  ['@hapi/hapi', 'hapi'],
];

function frameworkOf({ dependencies }: PackageJson): string | undefined {
  return frameworks.find(([name]) => dependencies.has(name))?.[1];
}

const starters: ReadonlySet<string> = new Set([
  'turbo',
  'nx',
  'lerna',
  'concurrently',
  'npm-run-all',
  'run-p',
  'wsrun',
]);

function startsOthers(script: string): boolean {
  const words = wordsOf(script) ?? script.split(/\s+/);
  return (
    words.some((word) => starters.has(programName(word))) ||
    words.some((word) => /^(?:--workspaces?|-ws|--recursive|-r|--filter|--parallel)(?:=|$)/.test(word)) ||
    words.includes('workspaces')
  );
}

const watchers: ReadonlySet<string> = new Set([
  'tsc',
  'tsup',
  'rollup',
  'babel',
  'sass',
  'tailwindcss',
  'jest',
  'vitest',
  'electron',
  'microbundle',
]);

/** It builds and watches, and nothing is to be reached there. */
function servesNothing(script: string): boolean {
  const [first = '', second] = wordsOf(script) ?? [];
  return watchers.has(programName(first)) || (programName(first) === 'vite' && second === 'build');
}

/** The text of the file that a script runs. */
function programOf(folder: Folder, script: string): string | undefined {
  const file = (wordsOf(script) ?? []).findLast((word) => /^[^-].*\.[cm]?[jt]sx?$/.test(word));
  return file === undefined ? undefined : folder.text(file);
}

function ofFiles(folder: Folder, manifest: PackageJson | undefined): Proposal | undefined {
  const { main } = manifest ?? {};
  for (const file of [...(main === undefined ? [] : [main]), ...files]) {
    const text = folder.text(file);
    if (text === undefined || !(file.startsWith('server.') || serves(text))) continue;
    return {
      name: 'web',
      runtime: 'node',
      command: `node ${file}`,
      ...(text.trim() === '' ? {} : handshakeBy(text)),
      because: `there is a ${file}`,
      sure: false,
    };
  }
  return undefined;
}

function serves(text: string): boolean {
  return /\.listen\s*\(|\bcreateServer\b|\bserve\s*\(/.test(text);
}
