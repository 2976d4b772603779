/** Finds a Chromium for Playwright to drive, and brings one where that is possible. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { installWithApt, onPath } from './system-packages.ts';

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
  return [onPath(names) ?? '', ...elsewhere, chromium.executablePath()].find(
    (file) => file !== '' && existsSync(file),
  );
}

/** The path of a Chromium. Installs Debian's where it may; otherwise rejects and says how to get one. */
async function chromiumPath(): Promise<string> {
  const present = found();
  if (present !== undefined) return present;
  if (await installWithApt(['chromium', 'fonts-liberation'])) {
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
