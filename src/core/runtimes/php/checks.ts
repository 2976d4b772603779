/**
 * What App Engine's server asked of an interpreter of PHP before it was used (spec 4.5, RT-14), in its words, and the
 * page that it served instead of the application (RT-15).
 */

import type { ServiceSpec } from '../../../config/spec.ts';
import type { Answer } from '../../outside.ts';
import { unfit } from '../common/unfit.ts';
import { compareVersions } from '../common/version.ts';
import type { Look, Told, Unfit } from '../recipe.ts';

export interface PhpProblem {
  /** About the file itself, or about what it can do. */
  readonly kind: 'binary' | 'environment';
  readonly text: string;
}

export interface PhpQuestion {
  /** The interpreter; undefined: nobody named one. */
  readonly path: string | undefined;
  /** The generation of the reference. */
  readonly dialect: 'dev' | 'internal';
  /** Of the application. */
  readonly root: string;
}

/** The first check that fails; those after it are not made. */
export async function checkPhp(question: PhpQuestion, look: Look): Promise<PhpProblem | undefined> {
  const { path, dialect } = question;
  const flag = '--php_executable_path flag';
  if (path === undefined) {
    return binary(
      `The development server must be started with the ${flag} set to the path of the php-cgi binary.`,
    );
  }
  if ((await look.kind(path)) === undefined) {
    return binary(`The path specified with the ${flag} (${path}) does not exist.`);
  }
  if ((await look.program([path])).kind === 'nowhere') {
    return binary(`The path specified with the ${flag} (${path}) is not executable`);
  }
  const env = environmentOf(look, dialect);
  const version = await look.ask([path, '-v'], { env });
  if (version?.exit.code !== 0) return environment(refused(path, '-v', version));
  const printed = `${version.stderr}${version.stdout}`;
  const [, major, minor] = /PHP (\d+)\.(\d+)/u.exec(printed) ?? [];
  if (major === undefined || minor === undefined) {
    return environment(`"${path} -v" returned an unexpected version string:\n${printed}`);
  }
  const least = dialect === 'dev' ? [5, 5] : [5, 4];
  if (compareVersions([Number(major), Number(minor)], least) < 0) {
    return environment(`The PHP interpreter must be version >= ${least.join('.')}, ${major}.${minor} found`);
  }
  return (
    (await unfitModules(path, env, look)) ??
    (dialect === 'dev' ? await unfitExtension({ ...question, path }, env, look) : undefined)
  );
}

type Variables = Readonly<Record<string, string>>;

function environmentOf({ env }: Look, dialect: PhpQuestion['dialect']): Variables {
  const names = ['SYSTEMROOT', ...(dialect === 'dev' ? ['LD_LIBRARY_PATH'] : [])];
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

/** The reference runs a script of its own for this, which only looks what is loaded. */
async function unfitModules(path: string, env: Variables, look: Look): Promise<PhpProblem | undefined> {
  const told = await look.ask([path, '-m'], { env });
  if (told?.exit.code !== 0) return environment(refused(path, '-m', told));
  const modules = modulesIn(told);
  if (!modules.includes('bcmath')) {
    return environment(
      'The PHP interpreter must have the function bccomp, which the extension "bcmath" brings.\n',
    );
  }
  const memcache = modules.find((each) => /^memcached?$/u.test(each));
  if (memcache === undefined) return undefined;
  return environment(`The PHP interpreter must not have the extension "${memcache}" loaded.\n`);
}

/** App Engine's own extension, where somebody still has it. */
async function unfitExtension(
  { path, root }: PhpQuestion & { readonly path: string },
  env: Variables,
  look: Look,
): Promise<PhpProblem | undefined> {
  const extension = look.env['APP_ENGINE_PHP_EXTENSION_PATH'] ?? '';
  if (extension === '') return undefined;
  if ((await look.kind(extension)) === undefined) {
    return binary(`The path specified with the --php_gae_extension_path flag (${extension}) does not exist.`);
  }
  const told = await look.ask([path, '-m', '-d', `extension=${extension}`], {
    env: { ...env, APPLICATION_ROOT: root },
    dependsOn: [extension],
  });
  if (told?.exit.code !== 0) return environment(refused(path, '-m', told));
  return modulesIn(told).includes('gae runtime module')
    ? undefined
    : environment(`Unable to load GAE runtime module at ${extension}`);
}

export function modulesIn({ stdout }: Told): readonly string[] {
  return stdout.split(/\r?\n/u).map((line) => line.trim().toLowerCase());
}

function refused(path: string, flag: string, told: Told | undefined): string {
  const code = told?.exit.code ?? -1;
  return `"${path} ${flag}" returned an error [${code}]\n${told?.stderr ?? ''}${told?.stdout ?? ''}`;
}

function binary(text: string): PhpProblem {
  return { kind: 'binary', text };
}

function environment(text: string): PhpProblem {
  return { kind: 'environment', text };
}

// ----------------------------------------------------------------------------------------------------- the page

export function unfitPhp(service: ServiceSpec, path: string | undefined, problem: PhpProblem): Unfit {
  const way =
    'Let "interpreter" name a php-cgi that App Engine’s PHP can use, or run the service as "custom" with a command of its own.';
  return {
    ...unfit(
      { code: 'unfit', params: { service: service.name, text: problem.text.trimEnd(), way } },
      'interpreter',
    ),
    answer: phpPage(path ?? '', problem),
  };
}

/** The reference's page, with its two spaces and its title in the body; the message is escaped in both cases. */
export function phpPage(path: string, { kind, text }: PhpProblem): Answer {
  const start =
    '<html><head><title>Invalid PHP Configuration</title></head><body><title>Invalid PHP Configuration</title>';
  const middle =
    kind === 'environment'
      ? `<b>The PHP interpreter specified with the --php_executable_path  flag (&quot;${escaped(path)}&quot;) is not compatible with the App Engine PHP development environment.</b><br><br><pre>${escaped(text)}</pre>`
      : `<b>${escaped(text)}</b>`;
  return { status: 500, headers: [['Content-Type', 'text/html']], body: `${start}${middle}</body></html>` };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
