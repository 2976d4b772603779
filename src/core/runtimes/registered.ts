/** A recipe that another extension has brought as plain data, interpreted (spec section 4 has none of these). */

import { resolvePath } from '../../base/path.ts';
import type { RecipeCheck, RecipeDefinition } from '../../config/registered.ts';
import type { BuildSpec, ServiceSpec } from '../../config/spec.ts';
import { splitCommand } from '../../config/words.ts';
import { applicationOf, withVariables } from './application.ts';
import { commandLine, programName } from './common/line.ts';
import { unfit } from './common/unfit.ts';
import { compareVersions, readVersion } from './common/version.ts';
import { ownBuilds } from './own-build.ts';
import type { Aims, Debugging, Look, Plan, Recipe, Unfit } from './recipe.ts';

export function registeredRecipe(definition: RecipeDefinition): Recipe {
  const { name, title, debug } = definition;
  return {
    name,
    title,
    plan: (service, look, aims) => planOf(definition, service, look, aims),
    ...(debug === undefined ? {} : { debugging: debuggingOf(debug) }),
  };
}

async function planOf(
  definition: RecipeDefinition,
  service: ServiceSpec,
  look: Look,
  aims: Aims,
): Promise<Plan | Unfit> {
  for (const check of definition.checks ?? []) {
    const missing = await unmet(check, definition, service, look);
    if (missing !== undefined) return missing;
  }
  const build = service.build ?? buildOf(definition, service.cwd);
  const application = applicationOf(service, aims, look);
  const plan: Plan = {
    kind: 'plan',
    ...commandOf(definition, service),
    ...application,
    environment: {
      inherits: 'all',
      own: 'over',
      above: {},
      ...application.environment,
      beneath: { ...definition.env, ...application.environment?.beneath },
    },
    builds: ownBuilds({ ...service, ...(build === undefined ? {} : { build }) }),
  };
  return aims.debugPort === undefined ? plan : debugged(definition, service, plan, aims.debugPort);
}

/** With the program that the file names, in place of one that means this recipe. */
function commandOf(
  { programs = [] }: RecipeDefinition,
  service: ServiceSpec,
): Pick<Plan, 'command' | 'shell'> {
  const line = commandLine(service);
  if (service.interpreter === undefined || line === undefined) return { command: service.command };
  const [program, ...rest] = line.words;
  return programs.includes(programName(program))
    ? line.with([service.interpreter, ...rest])
    : { command: service.command };
}

function buildOf({ build }: RecipeDefinition, cwd: string): BuildSpec | undefined {
  if (build === undefined) return undefined;
  const { words } = splitCommand(build.command, () => undefined);
  if (words.length === 0) return undefined;
  const outputs = (build.outputs ?? []).map((path) => resolvePath(cwd, path));
  return { command: words, inputs: build.inputs, outputs };
}

// ------------------------------------------------------------------------------------------------------ checks

async function unmet(
  check: RecipeCheck,
  definition: RecipeDefinition,
  service: ServiceSpec,
  look: Look,
): Promise<Unfit | undefined> {
  if ('file' in check) {
    const looked = resolvePath(service.cwd, check.file);
    if ((await look.kind(looked)) !== undefined) return undefined;
    const params = { service: service.name, entry: check.file, looked, way: check.way };
    return unfit({ code: 'missing-entry', params });
  }
  const { program, atLeast, versionArguments = ['--version'], install } = check;
  const own = definition.programs?.includes(program) === true ? service.interpreter : undefined;
  const found = await look.program([own ?? program]);
  if (found.kind === 'nowhere') {
    const params = { what: definition.title, programs: [own ?? program], looked: found.looked, install };
    return unfit({ code: 'missing-program', params });
  }
  if (atLeast === undefined) return undefined;
  const told = await look.ask([found.path, ...versionArguments]);
  const version = readVersion(/\d+(?:\.\d+)*/u.exec(`${told?.stdout} ${told?.stderr}`)?.[0] ?? '');
  const least = readVersion(atLeast);
  if (version === undefined || least === undefined || compareVersions(version, least) >= 0) return undefined;
  return unfit({
    code: 'wrong-version',
    params: {
      what: program,
      found: version.join('.'),
      path: found.path,
      wanted: `${atLeast} or later`,
      by: `The recipe "${definition.title}"`,
      install,
    },
  });
}

// --------------------------------------------------------------------------------------------------- debugging

/** No debugger says more than this of where it is; somebody else's pattern may take a power of the length. */
const longestLine = 1000;

function isPort(text: string): boolean {
  return /^\d{1,5}$/u.test(text) && Number(text) > 0 && Number(text) < 65_536;
}

type Debug = NonNullable<RecipeDefinition['debug']>;

function debuggingOf({ listening }: Debug): Debugging {
  if (listening === undefined) return {};
  const pattern = new RegExp(listening, 'u');
  return {
    address: (line) => {
      if (line.length > longestLine) return undefined;
      const { host = '127.0.0.1', port = '' } = pattern.exec(line)?.groups ?? {};
      return isPort(port) ? { host: host.replaceAll(/[[\]]/gu, ''), port: Number(port) } : undefined;
    },
  };
}

function debugged(
  { title, programs, debug }: RecipeDefinition,
  service: ServiceSpec,
  plan: Plan,
  port: number,
): Plan | Unfit {
  const { command, shell = service.shell, environment } = plan;
  const line = commandLine({ command, shell });
  const args = (debug?.args ?? []).map((each) => each.replaceAll('{port}', String(port)));
  const env = Object.fromEntries(
    Object.entries(debug?.env ?? {}).map(([name, value]) => [name, value.replaceAll('{port}', String(port))]),
  );
  const [program = '', ...rest] = line?.words ?? [];
  const own = service.interpreter === undefined ? programName(program) : programs?.[0];
  const takes = line !== undefined && (programs === undefined || programs.includes(own ?? ''));
  if (args.length > 0 && !takes && Object.keys(env).length === 0) {
    const text = `only a command that begins with ${(programs ?? [title]).join(' or ')} can be run under the debugger of ${title}.`;
    const way = 'Start it without debugging, or write such a command.';
    return unfit({ code: 'unfit', params: { service: service.name, text, way } });
  }
  return {
    ...plan,
    ...(takes && line !== undefined ? line.with([program, ...args, ...rest]) : {}),
    environment: withVariables(environment, env),
  };
}
