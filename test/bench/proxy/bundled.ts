/** A program as it would be shipped: one file, with no types left to strip and no modules to look for. */

import { build } from 'esbuild';

/** Writes it to `file` and gives that back. */
export async function bundled(source: string, file: string): Promise<string> {
  await build({
    entryPoints: [source],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    mainFields: ['module', 'main'],
    supported: { 'dynamic-import': false },
    define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
    logLevel: 'warning',
  });
  return file;
}
