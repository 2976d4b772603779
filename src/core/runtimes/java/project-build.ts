/** A jar that Maven or Gradle makes, where the command runs it and the project's build file lies beside. */

import { resolvePath } from '../../../base/path.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import { asSeenFrom, upwardsWithin } from '../common/nearby.ts';
import { unfit } from '../common/unfit.ts';
import { javaMessages } from '../compilers/java.ts';
import { endingOf, typed } from '../failed-step.ts';
import { unwritten } from '../own-build.ts';
import type { Aims, Build, Found, Look, Unfit } from '../recipe.ts';

interface Tool {
  readonly title: string;
  /** One of these says that the project is built by it. */
  readonly files: readonly string[];
  /** In which folder its jars are. */
  readonly output: RegExp;
  readonly programs: readonly string[];
  readonly wrapper: { readonly unix: string; readonly windows: string };
  readonly args: readonly string[];
  readonly inputs: readonly string[];
  readonly install: string;
}

const tools: readonly Tool[] = [
  {
    title: 'Maven',
    files: ['pom.xml'],
    output: /(?:^|[\\/])target[\\/]/u,
    programs: ['mvn'],
    wrapper: { unix: './mvnw', windows: String.raw`.\mvnw.cmd` },
    args: ['-q', '-DskipTests', 'package'],
    inputs: ['pom.xml', '**/pom.xml', '.mvn/**', 'src/main/**', '*/src/main/**'],
    install:
      'Install Maven (https://maven.apache.org, or your system’s package "maven"), or add its wrapper, mvnw.',
  },
  {
    title: 'Gradle',
    files: ['build.gradle', 'build.gradle.kts'],
    output: /(?:^|[\\/])build[\\/]libs[\\/]/u,
    programs: ['gradle'],
    wrapper: { unix: './gradlew', windows: String.raw`.\gradlew.bat` },
    args: ['-q', 'build', '-x', 'test'],
    inputs: [
      '*.gradle',
      '*.gradle.kts',
      '*/*.gradle',
      '*/*.gradle.kts',
      'gradle.properties',
      'gradle/**',
      'src/main/**',
      '*/src/main/**',
    ],
    install:
      'Install Gradle (https://gradle.org, or your system’s package "gradle"), or add its wrapper, gradlew.',
  },
];

/**
 * Where a module is built from. By itself it would take the modules beside it from the person's repository, in which
 * they are old or not at all.
 */
async function wholeOf(
  cwd: string,
  look: Look,
): Promise<{ readonly folder: string; readonly module: string } | undefined> {
  const [own = cwd, ...above] = upwardsWithin(cwd, look.folder);
  for (const folder of above) {
    const pom = await look.text(resolvePath(folder, 'pom.xml'));
    const modules = [...(pom ?? '').matchAll(/<module>\s*([^<\s]+)\s*<\/module>/gu)].map(
      ([, path]) => path ?? '',
    );
    const module = modules.find((path) => resolvePath(folder, path.replace(/\/pom\.xml$/u, '')) === own);
    if (module !== undefined) return { folder, module };
  }
  return undefined;
}

interface Program {
  readonly title: string;
  readonly argv: readonly [string, ...string[]];
}

/** The wrapper of the project, in its folder or above it as far as the workspace goes, else whichever the PATH has. */
async function programOf(
  { programs, wrapper }: Tool,
  cwd: string,
  look: Look,
  windows: boolean,
): Promise<Program | Extract<Found, { kind: 'nowhere' }>> {
  const name = (windows ? wrapper.windows : wrapper.unix).slice(2);
  for (const folder of upwardsWithin(cwd, look.folder)) {
    const path = resolvePath(folder, name);
    if ((await look.kind(path)) !== 'file') continue;
    const title = asSeenFrom(look.folder, path);
    if (windows || (await look.program([path])).kind === 'found') return { title, argv: [path] };
    // Archives, and Git on Windows, forget that it may be run; it is a script for this shell.
    return { title: `sh ${title}`, argv: ['/bin/sh', path] };
  }
  const found = await look.program(programs);
  return found.kind === 'found' ? { title: programs[0] ?? '', argv: [found.path] } : found;
}

/** Undefined: neither of the two makes it, as far as can be told; or it is there, and nobody can make it anew. */
export async function projectBuild(
  service: ServiceSpec,
  jar: string,
  look: Look,
  { windows }: Aims,
): Promise<Build | Unfit | undefined> {
  const { cwd, name } = service;
  const names = await look.names(cwd);
  const tool = tools.find(
    ({ files, output }) => output.test(jar) && files.some((file) => names.includes(file)),
  );
  if (tool === undefined) return undefined;
  const path = resolvePath(cwd, jar);
  const found = await programOf(tool, cwd, look, windows);
  if ('kind' in found) {
    if ((await look.kind(path)) === 'file') return undefined;
    const params = { what: tool.title, programs: tool.programs, looked: found.looked, install: tool.install };
    return unfit({ code: 'missing-program', params });
  }
  const whole = tool.title === 'Maven' ? await wholeOf(cwd, look) : undefined;
  const args = whole === undefined ? tool.args : [...tool.args, '-pl', whole.module, '-am'];
  const root = whole?.folder ?? cwd;
  return {
    id: `${name}: ${tool.title}`,
    title: [found.title, ...args].join(' '),
    steps: [{ argv: [...found.argv, ...args], cwd: root }],
    makes: [path],
    inputs: {
      root,
      paths: whole === undefined ? tool.inputs : [...tool.inputs, '**/src/main/**'],
      ignore: [...unwritten, '**/target/**', '**/.gradle/**'],
    },
    read: javaMessages,
    failure: (failed) => ({
      ending: endingOf(failed),
      text: `${typed(failed.step)} ${endingOf(failed)}\n${failed.stdout}\n${failed.stderr}`,
    }),
  };
}
