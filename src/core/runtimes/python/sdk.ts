/**
 * Python 2.7 of App Engine, where an interpreter and a launcher for it are named (spec 4.2): the launcher is run by the
 * interpreter, or by itself where only one executable is named. Its environment and its flavour are the table's.
 */

import { resolvePath } from '../../../base/path.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import { environmentFor } from '../appengine/environment.ts';
import { isPath } from '../common/line.ts';
import { missingEntry, unfit } from '../common/unfit.ts';
import type { Aims, Look, Plan, Unfit } from '../recipe.ts';
import { isPython } from './command.ts';

export async function launcherPlan(spec: ServiceSpec, look: Look, aims: Aims): Promise<Plan | Unfit> {
  const environment = environmentFor(spec, aims, look);
  const { interpreter } = spec;
  if (interpreter === undefined) return { kind: 'plan', command: spec.command, environment };
  const wanted = isPath(interpreter) ? resolvePath(spec.cwd, interpreter) : interpreter;
  const found = await look.program([wanted]);
  if (found.kind === 'nowhere') {
    const install = 'Correct "interpreter", or run the service with a Python of today.';
    const params = {
      what: 'The Python that "interpreter" names',
      programs: [wanted],
      looked: found.looked,
      install,
    };
    return unfit({ code: 'missing-program', params }, 'interpreter');
  }
  const [first = '', ...rest] = spec.command;
  const launcher = isPython(first) ? rest : [first, ...rest];
  const [script = ''] = launcher;
  const path = resolvePath(spec.cwd, script);
  if ((await look.kind(path)) === undefined) return missingEntry(spec, script, path);
  return { kind: 'plan', command: [found.path, ...launcher], environment };
}
