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

/** Something that tests run beside our own, and the package of Debian's that it comes in. */
interface Need {
  /** As a person would look for it. */
  readonly what: string;
  readonly package: string;
  isThere(): boolean | Promise<boolean>;
}

const program = (name: string, from = name): Need => ({
  what: name,
  package: from,
  isThere: () => onPath([name]) !== undefined,
});

/** The system's own Python has what its packages bring, whichever other is first on the PATH. */
export const systemPython = '/usr/bin/python3';

const asks = (what: string, from: string, argv: readonly [string, ...string[]]): Need => ({
  what,
  package: from,
  isThere: () =>
    run(argv[0], argv.slice(1)).then(
      () => true,
      () => false,
    ),
});
const pythonModule = (name: string, from: string): Need =>
  asks(`${systemPython} with ${name}`, from, [systemPython, '-c', `import ${name}`]);
const rubyLibrary = (name: string, from: string): Need =>
  asks(`ruby with ${name}`, from, ['ruby', '-e', `require '${name}'`]);

const needs: readonly Need[] = [
  program('python3'),
  program('supervisord', 'supervisor'),
  pythonModule('ensurepip', 'python3-venv'),
  pythonModule('debugpy', 'python3-debugpy'),
  pythonModule('flask', 'python3-flask'),
  pythonModule('uvicorn', 'python3-uvicorn'),
  pythonModule('gunicorn', 'gunicorn'),
  program('go', 'golang-go'),
  program('dlv', 'delve'),
  program('javac', 'default-jdk-headless'),
  program('php', 'php-cli'),
  program('php-cgi'),
  asks('php with Xdebug', 'php-xdebug', [
    'php',
    '-r',
    'exit(in_array("xdebug", array_map("strtolower", get_loaded_extensions())) ? 0 : 1);',
  ]),
  program('ruby'),
  rubyLibrary('webrick', 'ruby-webrick'),
  program('puma'),
];

/** Sees to it that all of them are there. Rejects with what is missing and how to get it. */
export async function bringPrograms(): Promise<void> {
  const missing = await missingOf(needs);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((need) => need.package))];
  const reason = await installWithApt(packages).then(
    (installed) => (installed ? undefined : 'apt cannot be used here'),
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const still = await missingOf(missing);
  if (still.length === 0) return;
  throw new Error(
    `The tests run real programs, and these are missing: ${still.map(({ what }) => what).join(', ')}. Install them ` +
      `with your package manager ("apt-get install ${packages.join(' ')}")${reason === undefined ? '' : `; ${reason}`}.`,
  );
}

async function missingOf(all: readonly Need[]): Promise<readonly Need[]> {
  const there = await Promise.all(all.map(async (need) => need.isThere()));
  return all.filter((_, index) => there[index] !== true);
}
