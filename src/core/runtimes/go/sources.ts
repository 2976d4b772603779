/** What the files of a Go program tell without being compiled: whether there are any, and which others they take in. */

import { beginningOf } from '../../../base/python-pattern.ts';
import { folderOf, isAbsolutePath, resolvePath } from '../../../base/path.ts';
import type { ProjectSpec } from '../../../config/spec.ts';
import { asSeenFrom } from '../common/nearby.ts';
import { literal } from '../own-build.ts';
import type { Look } from '../recipe.ts';

/** Beyond these it is not looked further, and nothing is said for sure. */
const mostFolders = 400;
const mostFiles = 400;

export interface GoFiles {
  /** Absolute. */
  readonly files: readonly string[];
  /** There may be more. */
  readonly isCut: boolean;
}

/** Files that an `app.yaml` leaves out, by their path relative to the application's root (RT-21). */
export function leftOut(project: ProjectSpec | undefined): ((path: string) => boolean) | undefined {
  const texts = project === undefined ? [] : [...project.skipFiles, ...project.noBuildFiles];
  // What is no pattern is told where the file is read.
  return texts.length === 0 ? undefined : beginningOf(texts);
}

/** Folders that the go command passes over as well, and those in which nobody keeps sources of Go. */
const passedOver = /^(?:[._].*|node_modules|testdata|vendor)$/u;
const plainFiles =
  /\.(?:css|gif|html?|ico|jpe?g|js|json|lock|md|mod|mts?|png|proto|s|sql|sum|svg|tsx?|txt|ya?ml)$/u;

export async function goFiles(
  look: Look,
  root: string,
  except: (path: string) => boolean = () => false,
): Promise<GoFiles> {
  const files: string[] = [];
  const folders = [root];
  for (let at = 0; at < folders.length; at += 1) {
    if (at >= mostFolders || files.length >= mostFiles) return { files, isCut: true };
    const folder = folders[at] ?? root;
    for (const name of await look.names(folder)) {
      const path = resolvePath(folder, name);
      if (except(asSeenFrom(root, path).replaceAll('\\', '/'))) continue;
      if (name.endsWith('.go')) files.push(path);
      else if (passedOver.test(name) || plainFiles.test(name)) continue;
      else if ((await look.kind(path)) === 'folder') folders.push(path);
    }
  }
  return { files, isCut: false };
}

/** Globs of what `//go:embed` takes in, relative to `root`; everything, where there are too many files to be read. */
export async function embedded(
  look: Look,
  root: string,
  { files, isCut }: GoFiles,
): Promise<readonly string[]> {
  if (isCut) return ['**'];
  const globs = new Set<string>();
  for (const file of files.filter((each) => !each.endsWith('_test.go'))) {
    const folder = asSeenFrom(root, folderOf(file)).replaceAll('\\', '/');
    const before = isAbsolutePath(folder) ? '' : `${literal(folder)}/`;
    for (const [, patterns = ''] of ((await look.text(file)) ?? '').matchAll(/^\/\/go:embed[ \t]+(.+)$/gmu)) {
      for (const [, quoted, plain] of patterns.matchAll(/["`]([^"`]*)["`]|(\S+)/gu)) {
        const glob = `${before}${(quoted ?? plain ?? '').replace(/^all:/u, '')}`;
        globs.add(glob).add(`${glob}/**`);
      }
    }
  }
  return [...globs];
}

/** Whether what would be built is sure to be no program: none of its files says `package main`. */
export async function isNoProgram(look: Look, files: readonly string[]): Promise<boolean> {
  let names = 0;
  for (const file of files.filter((each) => !each.endsWith('_test.go'))) {
    const text = await look.text(file);
    if (text === undefined || /^\/\/(?:go:build ignore| \+build ignore)\s*$/mu.test(text)) continue;
    const name = /^\s*package[ \t]+(\w+)/mu.exec(withoutComments(text))?.[1];
    if (name === undefined || name === 'main') return false;
    names += 1;
  }
  return names > 0;
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gmu, '');
}

/** The files of a package that is named by its folder, or files that are named themselves. */
export async function filesOf(
  look: Look,
  cwd: string,
  packages: readonly string[],
): Promise<readonly string[] | undefined> {
  if (packages.every((each) => each.endsWith('.go'))) return packages.map((each) => resolvePath(cwd, each));
  const [folder = '.'] = packages;
  if (!isFolder(folder)) return undefined;
  const path = resolvePath(cwd, folder);
  return (await look.names(path))
    .filter((name) => name.endsWith('.go'))
    .map((name) => resolvePath(path, name));
}

/** A package that is no import path. */
export function isFolder(written: string): boolean {
  return /^\.{1,2}(?:[\\/]|$)/u.test(written) || isAbsolutePath(written);
}
