/** Brings the programs that tests need through the system's package manager, where it may. */

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './processes.ts';

/** The full path of a program on the PATH, if it is there. */
export function onPath(names: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders
    .flatMap((folder) =>
      names.map((name) => join(folder, process.platform === 'win32' ? `${name}.exe` : name)),
    )
    .find((file) => existsSync(file));
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

/** Installs packages of Debian's; false where we may not. Rejects with apt's own words when that fails. */
export async function installWithApt(packages: readonly string[]): Promise<boolean> {
  const [command, ...before] = (await apt()) ?? [];
  if (command === undefined) return false;
  console.log(`Installing ${packages.join(', ')} with apt ...`);
  // Several may come here at once: the second waits for the first one's lock and then finds all done.
  const waiting = [...before, '-o', 'DPkg::Lock::Timeout=300'];
  const quiet = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  await run(command, [...waiting, 'update'], quiet);
  await run(command, [...waiting, 'install', '-y', '--no-install-recommends', ...packages], quiet);
  return true;
}

/** Programs that tests run beside our own, and the package of Debian's that each comes in. */
const programs: Readonly<Record<string, string>> = {
  python3: 'python3',
  supervisord: 'supervisor',
  'php-cgi': 'php-cgi',
};

/** Sees to it that all of them are there. Rejects with what is missing and how to get it. */
export async function bringPrograms(): Promise<void> {
  const missing = Object.entries(programs).filter(([name]) => onPath([name]) === undefined);
  if (missing.length === 0) return;
  const packages = missing.map(([, name]) => name);
  const reason = await installWithApt(packages).then(
    (installed) => (installed ? undefined : 'apt cannot be used here'),
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const still = missing.filter(([name]) => onPath([name]) === undefined).map(([name]) => name);
  if (still.length === 0) return;
  throw new Error(
    `The tests compare with real programs, and these are missing: ${still.join(', ')}. Install them with your ` +
      `package manager ("apt-get install ${packages.join(' ')}")${reason === undefined ? '' : `; ${reason}`}.`,
  );
}
