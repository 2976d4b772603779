/** The packed extension that the tests install and look into: packed once a run, whoever asks. */

import { existsSync } from 'node:fs';
import { packageExtension } from '../../src/build/package.ts';

/** The variable by which the runner hands the one `.vsix` it packed to the processes of its tests. */
const variable = 'LOCAL_RUNTIMES_VSIX';

let packing: Promise<string> | undefined;

/** The path of the `.vsix`: the runner's, or one packed now when a test file is run by itself. */
export async function packedExtension(): Promise<string> {
  const given = process.env[variable];
  packing ??= given !== undefined && existsSync(given) ? Promise.resolve(given) : packageExtension();
  return await packing;
}

/** Packs it now, for this process and all that it starts. */
export async function packForAll(): Promise<void> {
  process.env[variable] = await packageExtension();
}
