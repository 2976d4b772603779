/** Finds a desktop VS Code for the tests and for `npm start`, where there is a display to show one on. */

import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The release the browser-hosted one holds, so that both kinds of run mean the same editor. */
export const testedVersion = '1.139.0';

const places: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: [
    '/usr/share/code/code',
    '/usr/lib/code/code',
    '/opt/visual-studio-code/code',
    '/snap/code/current/usr/share/code/code',
  ],
  darwin: [
    '/Applications/Visual Studio Code.app/Contents/MacOS/Code',
    '/Applications/Visual Studio Code.app/Contents/MacOS/Electron',
    join(homedir(), 'Applications/Visual Studio Code.app/Contents/MacOS/Electron'),
  ],
  win32: [
    join(process.env['LOCALAPPDATA'] ?? '', 'Programs', 'Microsoft VS Code', 'Code.exe'),
    join(process.env['PROGRAMFILES'] ?? '', 'Microsoft VS Code', 'Code.exe'),
  ],
};

export function hasDisplay(): boolean {
  if (process.platform !== 'linux') return true;
  return (process.env['DISPLAY'] ?? '') !== '' || (process.env['WAYLAND_DISPLAY'] ?? '') !== '';
}

/** The executable of an installed desktop VS Code that could be shown, if there is one. */
export function installedDesktop(): string | undefined {
  return hasDisplay() ? places[process.platform]?.find((path) => existsSync(path)) : undefined;
}
