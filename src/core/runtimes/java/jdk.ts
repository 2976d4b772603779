/** Which Java runs a service: the one that the project's files choose, else `JAVA_HOME`, else the PATH. */

import { folderOf, resolvePath } from '../../../base/path.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import { isPath } from '../common/line.ts';
import { unfit, wrongVersion } from '../common/unfit.ts';
import { written } from '../common/version.ts';
import type { Look, Unfit } from '../recipe.ts';
import { type JavaWish, wishesFor } from './wishes.ts';

export interface Jdk {
  /** The `java` itself. */
  readonly program: string;
  readonly bin: string;
  /** A person or a project's file names it, so that tools which look for JAVA_HOME have to be told. */
  readonly isNamed: boolean;
  readonly warnings: readonly string[];
}

const install =
  'Install a JDK (https://adoptium.net, or your system’s package such as "default-jdk"), set JAVA_HOME to it, or name its java with "interpreter".';

export async function findJdk(
  service: Pick<ServiceSpec, 'cwd' | 'interpreter'>,
  look: Look,
): Promise<Jdk | Unfit> {
  const wishes = await wishesFor(service.cwd, look);
  const found = await locate(service, look, wishes);
  if ('kind' in found) return found;
  const checked = await checkVersion(found.program, look, wishes);
  return 'kind' in checked ? checked : { ...found, bin: folderOf(found.program), warnings: checked.warnings };
}

async function locate(
  { cwd, interpreter }: Pick<ServiceSpec, 'cwd' | 'interpreter'>,
  look: Look,
  wishes: readonly JavaWish[],
): Promise<Pick<Jdk, 'program' | 'isNamed'> | Unfit> {
  if (interpreter !== undefined) {
    const name = isPath(interpreter) ? resolvePath(cwd, interpreter) : interpreter;
    const named = await look.program([name]);
    return named.kind === 'found'
      ? { program: named.path, isNamed: true }
      : missing(interpreter, named.looked, 'interpreter');
  }
  const kept = managedFolders(look.home, wishes);
  for (const folder of kept) {
    const managed = await look.program([`${folder}/java`, `${folder}/java.exe`]);
    if (managed.kind === 'found') return { program: managed.path, isNamed: true };
  }
  const home = look.env['JAVA_HOME'] ?? '';
  const before = [...(home === '' ? [] : [resolvePath(home, 'bin')]), ...chosenFolders(look.chosen('java'))];
  const found = await look.program(['java'], before);
  if (found.kind === 'found') return { program: found.path, isNamed: false };
  const usual = await usualFolders(look);
  for (const folder of usual) {
    const there = await look.program([`${folder}/java`, `${folder}/java.exe`]);
    if (there.kind === 'found') return { program: there.path, isNamed: true };
  }
  return missing('java', [...kept, ...found.looked, ...usual], 'command');
}

/** An extension may have selected the program or the folder of the whole JDK. */
function chosenFolders(chosen: string | undefined): readonly string[] {
  if (chosen === undefined) return [];
  return /[\\/]javaw?(?:\.exe)?$/u.test(chosen) ? [folderOf(chosen)] : [resolvePath(chosen, 'bin')];
}

/** Where version managers keep what the project's files name. */
function managedFolders(home: string | undefined, wishes: readonly JavaWish[]): readonly string[] {
  if (home === undefined) return [];
  return wishes.flatMap(({ wish, kept }) =>
    kept === undefined ? [] : [resolvePath(home, `${kept}/${wish.text}/bin`)],
  );
}

/** Where installers put it, for an editor that was started without a shell's environment. */
async function usualFolders(look: Look): Promise<readonly string[]> {
  const below = async (folder: string, inside: string): Promise<readonly string[]> =>
    (await look.names(folder)).toReversed().map((name) => resolvePath(folder, `${name}/${inside}`));
  const { home } = look;
  return [
    ...(home === undefined ? [] : [resolvePath(home, '.sdkman/candidates/java/current/bin')]),
    ...(await below('/usr/lib/jvm', 'bin')),
    ...(await below('/Library/Java/JavaVirtualMachines', 'Contents/Home/bin')),
    '/opt/homebrew/opt/openjdk/bin',
    ...(await below(String.raw`C:\Program Files\Java`, 'bin')),
    ...(await below(String.raw`C:\Program Files\Eclipse Adoptium`, 'bin')),
  ];
}

function missing(program: string, looked: readonly string[], key: string): Unfit {
  const params = { what: 'Java', programs: [program], looked: [...new Set(looked)], install };
  return unfit({ code: 'missing-program', params }, key);
}

/**
 * An older Java refuses what was made for a later one, whoever asks for it. A later one runs what was made for an older,
 * so it is only told.
 */
async function checkVersion(
  program: string,
  look: Look,
  wishes: readonly JavaWish[],
): Promise<Unfit | { readonly warnings: readonly string[] }> {
  if (wishes.length === 0) return { warnings: [] };
  const told = await look.ask([program, '-version']);
  const found = majorIn(`${told?.stderr}\n${told?.stdout}`);
  if (found === undefined) return { warnings: [] };
  const warnings: string[] = [];
  for (const { wish, major } of wishes) {
    if (found < major) return wrongVersion('Java', { version: [found], path: program }, wish, install);
    if (found > major && wish.chooses) {
      warnings.push(`${wish.by} asks for Java ${wish.text}, and ${program} is ${written([found])}.`);
    }
  }
  return { warnings };
}

/** `openjdk version "17.0.15"` is 17, and `java version "1.8.0_292"` is 8. */
function majorIn(text: string): number | undefined {
  const match = /version "(\d+)(?:\.(\d+))?/u.exec(text);
  if (match?.[1] === undefined) return undefined;
  return Number(match[1] === '1' ? match[2] : match[1]);
}

/** A tool of the same JDK; a Java that only runs programs has none. */
export async function jdkTool(jdk: Jdk, name: string, look: Look): Promise<string | Unfit> {
  const found = await look.program([name], [jdk.bin]);
  if (found.kind === 'found') return found.path;
  return unfit({
    code: 'missing-program',
    params: { what: 'The compiler of a JDK', programs: [name], looked: found.looked, install },
  });
}
