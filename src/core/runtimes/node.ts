/** Node.js: which Node, what has to be there before, and its inspector. */

import type { ServiceSpec } from '../../config/spec.ts';
import { withVariables } from './application.ts';
import { type CommandLine, commandLine, isPath } from './common/line.ts';
import { isUnfit } from './common/unfit.ts';
import { applicationPlan } from './nodejs/application.ts';
import { checkCommand, toolFolders } from './nodejs/checks.ts';
import { isNode } from './nodejs/command.ts';
import { debugLaunch, readInspector, saysDone } from './nodejs/inspector.ts';
import { findNode, type NodeFound } from './nodejs/interpreter.ts';
import type { Aims, Look, Plan, Recipe, Unfit } from './recipe.ts';

export const node: Recipe = {
  name: 'node',
  title: 'Node.js',
  plan: planOf,
  debugging: { address: readInspector, isDone: saysDone },
};

async function planOf(spec: ServiceSpec, look: Look, aims: Aims): Promise<Plan | Unfit> {
  const line = commandLine(spec);
  const found = await findFor(spec, look, aims, line);
  if (isUnfit(found)) return found;
  const tools = await toolsFor(spec, look, line);
  const path = [...(found?.path ?? []), ...tools];
  if (line !== undefined) {
    const missing = await checkCommand(spec, look, line.words, path);
    if (missing !== undefined) return missing;
  }
  const plan =
    spec.appengine?.project !== undefined && found !== undefined
      ? await applicationPlan(spec, look, aims, found, tools)
      : plainPlan(spec, line, found, path);
  return aims.debugPort === undefined ? plan : underInspector(plan, spec, aims.debugPort, look);
}

/** Where the command names its program by a path, that is used as it is, and no other is looked for. */
async function findFor(
  spec: ServiceSpec,
  look: Look,
  aims: Aims,
  line: CommandLine | undefined,
): Promise<NodeFound | Unfit | undefined> {
  if (line !== undefined && isPath(line.words[0]) && spec.interpreter === undefined) return undefined;
  const found = await findNode(spec, look, aims);
  // Only a shell can tell whether it needs a Node at all.
  return isUnfit(found) && line === undefined && spec.interpreter === undefined ? undefined : found;
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
