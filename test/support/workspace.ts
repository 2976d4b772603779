/** Fresh copies of the sample workspace, so that no test sees what another wrote. */

import { cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../src/build/paths.ts';

const workspaces = join(root, 'test', 'workspaces');

/** A folder of one's own. */
export interface Workspace extends AsyncDisposable {
  readonly path: string;
}

/** Copies `test/workspaces/NAME` to a temporary folder that goes with the returned handle. */
export async function workspaceCopy(name = 'sample'): Promise<Workspace> {
  // The real path: on macOS the temporary folder is a link, and the editor would name files by the other end.
  const path = join(await realpath(await mkdtemp(join(tmpdir(), 'local-runtimes-'))), name);
  await cp(join(workspaces, name), path, { recursive: true });
  return {
    path,
    [Symbol.asyncDispose]: async () =>
      await rm(join(path, '..'), { recursive: true, force: true, maxRetries: 5 }),
  };
}
