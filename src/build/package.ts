/** Packs the extension into one `.vsix`: `node src/build/package.ts`. What goes in is the business of `.vscodeignore`. */

import { mkdir, stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { bundleAll } from './bundle.ts';
import { out, root, vsix } from './paths.ts';

/** Builds for production and packs. Resolves with the path of the `.vsix`. */
export async function packageExtension(packagePath: string = vsix): Promise<string> {
  await bundleAll();
  await mkdir(out, { recursive: true });
  await createVSIX({
    cwd: root,
    packagePath,
    // Everything is bundled: there are no node_modules to look through.
    dependencies: false,
    // The README's pictures are in the repository, not in the package.
    rewriteRelativeLinks: false,
    allowMissingRepository: true,
  });
  return packagePath;
}

if (import.meta.main) {
  const path = await packageExtension();
  console.log(`${relative(root, path)}: ${((await stat(path)).size / 1024).toFixed(0)} KB`);
}
