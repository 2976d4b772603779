/** Where the sources of a Go program lie besides its own folder (spec 4.7, RT-28), and what its `go.mod` asks for. */

import { folderOf, isAbsolutePath, resolvePath } from '../../../base/path.ts';
import { isBelow, nearestText, type NearbyText, placeAt, upwards } from '../common/nearby.ts';
import { readVersion, type Version, type Wish } from '../common/version.ts';
import type { Look } from '../recipe.ts';

export interface GoModule {
  /** The folder that holds `go.mod`. */
  readonly folder: string;
  readonly file: NearbyText;
}

export interface GoSurroundings {
  /** Absent: there is none, or modules are switched off. */
  readonly module?: GoModule;
  /** What is looked at besides the folder of the module, or else the service's own: folders and files. */
  readonly beside: readonly string[];
}

/** The folders of `GOPATH`. */
export function goPath(look: Look): readonly string[] {
  const { env, home } = look;
  const text = env['GOPATH'] ?? '';
  const written = text.split(/^[A-Za-z]:[\\/]/u.test(text) ? ';' : ':').filter(isAbsolutePath);
  if (written.length > 0) return written;
  return home === undefined ? [] : [resolvePath(home, 'go')];
}

export async function surroundingsOf(root: string, look: Look): Promise<GoSurroundings> {
  const paths = goPath(look);
  const mode = look.env['GO111MODULE'] ?? '';
  const found = mode === 'off' ? undefined : await nearestText(look, upwards(root), 'go.mod');
  const isInPath = paths.some((path) => isBelow(root, resolvePath(path, 'src')));
  // Since Go 1.13 `auto` takes a go.mod wherever it lies; without one, what lies in GOPATH is built from there.
  if (found !== undefined || mode === 'on' || !isInPath) {
    if (found === undefined)
      return mode === 'off' ? { beside: await sourcesIn(paths, look) } : { beside: [] };
    const module = { folder: folderOf(found.path), file: found };
    return { module, beside: await besideModule(module, look) };
  }
  return { beside: await sourcesIn(paths, look) };
}

/** Each existing `src` under `GOPATH`. */
async function sourcesIn(paths: readonly string[], look: Look): Promise<readonly string[]> {
  const all = paths.map((path) => resolvePath(path, 'src'));
  const kinds = await Promise.all(all.map((path) => look.kind(path)));
  return all.filter((_, at) => kinds[at] === 'folder');
}

/** A workspace of modules, and modules that are taken from a folder instead of being fetched. */
async function besideModule({ folder, file }: GoModule, look: Look): Promise<readonly string[]> {
  const replaced = foldersIn(file.text, /=>\s*(\.{1,2}[\\/]\S*|\.{1,2}(?=\s|$))/gu, folder);
  const work = look.env['GOWORK'] === 'off' ? undefined : await nearestText(look, upwards(folder), 'go.work');
  if (work === undefined) return outside(folder, replaced);
  const used = usedIn(work);
  // One that does not name this module has nothing to say here.
  if (!used.includes(folder)) return outside(folder, replaced);
  return outside(folder, [...replaced, ...used, work.path]);
}

function usedIn({ path, text }: NearbyText): readonly string[] {
  const lines = [...text.matchAll(/^\s*use\s+([^\s(]+)/gmu), ...blocks(text)];
  return lines.map(([, written]) => resolvePath(folderOf(path), (written ?? '').replaceAll('"', '')));
}

function blocks(text: string): readonly RegExpMatchArray[] {
  return [...text.matchAll(/^\s*use\s*\(([^)]*)\)/gmu)].flatMap(([, inside]) => [
    ...(inside ?? '').matchAll(/^\s*([^\s/][^\s]*|\.[^\s]*)/gmu),
  ]);
}

function foldersIn(text: string, pattern: RegExp, folder: string): readonly string[] {
  return [...text.matchAll(pattern)].map(([, written]) => resolvePath(folder, written ?? ''));
}

function outside(folder: string, paths: readonly string[]): readonly string[] {
  return [...new Set(paths.filter((path) => !isBelow(path, folder)))];
}

/** What `go.mod` asks of the go command, where a command as old as `found` is sure to refuse it. */
export function refusedBy(found: Version, { file }: GoModule): Wish | undefined {
  const line = lineOf(file, 'go');
  const toolchain = lineOf(file, 'toolchain');
  const [major = 1, minor = 0] = found;
  if (major === 1 && minor < 21) {
    // Up to Go 1.20 a line such as `go 1.21.0` is no version, and `toolchain` no directive.
    if (toolchain !== undefined) return wishOf(file, toolchain, [1, 21]);
    return line !== undefined && /^\d+\.\d+(?:\.|rc|beta)/u.test(line.word)
      ? wishOf(file, line, [1, 21])
      : undefined;
  }
  return line === undefined ? undefined : wishOf(file, line, undefined);
}

interface Word {
  readonly word: string;
  readonly at: number;
}

function lineOf({ text }: NearbyText, directive: string): Word | undefined {
  const match = new RegExp(String.raw`^[ \t]*${directive}[ \t]+(\S+)`, 'mu').exec(text);
  if (match?.[1] === undefined) return undefined;
  return { word: match[1], at: match.index + match[0].length - match[1].length };
}

function wishOf(file: NearbyText, { word, at }: Word, least: Version | undefined): Wish | undefined {
  const version = least ?? readVersion(word.replace(/^go/u, '').replace(/(?:rc|beta)\d+$/u, ''));
  if (version === undefined) return undefined;
  return {
    range: [[{ relation: '>=', version }]],
    text: least === undefined ? word : `1.21 or later (${word})`,
    by: 'go.mod',
    place: placeAt(file, at),
    chooses: false,
  };
}
