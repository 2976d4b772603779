/**
 * `npm start`: opens VS Code on a copy of the sample workspace with the extension in it; `npm start -- front-door` on a
 * copy of that one of `test/workspaces`.
 *
 * The desktop one where it is installed and there is a display; else the browser-hosted one, on loopback and behind a
 * secret, until Ctrl-C. The copy stays, so that what was tried there is there the next time.
 */

import { existsSync, readdirSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { bundleAll } from '../../src/build/bundle.ts';
import { root } from '../../src/build/paths.ts';
import { hasDisplay, installedDesktop } from './desktop-vscode.ts';
import { packedExtension } from './packed.ts';
import { Group, run } from './processes.ts';
import { EditorServer } from './server.ts';

const workspaces = join(root, 'test', 'workspaces');
const name = process.argv[2] ?? 'sample';
const folder = join(root, '.runtimes', name);

async function sample(): Promise<void> {
  if (existsSync(folder)) {
    console.log(`Opening ${relative(root, folder)} as you left it (delete it for a fresh copy).`);
    return;
  }
  await cp(join(workspaces, name), folder, { recursive: true });
  console.log(`Copied the sample services to ${relative(root, folder)}.`);
}

/** Resolves at the first Ctrl-C or request to end. */
async function untilAsked(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}

async function inDesktop(executable: string): Promise<void> {
  console.log('Building the extension ...');
  await bundleAll({ dev: true });
  await sample();
  const home = join(root, '.runtimes', 'vscode');
  const editor = new Group(executable, [
    ...['--user-data-dir', join(home, 'user'), '--extensions-dir', join(home, 'extensions')],
    ...[
      '--disable-updates',
      '--skip-welcome',
      '--skip-release-notes',
      `--extensionDevelopmentPath=${root}`,
      folder,
    ],
  ]);
  console.log('\nVS Code is open. Close it, or press Ctrl-C here, to end.');
  await Promise.race([editor.ended, untilAsked()]);
  await editor.stop();
}

async function inBrowser(): Promise<void> {
  console.log('Packing the extension ...');
  const vsix = await packedExtension();
  await sample();
  console.log('Starting a browser-hosted VS Code ...');
  const asked = untilAsked();
  // The folder is ours, so there is no question of trusting it.
  const server = await EditorServer.start({ trusting: true, withToken: true, extensions: [vsix] });
  try {
    const url = server.url(folder);
    console.log(`\n  ${url}\n`);
    console.log('Open it in a browser; only this machine reaches it, and only with the secret in it.');
    console.log('Click the Runtimes icon in the activity bar and press play. Ctrl-C here ends it all.');
    await openInBrowser(url);
    await asked;
  } finally {
    console.log('\nClosing ...');
    await server.stop();
  }
}

/** Shows the page in the system's browser, where there is a screen. A failure is only told: the URL stands above. */
async function openInBrowser(url: string): Promise<void> {
  if (!hasDisplay() || process.env['CI'] === 'true') return;
  const [command, ...args] = { darwin: ['open'], win32: ['explorer.exe'] }[process.platform as string] ?? [
    'xdg-open',
  ];
  try {
    await run(command ?? 'xdg-open', [...args, url]);
  } catch (error) {
    console.log(`(The system's browser could not be opened: ${String(error)})`);
  }
}

const known = readdirSync(workspaces);
if (!known.includes(name)) {
  console.error(`There is no sample "${name}". There are: ${known.join(', ')}.`);
  process.exit(1);
}
const desktop = installedDesktop();
if (desktop === undefined || process.env['LOCAL_RUNTIMES_VSCODE'] === 'browser') await inBrowser();
else await inDesktop(desktop);
