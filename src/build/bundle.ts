/**
 * Makes `dist/` from `src/`: one CommonJS file per program (or per two that share nearly all), so that the extension ships without `node_modules`.
 *
 * `node src/build/bundle.ts [--dev] [--watch] [NAME …]`: all bundles, or only the named ones.
 */

import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { context, type BuildOptions, type BuildResult, type Metafile, type Plugin } from 'esbuild';
import { bundles, type Bundle } from './bundles.ts';
import { dist, root } from './paths.ts';

export interface BundleOptions {
  /** Readable output with linked source maps, for debugging. Sizes are not judged. */
  readonly dev?: boolean;
  /** Which bundles, by name. Empty means all of them. */
  readonly only?: readonly string[];
}

function isWhole({ partOf }: Bundle): boolean {
  return partOf === undefined;
}

/** Writes the files of those that are parts of another bundle. */
async function writeParts(present: readonly Bundle[]): Promise<void> {
  for (const { name, partOf } of present) {
    if (partOf === undefined) continue;
    const file = join(dist, `${name}.js`);
    await writeFile(file, `#!/usr/bin/env node\nrequire('./${partOf}.js').${name}();\n`);
    await chmod(file, 0o755);
  }
}

/** One bundle as it was written. */
export interface Bundled {
  readonly name: string;
  readonly bytes: number;
}

/**
 * `await import('./client.ts')` of another bundle's entry becomes a `require('./client.js')` at that moment,
 * instead of a second copy inside the importing bundle.
 */
function neighbours(present: readonly Bundle[]): Plugin {
  const nameOf = new Map(present.filter(isWhole).map((bundle) => [join(root, bundle.source), bundle.name]));
  return {
    name: 'neighbours',
    setup(build) {
      build.onResolve({ filter: /\.ts$/ }, ({ path, kind, resolveDir }) => {
        const name = kind === 'dynamic-import' ? nameOf.get(resolve(resolveDir, path)) : undefined;
        return name === undefined ? undefined : { path: `./${name}.js`, external: true };
      });
    },
  };
}

function optionsFor(
  present: readonly Bundle[],
  { dev = false }: BundleOptions,
): BuildOptions & { metafile: true } {
  return {
    absWorkingDir: root,
    entryPoints: Object.fromEntries(present.filter(isWhole).map((bundle) => [bundle.name, bundle.source])),
    outdir: dist,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    mainFields: ['module', 'main'],
    external: ['vscode'],
    // Without this an external import() would stay one, and the extension host only hooks require().
    supported: { 'dynamic-import': false },
    // A CommonJS file has no import.meta; these two forms have an equal, any other is an error below.
    define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
    logOverride: { 'empty-import-meta': 'error' },
    minify: !dev,
    keepNames: dev,
    legalComments: 'none',
    // In production the maps lie beside the bundles for whoever reads a stack, and .vscodeignore keeps them out.
    sourcemap: dev ? 'linked' : 'external',
    sourcesContent: dev,
    metafile: true,
    logLevel: 'warning',
    plugins: [neighbours(present)],
  };
}

/** What is wrong with the bundles, in sentences. Empty when nothing is. */
function complaints(present: readonly Bundle[], outputs: Metafile['outputs'], dev: boolean): string[] {
  return present.filter(isWhole).flatMap((bundle) => {
    const output = outputs[`dist/${bundle.name}.js`];
    if (output === undefined) return [`${bundle.source} gave no dist/${bundle.name}.js.`];
    const wantsEditor = output.imports.some((entry) => entry.external === true && entry.path === 'vscode');
    const tooLarge = !dev && bundle.maxBytes !== undefined && output.bytes > bundle.maxBytes;
    return [
      ...(wantsEditor && !bundle.editor
        ? [`dist/${bundle.name}.js requires "vscode", but it does not run in the extension host.`]
        : []),
      ...(tooLarge
        ? [
            `dist/${bundle.name}.js has ${kilobytes(output.bytes)}, more than the ${kilobytes(bundle.maxBytes)} that keep activation fast. Load the new part with await import() on first use.`,
          ]
        : []),
    ];
  });
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`;
}

function report(
  present: readonly Bundle[],
  result: BuildResult<{ metafile: true }>,
  dev: boolean,
): Bundled[] {
  const written = present.filter(isWhole).map(({ name }) => ({
    name,
    bytes: result.metafile.outputs[`dist/${name}.js`]?.bytes ?? 0,
  }));
  for (const { name, bytes } of written)
    console.log(`  dist/${`${name}.js`.padEnd(13)} ${kilobytes(bytes).padStart(10)}`);
  const wrong = complaints(present, result.metafile.outputs, dev);
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return written;
}

async function prepare(only: readonly string[] = []): Promise<readonly Bundle[]> {
  // A part is nothing without the bundle it is in.
  const wholes = bundles.filter(({ name }) => only.includes(name)).flatMap(({ partOf }) => partOf ?? []);
  const chosen = bundles.filter(
    ({ name }) => only.length === 0 || only.includes(name) || wholes.includes(name),
  );
  await mkdir(dist, { recursive: true });
  // The repository is a package of ES modules; what lies in dist is not.
  await writeFile(join(dist, 'package.json'), '{"type":"commonjs"}\n');
  for (const { source } of chosen) {
    if (!existsSync(join(root, source))) console.log(`  ${source} is not written yet: left out.`);
  }
  return chosen.filter(({ source }) => existsSync(join(root, source)));
}

/** Writes every bundle once. Rejects when one does not build or breaks a rule. */
export async function bundleAll(options: BundleOptions = {}): Promise<Bundled[]> {
  const present = await prepare(options.only);
  const builder = await context(optionsFor(present, options));
  try {
    const written = report(present, await builder.rebuild(), options.dev ?? false);
    await writeParts(present);
    return written;
  } finally {
    await builder.dispose();
  }
}

/** Writes every bundle again whenever a source changes, until the process is ended. */
export async function watchAll(options: BundleOptions = {}): Promise<void> {
  const present = await prepare(options.only);
  await writeParts(present);
  const plain = optionsFor(present, options);
  const builder = await context({
    ...plain,
    plugins: [
      ...(plain.plugins ?? []),
      {
        name: 'say-when-done',
        setup(build) {
          build.onStart(() => console.log('[watch] build started'));
          build.onEnd(({ errors }) => console.log(`[watch] build finished, ${errors.length} errors`));
        },
      },
    ],
  });
  await builder.watch();
}

if (import.meta.main) {
  const args = process.argv.slice(2);
  const dev = args.includes('--dev');
  const only = args.filter((argument) => !argument.startsWith('--'));
  console.log(`Bundling into ${relative(root, dist)} (${dev ? 'readable' : 'minified'})`);
  try {
    if (args.includes('--watch')) await watchAll({ dev, only });
    else await bundleAll({ dev, only });
  } catch (error) {
    // esbuild has printed its own errors by now; a sentence of ours is all that is left to say.
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
