/**
 * Java: which one, the jar that a command begins with (and who makes it), and its debugger. The launchers of App Engine's
 * own SDKs are in `java/appengine.ts`.
 */

import { resolvePath } from '../../base/path.ts';
import { jarOf } from '../../config/detect/java.ts';
import { rowNameOf } from '../../config/formats/appengine/runtimes.ts';
import type { ServiceSpec } from '../../config/spec.ts';
import { applicationOf, withVariables } from './application.ts';
import { type CommandLine, commandLine, isPath, programName } from './common/line.ts';
import { unfit } from './common/unfit.ts';
import { classic, hasOwnCommand, jetty } from './java/appengine.ts';
import { type JavaCommand, type JavaMode, javaToolOf, readJava } from './java/command.ts';
import { findJdk, type Jdk } from './java/jdk.ts';
import { jdwp, underDebugger } from './java/jdwp.ts';
import { pack } from './java/plain-sources.ts';
import { projectBuild } from './java/project-build.ts';
import { ownBuilds } from './own-build.ts';
import type { Aims, Build, Look, Plan, Recipe, Unfit } from './recipe.ts';

export const java: Recipe = { name: 'java', title: 'Java', plan, debugging: jdwp };

async function plan(service: ServiceSpec, look: Look, aims: Aims): Promise<Plan | Unfit> {
  const made = await launched(service, look, aims);
  return made.kind === 'plan' && aims.debugPort !== undefined
    ? debugged(service, made, aims.debugPort, look)
    : made;
}

function launched(service: ServiceSpec, look: Look, aims: Aims): Promise<Plan | Unfit> {
  const project = service.appengine?.project;
  const row = project === undefined ? undefined : rowNameOf(project);
  if (!hasOwnCommand(service)) {
    if (row === 'java-sdk') return classic(service, look, aims);
    if (row === 'java-vm') return jetty(service, look, aims);
  }
  return plainPlan(service, look, aims);
}

async function plainPlan(service: ServiceSpec, look: Look, aims: Aims): Promise<Plan | Unfit> {
  const line = commandLine(service);
  const program = line?.words[0] ?? '';
  const tool = javaToolOf(programName(program));
  const application = applicationOf(service, aims, look);
  const asWritten: Plan = {
    kind: 'plan',
    command: service.command,
    ...application,
    builds: ownBuilds(service),
  };
  // Only a shell, or nobody, can tell which Java such a command wants.
  if (line === undefined || tool === undefined) return asWritten;
  const isFixed = tool === 'java' && isPath(program) && service.interpreter === undefined;
  const jdk = isFixed ? undefined : await findJdk(service, look);
  if (jdk !== undefined && 'kind' in jdk) return jdk;
  const made =
    tool === 'java'
      ? await javaPlan(service, { look, aims, line, jdk })
      : { command: line.with(line.words), builds: [] };
  if ('kind' in made) return made;
  const warnings = [...(application.warnings ?? []), ...(jdk?.warnings ?? [])];
  return {
    ...asWritten,
    ...made.command,
    ...(jdk === undefined ? {} : { path: [jdk.bin] }),
    ...(jdk?.isNamed === true && tool !== 'java'
      ? { environment: withVariables(application.environment, { JAVA_HOME: resolvePath(jdk.bin, '..') }) }
      : {}),
    ...(warnings.length === 0 ? {} : { warnings }),
    builds: [...ownBuilds(service), ...made.builds],
  };
}

interface Launch {
  readonly look: Look;
  readonly aims: Aims;
  readonly line: CommandLine;
  /** Absent: the command names its Java by a path. */
  readonly jdk: Jdk | undefined;
}

interface Made {
  readonly command: Pick<Plan, 'command' | 'shell'>;
  readonly builds: readonly Build[];
}

async function javaPlan(service: ServiceSpec, launch: Launch): Promise<Made | Unfit> {
  const { look, aims, line, jdk } = launch;
  const { build, cwd, name, proposed, interpreter } = service;
  const [program, ...rest] = line.words;
  const { mode, options, args } = await proposedMode(service, readJava(rest), look);
  const java = interpreter === undefined || jdk === undefined ? program : jdk.program;
  const command =
    mode.kind === 'jar'
      ? line.with([java, ...options, '-jar', mode.file, ...args])
      : line.with([java, ...rest]);
  if (mode.kind === 'jar' && build === undefined) {
    const made = await projectBuild(service, mode.file, look, aims);
    if (made !== undefined) return 'kind' in made ? made : { command, builds: [made] };
  }
  const isAsked = mode.kind === 'source' || (mode.kind === 'jar' && !(await isThere(look, cwd, mode.file)));
  if (isAsked && proposed !== undefined && build === undefined && jdk !== undefined) {
    const file = mode.kind === 'source' ? mode.file : undefined;
    const packed = await pack(service, file, { look, aims, jdk });
    if (packed !== undefined && 'kind' in packed) return packed;
    if (packed !== undefined)
      return { command: line.with([java, ...options, ...packed.start, ...args]), builds: [packed.build] };
  }
  const isBuilt = build !== undefined && build !== false;
  const entry = isBuilt ? undefined : entryOf(mode);
  if (entry === undefined || (await isThere(look, cwd, entry))) return { command, builds: [] };
  const way =
    mode.kind === 'jar'
      ? 'Make it first, or let "build" say how: { command: mvn -q package, outputs: [target/app.jar] }.'
      : 'Let "command" name the file that has the main class.';
  return unfit({
    code: 'missing-entry',
    params: { service: name, entry, looked: resolvePath(cwd, entry), way },
  });
}

async function isThere(look: Look, cwd: string, path: string): Promise<boolean> {
  return (await look.kind(resolvePath(cwd, path))) === 'file';
}

/** A jar that nobody has named is called as Maven will call it. */
async function proposedMode(
  { cwd, proposed }: ServiceSpec,
  command: JavaCommand,
  look: Look,
): Promise<JavaCommand> {
  const { mode } = command;
  if (proposed === undefined || mode.kind !== 'jar' || (await isThere(look, cwd, mode.file))) return command;
  const jar = jarOf((await look.text(resolvePath(cwd, 'pom.xml'))) ?? '');
  return jar === undefined ? command : { ...command, mode: { kind: 'jar', file: jar } };
}

function entryOf(mode: JavaMode): string | undefined {
  return mode.kind === 'jar' || mode.kind === 'source' ? mode.file : undefined;
}

function debugged(service: ServiceSpec, plan: Plan, port: number, look: Look): Plan {
  const line = commandLine({ command: plan.command, shell: plan.shell ?? service.shell });
  const tool = javaToolOf(programName(line?.words[0] ?? ''));
  const { words, env } = underDebugger(line?.words ?? [], tool, port, look.env);
  return {
    ...plan,
    ...(line === undefined ? {} : line.with(words)),
    ...(Object.keys(env).length === 0 ? {} : { environment: withVariables(plan.environment, env) }),
  };
}
