/** A jar that Maven or Gradle makes, where the command runs it and the project's build file lies beside. */

import { resolvePath } from '../../../base/path.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import { unfit } from '../common/unfit.ts';
import { javaMessages } from '../compilers/java.ts';
import { endingOf, typed } from '../failed-step.ts';
import { unwritten } from '../own-build.ts';
import type { Aims, Build, Look, Unfit } from '../recipe.ts';

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
  const wrapper = resolvePath(cwd, windows ? tool.wrapper.windows.slice(2) : tool.wrapper.unix);
  const hasWrapper = (await look.kind(wrapper)) === 'file';
  const found = await look.program(hasWrapper ? [wrapper] : tool.programs);
  if (found.kind === 'nowhere') {
    if ((await look.kind(path)) === 'file') return undefined;
    const params = { what: tool.title, programs: tool.programs, looked: found.looked, install: tool.install };
    return unfit({ code: 'missing-program', params });
  }
  return {
    id: `${name}: ${tool.title}`,
    title: `${hasWrapper ? wrapper.slice(resolvePath(cwd, '.').length + 1) : tool.programs[0]} ${tool.args.join(' ')}`,
    steps: [{ argv: [found.path, ...tool.args], cwd }],
    makes: [path],
    inputs: { root: cwd, paths: tool.inputs, ignore: [...unwritten, '**/target/**', '**/.gradle/**'] },
    read: javaMessages,
    failure: (failed) => ({
      ending: endingOf(failed),
      text: `${typed(failed.step)} ${endingOf(failed)}\n${failed.stdout}\n${failed.stderr}`,
    }),
  };
}
