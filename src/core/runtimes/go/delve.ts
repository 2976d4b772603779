/** How a Go program runs under Delve, and where Delve says it listens. */

import { resolvePath } from '../../../base/path.ts';
import { unfit } from '../common/unfit.ts';
import type { Debugging, Look, Unfit } from '../recipe.ts';
import { goPath } from './module.ts';

export const delve: Debugging = { address: addressIn };

/** In the line that Delve prints once it listens. */
function addressIn(line: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^API server listening at: (.+):(\d+)$/u.exec(line.trim());
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { host: match[1].replaceAll(/[[\]]/gu, ''), port: Number(match[2]) };
}

/** Without optimisation, which would leave variables out and lines in another order. */
export const unoptimised: readonly string[] = ['-gcflags=all=-N -l'];

export async function findDelve(look: Look): Promise<string | Unfit> {
  const bins = [look.env['GOBIN'] ?? '', ...goPath(look).map((path) => resolvePath(path, 'bin'))];
  const found = await look.program(
    ['dlv'],
    bins.filter((folder) => folder !== ''),
  );
  if (found.kind === 'found') return found.path;
  return unfit({
    code: 'missing-program',
    params: {
      what: 'Delve, the debugger of Go,',
      programs: ['dlv'],
      looked: found.looked,
      install:
        'Install it with "go install github.com/go-delve/delve/cmd/dlv@latest" (or your system’s package "delve"), or start the service without debugging.',
    },
  });
}

export function underDelve(
  dlv: string,
  program: string,
  args: readonly string[],
  port: number,
): readonly string[] {
  return [
    ...[dlv, 'exec', program, '--headless', `--listen=127.0.0.1:${port}`],
    // Several may attach one after another, and it runs without any of them.
    ...['--api-version=2', '--accept-multiclient', '--continue', '--', ...args],
  ];
}
