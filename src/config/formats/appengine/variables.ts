/** The variables of an application: those that its `app.yaml` names, and those of the `.env` beside it. */

import { resolvePath } from '../../../base/path.ts';
import type { Problem } from '../../../faults/fault.ts';
import { problem } from '../../../faults/make.ts';
import { parseEnvFile } from '../../envfile.ts';
import { type At, child, type MapTree } from '../../tree.ts';
import type { AppYamlAround } from './reading.ts';

export function variablesIn(tree: MapTree, problems: Problem[]): Readonly<Record<string, string>> {
  const map = child(tree, 'env_variables');
  if (map?.kind !== 'map') return {};
  const found = [...map.entries].flatMap(([name, { key, value }]) => {
    if (value.kind !== 'scalar') return [];
    const reason =
      name === '' || /[=\0]/.test(name)
        ? `"${name}" is no name for a variable`
        : value.text.includes('\0')
          ? `"${name}" contains a NUL character`
          : undefined;
    if (reason === undefined) return [[name, value.text] as const];
    problems.push(problem('bad-value', key, { key: 'env_variables', reason }));
    return [];
  });
  return Object.fromEntries(found);
}

/** The `.env` beside it. */
export function beside(root: string, at: At, { input, files, consulted, problems }: AppYamlAround) {
  const path = resolvePath(root, '.env');
  const text = input.readFile(path);
  if (typeof text !== 'string') {
    consulted.push(path);
    return {};
  }
  files.push(path);
  const { values, strange } = parseEnvFile(text);
  if (strange.length > 0) {
    const lines = `${strange.length === 1 ? 'line' : 'lines'} ${strange.slice(0, 5).join(', ')}`;
    problems.push(problem('env-file-line', at, { file: '.env', lines }));
  }
  return values;
}
