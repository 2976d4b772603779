/**
 * Brings a whole VS Code without a desktop: the npm package code-server holds the server, its browser workbench and
 * the built-in extensions. Installed on first use, apart from our own dependencies, and kept.
 */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { root } from '../../src/build/paths.ts';
import { npm } from './processes.ts';

const recipe = join(root, 'test', 'code-server');
const recipeFiles = ['package.json', 'package-lock.json', '.npmrc', 'spdlog.cjs'];

/** Where it is installed: below the recipe, or where LOCAL_RUNTIMES_CODE_SERVER says, for a cache that is kept. */
const home = process.env['LOCAL_RUNTIMES_CODE_SERVER'] ?? recipe;
const vscode = join(home, 'node_modules', 'code-server', 'lib', 'vscode');
const stamp = join(home, 'node_modules', '.complete');
const lock = join(home, '.installing');

/** What a finished install is known by: another lock file or another system makes it stale. */
async function wanted(): Promise<string> {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const file of recipeFiles) hash.update(await readFile(join(recipe, file)));
  return hash.digest('hex');
}

async function isComplete(): Promise<boolean> {
  return existsSync(stamp) && (await readFile(stamp, 'utf8')) === (await wanted());
}

/** The server's program, installed if it has to be. Two callers at once share one install. */
export async function codeServer(say: (line: string) => void = console.log): Promise<string> {
  const program = join(vscode, 'out', 'server-main.js');
  if (await isComplete()) return program;
  await mkdir(home, { recursive: true });
  const release = await hold(lock);
  try {
    if (await isComplete()) return program;
    const started = Date.now();
    say('Installing the browser-hosted VS Code (once, about half a minute) ...');
    await install();
    say(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
    return program;
  } finally {
    await release();
  }
}

async function install(): Promise<void> {
  if (home !== recipe) {
    for (const file of recipeFiles) await copyFile(join(recipe, file), join(home, file));
  }
  // Scripts are off: they would compile native parts, of which we miss none but the logger's.
  await npm(['ci', '--ignore-scripts'], { cwd: home });
  // The package's own install script would have done these two: the server's parts and the built-in extensions'.
  for (const folder of [vscode, join(vscode, 'extensions')]) {
    await npm(['install', '--omit=dev', '--ignore-scripts'], { cwd: folder });
  }
  // The editor's logger holds what every output channel shows; its native part would need a compiler.
  await copyFile(join(recipe, 'spdlog.cjs'), join(vscode, 'node_modules', '@vscode', 'spdlog', 'index.js'));
  await writeFile(stamp, await wanted());
}

/**
 * Holds a file as a lock between processes; one whose owner is gone is taken over.
 * The file appears with its owner's process id in it, so that there is no moment when nobody seems to own it.
 */
async function hold(file: string): Promise<() => Promise<void>> {
  const mine = `${file}.${process.pid}`;
  await writeFile(mine, String(process.pid));
  for (;;) {
    try {
      await link(mine, file);
      await rm(mine);
      return async () => await rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = await readFile(file, 'utf8').catch(() => undefined);
    if (owner !== undefined && !isAlive(Number(owner))) await removeLockOf(owner, file);
    // One look a second is soon enough for something that takes half a minute.
    else await pause(1000);
  }
}

/** Takes away the lock of a dead owner, and gives it back if someone quicker has it by now. */
async function removeLockOf(owner: string, file: string): Promise<void> {
  const aside = `${file}.${process.pid}.aside`;
  const moved = await rename(file, aside).then(
    () => true,
    () => false,
  );
  if (!moved) return;
  if ((await readFile(aside, 'utf8')) !== owner) await link(aside, file);
  await rm(aside);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
