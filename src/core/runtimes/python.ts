/** Python: which interpreter and environment, what has to be there before, and debugpy. */

import type { ServiceSpec } from '../../config/spec.ts';
import { rowNameOf } from '../../config/formats/appengine/runtimes.ts';
import { environmentFor, variableWarnings } from './appengine/environment.ts';
import { debugged } from './common/debugged.ts';
import { type CommandLine, commandLine, isPath } from './common/line.ts';
import { onOurPath, withAssigned } from './common/seen-by.ts';
import { isMade, isUnfit } from './common/unfit.ts';
import { applicationCommand, applicationPlan } from './python/application.ts';
import { checkCommand } from './python/checks.ts';
import { type PythonCommand, readCommand } from './python/command.ts';
import { underDebugger } from './python/debugger.ts';
import { findPython, type PythonFound } from './python/interpreter.ts';
import { launcherPlan } from './python/sdk.ts';
import { afterOwnBuilds } from './own-build.ts';
import type { Aims, EnvironmentRule, Look, Plan, Recipe, Unfit } from './recipe.ts';

export const python: Recipe = {
  name: 'python',
  title: 'Python',
  plan: afterOwnBuilds(planOf),
  debugging: {},
};

async function planOf(spec: ServiceSpec, look: Look, aims: Aims): Promise<Plan | Unfit> {
  const project = spec.appengine?.project;
  const row = project === undefined ? undefined : (project.row ?? rowNameOf(project));
  if (row === 'python-sdk') return launcherPlan(spec, look, aims);
  return row === 'python' ? ofApplication(spec, look, aims) : ofService(spec, look, aims);
}

/** What is known of a start when its plan is made. */
interface Start {
  readonly spec: ServiceSpec;
  readonly look: Look;
  readonly aims: Aims;
  /** Undefined where only a shell can read it. */
  readonly line: CommandLine | undefined;
  readonly command: PythonCommand;
  readonly found: PythonFound | undefined;
}

async function ofService(spec: ServiceSpec, seen: Look, aims: Aims): Promise<Plan | Unfit> {
  const line = commandLine(spec);
  const look = withAssigned(seen, line?.assigned ?? {});
  const command = readCommand(line?.words ?? []);
  // A runner, such as Poetry, has a Python of its own.
  const word = command.before.length > 0 ? undefined : command.python;
  const found = await findPython(spec, look, aims, word);
  const lenient = spec.interpreter === undefined && (await mayDoWithout(spec, look, line, command));
  if (isUnfit(found) && !lenient) return found;
  const used = isUnfit(found) ? undefined : found;
  if (line !== undefined) {
    // Where the service's own PATH stands in front, nobody can tell which Python it comes to.
    const sure = spec.env['PATH'] === undefined || used?.environment === undefined || used.named;
    const missing = await checkCommand(spec, look, command, sure ? used : undefined);
    if (missing !== undefined) return missing;
  }
  const start = { spec, look, aims, line, command, found: used };
  const plan = plainPlan(start);
  return aims.debugPort === undefined ? plan : withDebugger(plan, start);
}

/** Whether it may start although there is no Python for it: what it runs brings one, or needs none. */
async function mayDoWithout(
  spec: ServiceSpec,
  look: Look,
  line: CommandLine | undefined,
  { before, runs }: PythonCommand,
): Promise<boolean> {
  // Only a shell can tell, and a build may make it.
  if (line === undefined || before.length > 0 || isMade(spec)) return true;
  if (runs.kind !== 'tool' || spec.proposed !== undefined) return false;
  return isPath(runs.word) || (await look.program([runs.word])).kind === 'found';
}

/** Under a debugger, what the application's environment brings decides. */
async function ofApplication(spec: ServiceSpec, look: Look, aims: Aims): Promise<Plan | Unfit> {
  const [, ours] = onOurPath(spec, look, aims);
  const whole = await applicationPlan(spec, ours, aims);
  if (isUnfit(whole)) return whole;
  const { python: interpreter, ...plan } = whole;
  if (aims.debugPort === undefined) return plan;
  const line = commandLine(applicationCommand(spec));
  const found: PythonFound = { ...interpreter, path: [], named: false, warnings: [] };
  return withDebugger(plan, { spec, look, aims, line, command: readCommand(line?.words ?? []), found });
}

function plainPlan({ spec, look, aims, line, command, found }: Start): Plan {
  const warnings = [...(found?.warnings ?? []), ...variableWarnings(spec)];
  const rule = environmentFor(spec, aims, look);
  return {
    kind: 'plan',
    ...chosen(spec, line, command, found),
    environment: within(rule, spec, look, found),
    ...(found === undefined || found.path.length === 0 ? {} : { path: found.path }),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

/** The file names the interpreter, or nobody wrote the command: then it is the recipe's to say which. */
function chosen(
  spec: ServiceSpec,
  line: CommandLine | undefined,
  { before, python: word, options, runs, args }: PythonCommand,
  found: PythonFound | undefined,
): Pick<Plan, 'command' | 'shell'> {
  const ours = found !== undefined && (found.named || spec.proposed !== undefined);
  if (!ours || line === undefined || before.length > 0) return { command: spec.command };
  const interpreter = [found.program, ...found.options];
  if (word !== undefined && !isPath(word)) return line.with([...interpreter, ...line.words.slice(1)]);
  if (spec.proposed === undefined || runs.kind !== 'tool' || runs.module === undefined)
    return { command: spec.command };
  return line.with([...interpreter, ...options, '-m', runs.module, ...args]);
}

function within(
  rule: EnvironmentRule,
  spec: ServiceSpec,
  look: Look,
  found: PythonFound | undefined,
): EnvironmentRule {
  const environment = found?.environment;
  // What is printed reaches the log, and whoever waits for a port in it, at once.
  const beneath = { PYTHONUNBUFFERED: '1', ...rule.beneath };
  if (environment === undefined) return { ...rule, beneath };
  const variable = environment.kind === 'conda' ? 'CONDA_PREFIX' : 'VIRTUAL_ENV';
  // Of another Python, it would hide the environment's own library.
  const strays = look.env['PYTHONHOME'] !== undefined && spec.env['PYTHONHOME'] === undefined;
  const inherits =
    strays && rule.inherits === 'all'
      ? Object.keys(look.inherited ?? look.env).filter((name) => name !== 'PYTHONHOME')
      : rule.inherits;
  return { ...rule, inherits, beneath: { ...beneath, [variable]: environment.folder } };
}

async function withDebugger(
  plan: Plan,
  { spec, look, aims, line, command, found }: Start,
): Promise<Plan | Unfit> {
  const under = await underDebugger(spec, look, aims, line, command, found);
  return isUnfit(under) ? under : debugged(plan, under);
}
