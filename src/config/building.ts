/** `build` and `fastcgi` of a service, from what is written. */

import { resolvePath } from '../base/path.ts';
import type { Problem } from '../faults/fault.ts';
import { commandOf, type CommandScope } from './command.ts';
import { defaultsOf, type RawService } from './schema.ts';
import { buildMapSchema, fastcgiSchema } from './schema/runtime.ts';
import type { BuildSpec, FastCgiSpec } from './spec.ts';
import { child, type Tree } from './tree.ts';

const usualBuild = defaultsOf(buildMapSchema);
const usualFastCgi = defaultsOf(fastcgiSchema);

/** @param tree What is written under `build`. */
export function buildOf(
  tree: Tree | undefined,
  raw: RawService['build'],
  cwd: string,
  scope: CommandScope,
  problems: Problem[],
): BuildSpec | false | undefined {
  if (raw === undefined || raw === false) return raw;
  const isMap = tree?.kind === 'map';
  const key = isMap ? 'build.command' : 'build';
  const command = commandOf(isMap ? child(tree, 'command') : tree, key, false, scope, problems);
  if (command === undefined) return undefined;
  const written: { readonly inputs?: readonly string[]; readonly outputs?: readonly string[] } =
    typeof raw === 'object' && !Array.isArray(raw) ? raw : {};
  const { inputs = [], outputs = [] } = { ...usualBuild, ...written };
  return { command, inputs, outputs: outputs.map((path) => resolvePath(cwd, path)) };
}

export function fastCgiOf(raw: RawService['fastcgi'], cwd: string): FastCgiSpec | undefined {
  if (raw === undefined) return undefined;
  const { root, index = '' } = { ...usualFastCgi, ...raw };
  return { root: root === undefined ? cwd : resolvePath(cwd, root), index };
}
