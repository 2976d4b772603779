/** Which packages a script certainly loads: it, and the files it loads in turn. Reads no more of them than a few. */

import { folderOf, resolvePath } from '../../../base/path.ts';
import type { Look } from '../recipe.ts';

const mostFiles = 30;
const endings = ['', '.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '/index.js', '/index.ts'];

/** The file that loads one of these packages at its outset: a script, or something that it loads by a path. */
export async function loaderOfOne(
  look: Look,
  script: string,
  packages: ReadonlySet<string>,
): Promise<string | undefined> {
  const waiting = [script];
  const seen = new Set<string>();
  for (let next = waiting.shift(); next !== undefined && seen.size < mostFiles; next = waiting.shift()) {
    const file = await fileOf(look, next);
    if (file === undefined || seen.has(file)) continue;
    seen.add(file);
    for (const target of targetsOf((await look.text(file)) ?? '')) {
      if (/^\.\.?\//.test(target)) waiting.push(resolvePath(folderOf(file), target));
      else if (packages.has(packageOf(target))) return file;
    }
  }
  return undefined;
}

async function fileOf(look: Look, path: string): Promise<string | undefined> {
  for (const ending of endings) {
    if ((await look.kind(`${path}${ending}`)) === 'file') return `${path}${ending}`;
  }
  return undefined;
}

/** What is loaded by statements that begin a line: those within a function may never be reached. */
function targetsOf(source: string): readonly string[] {
  const imports = source.matchAll(
    /^(?:import|export)\s(?!type\s)(?:[\w*\s{},$]+?\sfrom\s*)?['"]([^'"\n]+)['"]/gm,
  );
  const requires = source.matchAll(
    /^(?:(?:const|let|var)\s[\w\s{},:$]+=\s*)?require\(\s*['"]([^'"\n]+)['"]\s*\)/gm,
  );
  return [...imports, ...requires].map(([, target = '']) => target);
}

/** `@scope/name/part` is of `@scope/name`. */
export function packageOf(target: string): string {
  return target.split('/', target.startsWith('@') ? 2 : 1).join('/');
}
