/** A window of a real VS Code in which a suite measures something inside the extension host. */

import { launchChromium } from '../support/chromium.ts';
import type { EditorServer } from '../support/server.ts';

/** What the suite prints before its figures, which are a JSON object. */
export const figuresMarker = 'bench figures: ';

export interface BenchWindow {
  readonly folder: string;
  readonly tests: string;
  readonly development: string;
}

/** Opens a window, lets the suite run in its extension host, and gives what it printed behind the marker. */
export async function figuresFromWindow(
  server: EditorServer,
  window: BenchWindow,
): Promise<Readonly<Record<string, number>>> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const said: string[] = [];
    const figures = Promise.withResolvers<Readonly<Record<string, number>>>();
    await page.exposeFunction('codeAutomationLog', (_type: string, args: readonly unknown[]) => {
      const line = args.join(' ');
      said.push(line);
      const at = line.indexOf(figuresMarker);
      if (at >= 0)
        figures.resolve(JSON.parse(line.slice(at + figuresMarker.length)) as Record<string, number>);
    });
    await page.exposeFunction('codeAutomationExit', (code: number) => {
      if (code !== 0) figures.reject(new Error(`The suite ended with ${code}:\n${said.join('\n')}`));
    });
    const remote = (path: string): string => `vscode-remote://127.0.0.1:${server.port}${path}`;
    await page.goto(
      server.url(window.folder, [
        ['extensionDevelopmentPath', remote(window.development)],
        ['extensionTestsPath', remote(window.tests)],
        ['skipWelcome', 'true'],
      ]),
    );
    return await figures.promise;
  } finally {
    await browser.close();
  }
}
