/** How a modern Python application of App Engine is started (spec 4.2 and 4.4). */

import { resolvePath } from '../../../base/path.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import { environmentFor, variableWarnings } from '../appengine/environment.ts';
import { isUnfit, missingEntry, unfit } from '../common/unfit.ts';
import type { Aims, EnvironmentRule, Look, Plan, Unfit } from '../recipe.ts';
import { environmentBuild, environmentFolder } from './environment-build.ts';
import { type Environment, environmentOf } from './environments.ts';
import { findsModule, type Interpreter } from './facts.ts';
import { installCommand, requirementsOf } from './requirements.ts';

const usualEntrypoint = 'gunicorn -b :${PORT} main:app';

/** The service as it is to be started: with the recipe's own entrypoint where nobody wrote one (RT-9). */
export function applicationCommand(spec: ServiceSpec): ServiceSpec {
  return hasEntrypoint(spec)
    ? spec
    : { ...spec, command: [usualEntrypoint], shell: spec.shell === false ? true : spec.shell };
}

function hasEntrypoint({ appengine, proposed }: ServiceSpec): boolean {
  return appengine?.project?.entrypoint !== undefined || proposed === undefined;
}

export async function applicationPlan(
  written: ServiceSpec,
  look: Look,
  aims: Aims,
): Promise<(Plan & { readonly python: Interpreter }) | Unfit> {
  const spec = applicationCommand(written);
  const own = await environmentOf(spec, look, aims.windows);
  const warnings = variableWarnings(spec);
  const rule = environmentFor(spec, aims, look);
  if (own !== undefined && own.kind !== 'broken') {
    const missing = await incomplete(written, look, own);
    if (missing !== undefined) return missing;
    return {
      kind: 'plan',
      command: spec.command,
      shell: spec.shell,
      ...within(rule, aims, own.folder, own.bin),
      warnings,
      python: { program: own.program, options: [] },
    };
  }
  const python = await findPython3(spec, look);
  if (isUnfit(python)) return python;
  if (!hasEntrypoint(written)) {
    const main = resolvePath(spec.cwd, 'main.py');
    const there = (await look.kind(main)) ?? (await look.kind(resolvePath(spec.cwd, 'main')));
    if (there === undefined)
      return missingEntry(spec, 'main:app', main, 'Write main.py, or an "entrypoint".');
  }
  const folder = environmentFolder(aims);
  const bin = resolvePath(folder, aims.windows ? 'Scripts' : 'bin');
  const requirements = resolvePath(spec.cwd, 'requirements.txt');
  const build = environmentBuild(spec, aims, {
    python,
    isDefault: !hasEntrypoint(written),
    ...((await look.kind(requirements)) === 'file' ? { requirements } : {}),
  });
  return {
    kind: 'plan',
    command: spec.command,
    shell: spec.shell,
    ...within(rule, aims, folder, bin),
    ...(spec.build === false ? {} : { builds: [build] }),
    warnings,
    python: { program: resolvePath(bin, aims.windows ? 'python.exe' : 'python'), options: [] },
  };
}

/** `VIRTUAL_ENV`, and its programs first on the PATH, wherever that one comes from. */
function within(
  rule: EnvironmentRule,
  { windows }: Aims,
  folder: string,
  bin: string,
): Pick<Plan, 'environment' | 'path'> {
  const { PATH } = rule.above;
  const above = { ...rule.above, VIRTUAL_ENV: folder };
  if (PATH === undefined) return { environment: { ...rule, above }, path: [bin] };
  const path = PATH === '' ? bin : `${bin}${windows ? ';' : ':'}${PATH}`;
  return { environment: { ...rule, above: { ...above, PATH: path } } };
}

/** A project's own environment is the person's to fill: what the usual entrypoint runs has to be in it. */
async function incomplete(
  spec: ServiceSpec,
  look: Look,
  environment: Environment,
): Promise<Unfit | undefined> {
  const found = { program: environment.program, options: [], environment };
  if (hasEntrypoint(spec) || (await findsModule(found, 'gunicorn', spec, look)) !== false) return undefined;
  const requirements = await requirementsOf(spec, look);
  const named = requirements?.names('gunicorn') === true;
  const params = {
    service: spec.name,
    because: `it has no entrypoint, and so runs "${usualEntrypoint}"`,
    looked: `gunicorn in ${environment.folder}`,
    command: await installCommand(spec, look, found, requirements, named ? undefined : 'gunicorn'),
  };
  return unfit({ code: 'missing-dependencies', params }, 'runtime');
}

/** The Python of which the environment is made: of the runtime's version where there is one. */
async function findPython3(spec: ServiceSpec, look: Look): Promise<string | Unfit> {
  const version = /^python3(\d+)$/.exec(spec.appengine?.project?.runtime ?? '')?.[1];
  const names =
    spec.interpreter === undefined
      ? [...(version === undefined ? [] : [`python3.${version}`]), 'python3']
      : [spec.interpreter];
  for (const name of names) {
    const found = await look.program([/[\\/]/.test(name) ? resolvePath(spec.cwd, name) : name]);
    if (found.kind === 'nowhere') continue;
    // A version manager's shim of a version that is not installed is there, and cannot be run.
    const told = await look.ask([found.path, '--version'], { cwd: spec.cwd });
    if (told?.exit.code === 0) return found.path;
  }
  const text =
    'Could not find python3 executable. Check to make sure that Python 3 is installed, and that python3 is on your PATH.';
  const way = 'Install Python 3 with its venv module, or name one with "interpreter".';
  return unfit({ code: 'unfit', params: { service: spec.name, text, way } }, 'runtime');
}
