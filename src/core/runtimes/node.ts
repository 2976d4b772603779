/** Node.js: which Node, what has to be there before, and its inspector. */

import type { ServiceSpec } from '../../config/spec.ts';
import { withVariables } from './application.ts';
import { type CommandLine, commandLine, isPath } from './common/line.ts';
import { onOurPath, withAssigned } from './common/seen-by.ts';
import { isUnfit } from './common/unfit.ts';
import { applicationPlan } from './nodejs/application.ts';
import { checkCommand, toolFolders } from './nodejs/checks.ts';
import { isNode, readCommand } from './nodejs/command.ts';
import { debugLaunch, readInspector, saysDone } from './nodejs/inspector.ts';
import { findNode, type NodeFound } from './nodejs/interpreter.ts';
import { afterOwnBuilds } from './own-build.ts';
import type { Aims, Look, Plan, Recipe, Unfit } from './recipe.ts';

export const node: Recipe = {
  name: 'node',
  title: 'Node.js',
  plan: afterOwnBuilds(planOf),
  debugging: { address: readInspector, isDone: saysDone },
};

async function planOf(written: ServiceSpec, seen: Look, aims: Aims): Promise<Plan | Unfit> {
  const line = commandLine(written);
  const [spec, ours] = onOurPath(written, seen, aims);
  const look = withAssigned(ours, line?.assigned ?? {});
  const tools = await toolsFor(spec, look, line);
  const found = await findFor(spec, look, aims, line, tools);
  if (isUnfit(found)) return found;
  const path = [...(found?.path ?? []), ...tools];
  if (line !== undefined) {
    const missing = await checkCommand(spec, look, line.words, path);
    if (missing !== undefined) return missing;
  }
  const plan =
    spec.appengine?.project !== undefined && found !== undefined
      ? await applicationPlan(written, look, aims, found, tools)
      : plainPlan(spec, line, found, path);
  return aims.debugPort === undefined ? plan : underInspector(plan, spec, aims.debugPort, look);
}

/** Where the command names its program by a path, that is used as it is, and no other is looked for. */
async function findFor(
  spec: ServiceSpec,
  look: Look,
  aims: Aims,
  line: CommandLine | undefined,
  tools: readonly string[],
): Promise<NodeFound | Unfit | undefined> {
  if (line !== undefined && isPath(line.words[0]) && spec.interpreter === undefined) return undefined;
  const found = await findNode(spec, look, aims);
  if (!isUnfit(found) || spec.interpreter !== undefined) return found;
  const isApplication = spec.appengine?.project !== undefined;
  return (await needsNode(look, line, tools, isApplication)) ? found : undefined;
}

/** Only a shell can tell what it needs, and what lies elsewhere (bun, make) may do without or choose for itself. */
async function needsNode(
  look: Look,
  line: CommandLine | undefined,
  tools: readonly string[],
  isApplication: boolean,
): Promise<boolean> {
  if (line === undefined) return false;
  const [word] = line.words;
  if (isApplication || readCommand(line.words).kind !== 'tool' || tools.length > 0) return true;
  return (await look.program([word])).kind === 'nowhere';
}

/** A tool of the project's dependencies is found as npm's scripts find it. */
async function toolsFor(
  spec: ServiceSpec,
  look: Look,
  line: CommandLine | undefined,
): Promise<readonly string[]> {
  if (line === undefined || isNode(line.words[0]) || isPath(line.words[0])) return [];
  for (const folder of await toolFolders(spec, look)) {
    if ((await look.program([`${folder}/${line.words[0]}`])).kind === 'found') return [folder];
  }
  return [];
}

function plainPlan(
  spec: ServiceSpec,
  line: CommandLine | undefined,
  found: NodeFound | undefined,
  path: readonly string[],
): Plan {
  const command =
    found?.named === true && line !== undefined && isNode(line.words[0]) && !isPath(line.words[0])
      ? line.with([found.program, ...line.words.slice(1)])
      : { command: spec.command };
  const warnings = found?.warnings ?? [];
  return {
    kind: 'plan',
    ...command,
    ...(path.length === 0 ? {} : { path }),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

function underInspector(plan: Plan, spec: ServiceSpec, port: number, { env }: Look): Plan {
  const { command, shell = spec.shell, environment } = plan;
  const launch = debugLaunch({ command, shell, env: spec.env }, port, environment === undefined ? env : {});
  const [program = '', ...rest] = command;
  return {
    ...plan,
    command: [program, ...launch.args, ...rest],
    environment: withVariables(environment, launch.env),
  };
}
