/**
 * Stands in for a desktop VS Code's executable: takes the arguments `runTests` gives one, runs the extension tests in
 * the extension host of a browser-hosted VS Code, and leaves with the code they end with.
 */

import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { format } from 'node:util';
import { out } from '../../src/build/paths.ts';
import { launchChromium } from './chromium.ts';
import { testSpeaks } from './results.ts';
import { EditorServer } from './server.ts';

/** After this a run that neither ends nor breaks is given up, with a picture of what it looked like. */
const limitMinutes = 12;

interface Arguments {
  readonly workspace: string;
  readonly development: string;
  /** Further extensions that are developed; a page can be told of one only. */
  readonly others: readonly string[];
  readonly tests: string;
}

/** Reads what `runTests` passes; of the flags only the three that choose something. */
function parse(args: readonly string[]): Arguments {
  const values = (name: string): readonly [string, ...string[]] => {
    const flags = args.filter((argument) => argument.startsWith(`--${name}=`));
    const [first, ...others] = flags.map((flag) => flag.slice(name.length + 3));
    if (first === undefined) throw new Error(`--${name}= is missing in: ${args.join(' ')}`);
    return [first, ...others];
  };
  const workspace = args.find((argument) => !argument.startsWith('--'));
  if (workspace === undefined) throw new Error(`No folder to open in: ${args.join(' ')}`);
  const [development, ...others] = values('extensionDevelopmentPath');
  return { workspace, development, others, tests: values('extensionTestsPath')[0] };
}

/** Runs the tests and resolves with the exit code they ended with. Rejects when they never got to an end. */
async function runTestsIn(
  server: EditorServer,
  { workspace, development, tests }: Arguments,
): Promise<number> {
  const browser = await launchChromium();
  const giveUp = new AbortController();
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const ended = new Promise<number>((resolve, reject) => {
      page.once('crash', () => reject(new Error('The page crashed.')));
      page.once('close', () => reject(new Error('The page was closed before the tests ended.')));
      void page.exposeFunction('codeAutomationLog', print);
      void page.exposeFunction('codeAutomationExit', resolve);
    });
    // Until something awaits it; the race below does.
    ended.catch(() => undefined);
    const remote = (path: string): string =>
      `vscode-remote://127.0.0.1:${server.port}${path.replaceAll('\\', '/')}`;
    await page.goto(
      server.url(workspace, [
        ['extensionDevelopmentPath', remote(development)],
        ['extensionTestsPath', remote(tests)],
        ['skipWelcome', 'true'],
      ]),
    );
    const code = await Promise.race([
      ended,
      pause(limitMinutes * 60_000, undefined, { signal: giveUp.signal }),
    ]);
    if (code !== undefined) return code;
    const picture = join(out, 'screenshots', 'ring-3-stuck.png');
    await page.screenshot({ path: picture });
    throw new Error(`The tests did not end within ${limitMinutes} minutes. The window then: ${picture}`);
  } finally {
    giveUp.abort();
    await browser.close();
  }
}

await mkdir(join(out, 'screenshots'), { recursive: true });
const everything = createWriteStream(join(out, 'ring-3.log'));

/**
 * One call of `console` in the window or its extension host. What the tests say is shown; the rest, most of it the
 * editor missing its native logger, is kept in a file.
 */
function print(type: string, args: readonly unknown[]): void {
  const line = format(...args);
  everything.write(`${type}: ${line}\n`);
  if (line.startsWith(testSpeaks)) console.log(line);
}

const asked = parse(process.argv.slice(2));
const server = await EditorServer.start({ trusting: true, automation: true, unpacked: asked.others });
try {
  process.exitCode = await runTestsIn(server, asked);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(server.output);
  process.exitCode = 1;
} finally {
  await server.stop();
  everything.end();
}
