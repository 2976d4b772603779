/** Packs the extension into one `.vsix`: `node src/build/package.ts`. What goes in is the business of `.vscodeignore`. */

import { execFile } from 'node:child_process';
import { mkdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { bundleAll } from './bundle.ts';
import { out, root, vsix } from './paths.ts';

const vsce = join(root, 'node_modules', '@vscode', 'vsce', 'vsce');

/** Builds for production and packs. Resolves with the path of the `.vsix`. */
export async function packageExtension(): Promise<string> {
  await bundleAll();
  await mkdir(out, { recursive: true });
  // By its command line and not as a library: as one it prints the whole list of files, whoever asked.
  await promisify(execFile)(
    process.execPath,
    [
      vsce,
      ...['package', '--out', vsix],
      // Everything is bundled: there are no node_modules to look through.
      '--no-dependencies',
      // The README's pictures are in the repository, not in the package.
      ...['--no-rewrite-relative-links', '--allow-missing-repository'],
    ],
    { cwd: root },
  );
  const { size } = await stat(vsix);
  console.log(`  ${relative(root, vsix)} ${(size / 1024).toFixed(0)} KB`);
  return vsix;
}

if (import.meta.main) await packageExtension();
