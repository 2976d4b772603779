/**
 * Runs `test/host` inside a real VS Code, on a fresh copy of the sample workspace.
 *
 * LOCAL_RUNTIMES_VSCODE chooses which: `browser`, `desktop`, or (default) `auto`: a desktop one where there is a display
 * and it is installed or can be downloaded, else the browser-hosted one.
 * The tests write their counts to the file that LOCAL_RUNTIMES_RESULTS names.
 */

import { globSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { downloadAndUnzipVSCode, runTests, SilentReporter } from '@vscode/test-electron';
import { build } from 'esbuild';
import { out, root } from '../../src/build/paths.ts';
import { hasDisplay, installedDesktop, testedVersion } from './desktop-vscode.ts';
import { colourVariable } from './results.ts';
import { workspaceCopy } from './workspace.ts';

const bundled = join(out, 'host');

/** The tests as the extension host can require them. What the runner of tests itself is, stays outside. */
async function bundleTests(): Promise<string> {
  await rm(bundled, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: ['test/host/index.ts', ...globSync('test/host/**/*.test.ts', { cwd: root })],
    outbase: 'test/host',
    outdir: bundled,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    external: ['vscode', 'mocha'],
    define: { 'import.meta.dirname': '__dirname' },
    supported: { 'dynamic-import': false },
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return join(bundled, 'index.cjs');
}

/** A program that `runTests` can start in place of VS Code's own. */
async function browserHosted(folder: string): Promise<string> {
  const script = join(root, 'test', 'support', 'browser-vscode.ts');
  const [name, text] =
    process.platform === 'win32'
      ? ['vscode.cmd', `@"${process.execPath}" "${script}" %*\r\n`]
      : ['vscode', `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`];
  const launcher = join(folder, name);
  await writeFile(launcher, text);
  await chmod(launcher, 0o755);
  return launcher;
}

async function desktop(): Promise<string> {
  return (
    installedDesktop() ??
    (await downloadAndUnzipVSCode({
      version: testedVersion,
      timeout: 20_000,
      reporter: new SilentReporter(),
    }))
  );
}

/** Which VS Code runs the tests, and its executable. */
async function choose(folder: string): Promise<{ readonly kind: string; readonly executable: string }> {
  const wish = process.env['LOCAL_RUNTIMES_VSCODE'] ?? 'auto';
  if (wish === 'desktop' || (wish === 'auto' && hasDisplay())) {
    try {
      return { kind: 'desktop', executable: await desktop() };
    } catch (error) {
      if (wish === 'desktop') throw error;
      console.log(`No desktop VS Code could be had (${String(error)}): the browser-hosted one it is.`);
    }
  }
  return { kind: 'browser-hosted', executable: await browserHosted(folder) };
}

const scratch = await mkdtemp(join(tmpdir(), 'local-runtimes-ring-3-'));
try {
  await using workspace = await workspaceCopy();
  const tests = await bundleTests();
  const { kind, executable } = await choose(scratch);
  console.log(`Opening ${basename(workspace.path)} in the ${kind} VS Code`);
  await mkdir(join(out, 'screenshots'), { recursive: true });
  await runTests({
    vscodeExecutablePath: executable,
    // Ours, and one of somebody else that brings a recipe.
    extensionDevelopmentPath: [
      process.env['LOCAL_RUNTIMES_EXTENSION'] ?? root,
      join(root, 'test', 'programs', 'moth'),
    ],
    extensionTestsPath: tests,
    extensionTestsEnv: { [colourVariable]: process.stdout.isTTY ? '1' : '0' },
    launchArgs: [
      workspace.path,
      `--user-data-dir=${join(scratch, 'user')}`,
      `--extensions-dir=${join(scratch, 'extensions')}`,
    ],
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
}
