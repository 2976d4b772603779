/**
 * Which packages a script certainly loads: it, and the files it loads in turn. Reads no more of them than a few.
 *
 * Only what stands at the outset of a file is certain: behind any other statement, something may have changed how
 * packages are found, or may have ended.
 */

import { folderOf, resolvePath } from '../../../base/path.ts';
import type { Look } from '../recipe.ts';
import { isBuiltIn } from './builtins.ts';

const mostFiles = 30;
const endings = ['', '.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '/index.js', '/index.ts'];

/** The file that loads one of these packages at its outset: a script, or something that it loads by a path. */
export async function loaderOfOne(
  look: Look,
  script: string,
  packages: ReadonlySet<string>,
): Promise<string | undefined> {
  return loaderIn({ look, packages, seen: new Set() }, script, false);
}

interface Search {
  readonly look: Look;
  readonly packages: ReadonlySet<string>;
  readonly seen: Set<string>;
}

/** `asModule`: only if it is a module of ECMAScript, as all that they import is looked up before any of them is run. */
async function loaderIn(search: Search, path: string, asModule: boolean): Promise<string | undefined> {
  const { look, packages, seen } = search;
  const file = await fileOf(look, path);
  if (file === undefined || seen.has(file) || seen.size >= mostFiles) return undefined;
  seen.add(file);
  const loads = outsetOf((await look.text(file)) ?? '');
  const isModule = loads.some((each) => each.isStatic);
  if (asModule && !isModule) return undefined;
  for (const { target, isStatic } of loads) {
    if (isModule && !isStatic) return undefined;
    if (isBuiltIn(target) || target.endsWith('.json')) continue;
    if (packages.has(packageOf(target))) return file;
    const found = /^\.\.?\//.test(target)
      ? await loaderIn(search, resolvePath(folderOf(file), target), isModule)
      : undefined;
    if (found !== undefined) return found;
    // What a file does that has been required is done before the next.
    if (!isModule) return undefined;
  }
  return undefined;
}

async function fileOf(look: Look, path: string): Promise<string | undefined> {
  // Its manifest may name any file.
  if ((await look.kind(resolvePath(path, 'package.json'))) !== undefined) return undefined;
  for (const ending of endings) {
    if ((await look.kind(`${path}${ending}`)) === 'file') return `${path}${ending}`;
  }
  return undefined;
}

interface Load {
  readonly target: string;
  /** `import`, not `require`. */
  readonly isStatic: boolean;
}

const nothing =
  /^(?:\s+|;|\/\/[^\n]*|\/\*[\s\S]*?\*\/|#![^\n]*|(['"])use [\w ]+\1|import\s+type\s[^'"]*['"][^'"\n]*['"])/;
const imports =
  /^(?:import|export)\b(?!\s+(?:type|default|const|let|var|async|function|class|enum)\b)[\w*\s{},$]*?['"]([^'"\n]+)['"]/;
const requires = /^(?:(?:const|let|var)\s[\w\s{},:$]+=\s*)?require\(\s*['"]([^'"\n]+)['"]\s*\)(?:\.\w+)*/;

function outsetOf(source: string): readonly Load[] {
  const loads: Load[] = [];
  for (let at = 0; at < source.length;) {
    const rest = source.slice(at);
    const blank = nothing.exec(rest);
    const found = blank ?? imports.exec(rest) ?? requires.exec(rest);
    if (found === null) return loads;
    at += found[0].length;
    if (blank !== null) continue;
    const isStatic = !/require\(/.test(found[0]);
    loads.push({ target: found[1] ?? '', isStatic });
    // It is called, or more is declared with it.
    if (!isStatic && !/^[ \t]*(?:;|\/\/|\n|\r|$)/.test(source.slice(at, at + 100))) return loads;
  }
  return loads;
}

/** `@scope/name/part` is of `@scope/name`. */
export function packageOf(target: string): string {
  return target.split('/', target.startsWith('@') ? 2 : 1).join('/');
}
