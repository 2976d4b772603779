/** What a `package.json` says, as far as anybody here asks. One that is broken says nothing. */

import { parse } from '../parse.ts';
import { child } from '../tree.ts';
import type { Folder } from './folder.ts';

export interface PackageJson {
  readonly scripts: ReadonlyMap<string, string>;
  /** Of all kinds. */
  readonly dependencies: ReadonlySet<string>;
  readonly main: string | undefined;
  readonly packageManager: string | undefined;
}

export function packageJsonOf(folder: Folder): PackageJson | undefined {
  const text = folder.text('package.json');
  if (text === undefined) return undefined;
  const all = objectOf(text);
  return {
    scripts: new Map(
      Object.entries(record(all['scripts'])).flatMap(([key, each]) =>
        typeof each === 'string' ? [[key, each]] : [],
      ),
    ),
    dependencies: new Set(
      ['dependencies', 'devDependencies'].flatMap((kind) => Object.keys(record(all[kind]))),
    ),
    main: textOf(all['main']),
    packageManager: textOf(all['packageManager']),
  };
}

export function scriptsOf(folder: Folder): ReadonlyMap<string, string> | undefined {
  return packageJsonOf(folder)?.scripts;
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return record(JSON.parse(text));
  } catch {
    // One that is no JSON is somebody else's problem; we only look for a hint.
    return {};
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** Globs of folders that are packages of it. */
export function workspacesOf(folder: Folder): readonly string[] {
  const workspaces = objectOf(folder.text('package.json') ?? '')['workspaces'];
  const pnpm = folder.text('pnpm-workspace.yaml');
  const packages = pnpm === undefined ? undefined : child(parse('', pnpm).tree, 'packages');
  return [
    ...texts(Array.isArray(workspaces) ? workspaces : record(workspaces)['packages']),
    ...(packages?.kind === 'list' ? packages.items : []).flatMap((item) =>
      item.kind === 'scalar' ? [item.text] : [],
    ),
  ];
}

export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'bun';

const lockFiles: readonly (readonly [string, PackageManager])[] = [
  ['package-lock.json', 'npm'],
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
];

/** By the lock file beside it or above it, since the packages of a workspace share one. */
export function packageManagerOf(folder: Folder): PackageManager {
  for (let at: Folder | undefined = folder; at !== undefined; at = at.above()) {
    const here = at;
    const named = packageJsonOf(at)?.packageManager?.split('@')[0];
    const manager =
      lockFiles.find(([, each]) => each === named)?.[1] ?? lockFiles.find(([file]) => here.has(file))?.[1];
    if (manager !== undefined) return manager;
  }
  return 'npm';
}
