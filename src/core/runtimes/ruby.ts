/** Ruby: which interpreter, what has to be there before, and the debugger of the debug gem. */

import { resolvePath } from '../../base/path.ts';
import type { ServiceSpec } from '../../config/spec.ts';
import { environmentFor, variableWarnings } from './appengine/environment.ts';
import { debugged } from './common/debugged.ts';
import { type CommandLine, commandLine, isPath } from './common/line.ts';
import { onOurPath, withAssigned } from './common/seen-by.ts';
import { isMade, isUnfit } from './common/unfit.ts';
import { afterOwnBuilds } from './own-build.ts';
import type { Aims, EnvironmentRule, Look, Plan, Recipe, Unfit } from './recipe.ts';
import { applicationCommand } from './ruby/application.ts';
import { checkCommand } from './ruby/checks.ts';
import { readCommand, type RubyCommand } from './ruby/command.ts';
import { readAddress, underDebugger } from './ruby/debugger.ts';
import { findRuby, type RubyFound } from './ruby/interpreter.ts';

export const ruby: Recipe = {
  name: 'ruby',
  title: 'Ruby',
  plan: afterOwnBuilds(planOf),
  debugging: { address: readAddress },
};

async function planOf(written: ServiceSpec, seen: Look, aims: Aims): Promise<Plan | Unfit> {
  const spec = await applicationCommand(written, seen);
  if (isUnfit(spec)) return spec;
  const line = commandLine(spec);
  const [free, ours] = onOurPath(spec, seen, aims);
  const look = withAssigned(ours, line?.assigned ?? {});
  const command = readCommand(line?.words ?? []);
  const word = command.rubyAt === undefined ? undefined : line?.words[command.rubyAt];
  const found = await findRuby(free, look, word, isBundled(line, command));
  if (isUnfit(found)) {
    const lenient = spec.interpreter === undefined && !(await needsRuby(spec, look, line, command));
    return lenient ? plainPlan(spec, look, aims) : found;
  }
  if (line !== undefined) {
    const missing = await checkCommand(spec, look, command, found);
    if (missing !== undefined) return missing;
  }
  const plan = plainPlan(spec, look, aims, found, chosen(spec, line, command, found));
  if (aims.debugPort === undefined) return plan;
  return withDebugger(plan, spec, look, aims.debugPort, found);
}

/** Only a shell can tell what it needs, and a program that is no script of Ruby's (make, a `bin/dev`) may do without. */
async function needsRuby(
  spec: ServiceSpec,
  look: Look,
  line: CommandLine | undefined,
  { bundled, rubyAt, script, tool }: RubyCommand,
): Promise<boolean> {
  if (line === undefined || isMade(spec)) return false;
  if (bundled || rubyAt !== undefined || spec.proposed !== undefined) return true;
  const there = tool === undefined ? undefined : await look.program([tool]);
  if (there?.kind === 'nowhere') return true;
  const path = there?.path ?? (script === undefined ? undefined : resolvePath(spec.cwd, script));
  return path !== undefined && /^#!.*ruby/.test((await look.text(path)) ?? '');
}

/** Rails' own scripts load Bundler themselves. */
function isBundled(line: CommandLine | undefined, { bundled, script }: RubyCommand): boolean {
  return bundled || script === 'bin/rails' || line?.words[0] === 'bin/rails';
}

function plainPlan(
  spec: ServiceSpec,
  look: Look,
  aims: Aims,
  found?: RubyFound,
  command: Pick<Plan, 'command' | 'shell'> = { command: spec.command, shell: spec.shell },
): Plan {
  const warnings = [...(found?.warnings ?? []), ...variableWarnings(spec)];
  const rule = environmentFor(spec, aims, look);
  const environment: EnvironmentRule = { ...rule, beneath: { ...rule.beneath, ...found?.env } };
  return {
    kind: 'plan',
    ...command,
    environment,
    ...(found === undefined || found.path.length === 0 ? {} : { path: found.path }),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

/** The file names the interpreter: then that stands in the place of the command's own word for it. */
function chosen(
  spec: ServiceSpec,
  line: CommandLine | undefined,
  { rubyAt }: RubyCommand,
  found: RubyFound,
): Pick<Plan, 'command' | 'shell'> {
  const word = rubyAt === undefined ? undefined : line?.words[rubyAt];
  if (!found.named || line === undefined || rubyAt === undefined || word === undefined || isPath(word)) {
    return { command: spec.command, shell: spec.shell };
  }
  return line.with(line.words.with(rubyAt, found.program));
}

async function withDebugger(
  plan: Plan,
  spec: ServiceSpec,
  look: Look,
  port: number,
  found: RubyFound,
): Promise<Plan | Unfit> {
  const now = { ...spec, command: plan.command, shell: plan.shell ?? spec.shell };
  const line = commandLine(now);
  const under = await underDebugger(now, look, port, line, readCommand(line?.words ?? []), found);
  return isUnfit(under) ? under : debugged(plan, under);
}
