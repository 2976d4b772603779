/** A folder of Java sources without a build file: they are compiled and packed into a jar. */

import { resolvePath } from '../../../base/path.ts';
import { hasMain, isUsualMain } from '../../../config/detect/java.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import { asSeenFrom } from '../common/nearby.ts';
import { javaMessages } from '../compilers/java.ts';
import { endingOf, typed } from '../failed-step.ts';
import { unwritten } from '../own-build.ts';
import type { Aims, Build, Look, Unfit } from '../recipe.ts';
import { type Jdk, jdkTool } from './jdk.ts';

export interface Packed {
  readonly build: Build;
  /** What `java` is told, for the program to be run. */
  readonly start: readonly string[];
}

/** Nobody keeps sources of the program in these. */
const passedOver = /^(?:\..*|node_modules|target|build|out|bin|dist|test|tests)$/u;
const mostFolders = 1000;

/**
 * @param written The file of the main class; undefined: it is looked for.
 * @returns Undefined where there is none.
 */
export async function pack(
  service: ServiceSpec,
  written: string | undefined,
  { look, aims, jdk }: { readonly look: Look; readonly aims: Aims; readonly jdk: Jdk },
): Promise<Packed | Unfit | undefined> {
  const { cwd, name } = service;
  const sources = await sourcesIn(look, cwd);
  const entry = written ?? (await mainIn(look, cwd, sources));
  if (entry === undefined) return undefined;
  const javac = await jdkTool(jdk, 'javac', look);
  if (typeof javac !== 'string') return javac;
  const jar = await jdkTool(jdk, 'jar', look);
  if (typeof jar !== 'string') return jar;
  const libraries = (await look.names(resolvePath(cwd, 'lib'))).some((file) => file.endsWith('.jar'));
  const resources = resolvePath(cwd, 'src/main/resources');
  const hasResources = (await look.kind(resources)) === 'folder';
  const main = await mainClass(look, resolvePath(cwd, entry));
  const classes = resolvePath(aims.workFolder, 'classes');
  const output = resolvePath(aims.workFolder, 'app.jar');
  const own = libraries ? ['-cp', resolvePath(cwd, 'lib/*')] : [];
  // Without it the words of the compiler are in the person's language, which nobody could read the lines from.
  const english = ['-J-Duser.language=en', '-encoding', 'UTF-8'];
  return {
    start: libraries
      ? ['-cp', [output, resolvePath(cwd, 'lib/*')].join(aims.windows ? ';' : ':'), main]
      : ['-jar', output],
    build: {
      id: `${name}: javac`,
      title: 'javac',
      steps: [
        { argv: [javac, ...english, '-g', '-d', classes, ...own, ...sources], cwd },
        {
          argv: [
            ...([jar, '--create', '--file', output, '--main-class', main, '-C', classes, '.'] as const),
            ...(hasResources ? ['-C', resources, '.'] : []),
          ],
          cwd,
        },
      ],
      empties: [classes],
      makes: [output],
      inputs: {
        root: cwd,
        paths: ['**/*.java', 'lib/*.jar', 'src/main/resources/**'],
        ignore: [...unwritten, 'src/test/**', '**/.*/**'],
      },
      read: javaMessages,
      failure: (failed) => ({
        ending: endingOf(failed),
        text: `${typed(failed.step)} ${endingOf(failed)}\n${failed.stdout}\n${failed.stderr}`,
      }),
    },
  };
}

/** Relative to the folder, so that a long path is not told a thousand times. */
async function sourcesIn(look: Look, root: string): Promise<readonly string[]> {
  const found: string[] = [];
  const folders = [root];
  for (let at = 0; at < folders.length && at < mostFolders; at += 1) {
    const folder = folders[at] ?? root;
    for (const name of await look.names(folder)) {
      const path = resolvePath(folder, name);
      if (name.endsWith('.java')) found.push(asSeenFrom(root, path));
      else if (!passedOver.test(name) && !name.includes('.') && (await look.kind(path)) === 'folder') {
        folders.push(path);
      }
    }
  }
  return found;
}

async function mainIn(look: Look, root: string, sources: readonly string[]): Promise<string | undefined> {
  const mains: string[] = [];
  for (const path of sources) {
    if (hasMain((await look.text(resolvePath(root, path))) ?? '')) mains.push(path);
  }
  return mains.find((path) => isUsualMain(path)) ?? mains[0];
}

/** The class that a file is named after, in the package that it says. */
async function mainClass(look: Look, path: string): Promise<string> {
  const text = (await look.text(path)) ?? '';
  const name = /([^\\/]+)\.java$/u.exec(path)?.[1] ?? 'Main';
  const inside = /^\s*package\s+([\w.]+)\s*;/mu.exec(text)?.[1];
  return inside === undefined ? name : `${inside}.${name}`;
}
