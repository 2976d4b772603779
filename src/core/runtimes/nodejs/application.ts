/** How a Node application of App Engine is started (spec 4.2 and 4.3). */

import { resolvePath } from '../../../base/path.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import { environmentFor, variableWarnings } from '../appengine/environment.ts';
import { type CommandLine, commandLine, isPath } from '../common/line.ts';
import type { Aims, Look, Plan } from '../recipe.ts';
import { isNode } from './command.ts';
import type { NodeFound } from './interpreter.ts';

/** Where the system looks for programs when nothing says where (POSIX, `confstr`). */
const withoutPath = ['/bin', '/usr/bin'];

/**
 * Nothing is inherited, not even a PATH (RT-13). `node server.js` needs none, its program is named by its path. For
 * anything that looks for Node in turn, such as npm, there has to be one, unless the system finds Node without.
 */
export async function applicationPlan(
  spec: ServiceSpec,
  look: Look,
  aims: Aims,
  node: NodeFound,
  tools: readonly string[],
): Promise<Plan> {
  const line = commandLine(spec);
  const direct = line !== undefined && isNode(line.words[0]) && !/\$/.test(line.words.join(' '));
  const base: Plan = {
    kind: 'plan',
    ...(direct ? directly(line, node) : { command: spec.command, shell: spec.shell }),
    environment: environmentFor(spec, aims, look),
    warnings: [...node.warnings, ...variableWarnings(spec)],
  };
  if (direct) return base;
  const program = line?.words[0];
  const found =
    line === undefined || program === undefined || isPath(program)
      ? undefined
      : await look.program([program], [...node.path, ...tools]);
  const command =
    found?.kind === 'found' && spec.shell === false
      ? line?.with([found.path, ...line.words.slice(1)])
      : undefined;
  const home = resolvePath(node.program, '..');
  if (withoutPath.includes(home) && aims.platform !== 'win32') return { ...base, ...command };
  return { ...base, ...command, path: [home, ...(aims.windows ? [] : withoutPath)] };
}

function directly(line: CommandLine, node: NodeFound): Pick<Plan, 'command' | 'shell'> {
  const program = isPath(line.words[0]) ? line.words[0] : node.program;
  return { command: [program, ...line.words.slice(1)], shell: false };
}
