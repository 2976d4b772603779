/** Finds a Chromium for Playwright to drive, and brings one where that is possible. */

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { run } from './processes.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const elsewhere = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  join(process.env['PROGRAMFILES'] ?? '', 'Google', 'Chrome', 'Application', 'chrome.exe'),
];

/** The browser that is there, if one is: what CHROMIUM names, on the PATH, in the usual places, Playwright's own. */
function found(): string | undefined {
  const named = process.env['CHROMIUM'];
  if (named !== undefined && named !== '') return named;
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) =>
      names.map((name) => join(folder, process.platform === 'win32' ? `${name}.exe` : name)),
    );
  return [...onPath, ...elsewhere, chromium.executablePath()].find((file) => file !== '' && existsSync(file));
}

/** How apt is reached with the rights to install, if it is. */
async function apt(): Promise<readonly string[] | undefined> {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get')) return undefined;
  if (process.getuid?.() === 0) return ['apt-get'];
  return await run('sudo', ['-n', 'true']).then(
    () => ['sudo', '-n', 'apt-get'],
    () => undefined,
  );
}

/** The path of a Chromium. Installs Debian's where it may; otherwise rejects and says how to get one. */
async function chromiumPath(say: (line: string) => void = console.log): Promise<string> {
  const present = found();
  if (present !== undefined) return present;
  const [command, ...before] = (await apt()) ?? [];
  if (command !== undefined) {
    say('No Chromium found: installing it with apt ...');
    // Several rings may come here at once: the second waits for the first one's lock and then finds all done.
    const waiting = [...before, '-o', 'DPkg::Lock::Timeout=300'];
    await run(command, [...waiting, 'update']);
    await run(command, [
      ...waiting,
      'install',
      '-y',
      '--no-install-recommends',
      'chromium',
      'fonts-liberation',
    ]);
    const installed = found();
    if (installed !== undefined) return installed;
  }
  throw new Error(
    'The tests in a browser need Chromium or Chrome, and none was found. Install one with your package manager ' +
      '("apt-get install chromium"), with "npx playwright-core install chromium", or set CHROMIUM to its path.',
  );
}

/** A headless browser with a fresh profile and nothing going on in its background. */
export async function launchChromium(): Promise<Browser> {
  return await chromium.launch({
    executablePath: await chromiumPath(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
