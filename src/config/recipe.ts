/** Guesses the runtime of a service from its command. Knows names of programs, not what the recipes do. */

import { nameOf } from '../base/path.ts';

const nodePrograms = new Set(['node', 'nodejs', 'npm', 'npx', 'yarn', 'pnpm', 'tsx']);
const python = /^(?:python(?:\d+(?:\.\d+)*)?|uv)$/;

/** `node`, `python` or `custom`. */
export function runtimeOf(command: readonly string[], shell: boolean): string {
  const words = shell ? (command[0] ?? '').trim().split(/\s+/) : command;
  // In a shell's text, assignments and `exec` may stand before the program.
  const first = shell ? words.find((word) => word !== 'exec' && !/^[A-Za-z_]\w*=/.test(word)) : words[0];
  const program = nameOf(first ?? '')
    .toLowerCase()
    .replace(/\.(?:exe|cmd|bat)$/, '');
  if (nodePrograms.has(program)) return 'node';
  return python.test(program) ? 'python' : 'custom';
}
