/**
 * PHP: its own server, scripts that serve, and php-cgi, to which the front door speaks FastCGI; what their first script
 * needs; and Xdebug. Of App Engine's runtime the checks of the interpreter are left (spec 4.5).
 */

import { folderOf, resolvePath } from '../../base/path.ts';
import { rowNameOf } from '../../config/formats/appengine/runtimes.ts';
import { isPhpCgi } from '../../config/recipe.ts';
import type { ServiceSpec } from '../../config/spec.ts';
import { applicationOf, withVariables } from './application.ts';
import { type CommandLine, commandLine, isPath, programName } from './common/line.ts';
import { unfit } from './common/unfit.ts';
import { ownBuilds } from './own-build.ts';
import { checkPhp, unfitPhp } from './php/checks.ts';
import { isPhpCli, type PhpMode, readPhp } from './php/command.ts';
import { unfitComposer } from './php/composer.ts';
import { loadXdebug, xdebug, xdebugFlags, xdebugVariables } from './php/xdebug.ts';
import type { Aims, Found, Look, Plan, Recipe, Unfit } from './recipe.ts';

export const php: Recipe = { name: 'php', title: 'PHP', plan, debugging: xdebug };

async function plan(service: ServiceSpec, look: Look, aims: Aims): Promise<Plan | Unfit> {
  const refusal = await unfitForAppEngine(service, look);
  if (refusal !== undefined) return refusal;
  const line = commandLine(service);
  const program = programName(line?.words[0] ?? '');
  const asWritten: Plan = {
    kind: 'plan',
    command: service.command,
    ...applicationOf(service, aims, look),
    builds: ownBuilds(service),
  };
  if (line === undefined || (!isPhpCli(program) && !isPhpCgi(program))) {
    return aims.debugPort === undefined
      ? asWritten
      : { ...asWritten, environment: withVariables(asWritten.environment, xdebugVariables(aims.debugPort)) };
  }
  return interpreted(service, { look, aims, line, asWritten });
}

// --------------------------------------------------------------------------------------------- App Engine's own

/** The interpreter that a service of the reference's own runtime names is looked at as the reference did. */
async function unfitForAppEngine(service: ServiceSpec, look: Look): Promise<Unfit | undefined> {
  const { appengine, interpreter } = service;
  const project = appengine?.project;
  if (appengine === undefined || project === undefined) return undefined;
  const isOwn = rowNameOf(project) === 'php-sdk';
  if (!isOwn && (project.runtime !== 'php72' || interpreter === undefined)) return undefined;
  const found =
    interpreter === undefined || isPath(interpreter) ? undefined : await look.program([interpreter]);
  const path = found?.kind === 'found' ? found.path : interpreter;
  const question = {
    path: path === undefined ? undefined : resolvePath(service.cwd, path),
    dialect: appengine.dialect,
    root: appengine.root,
  };
  const problem = await checkPhp(question, look);
  return problem === undefined ? undefined : unfitPhp(service, question.path, problem);
}

// ------------------------------------------------------------------------------------------- PHP by its own name

interface Launch {
  readonly look: Look;
  readonly aims: Aims;
  readonly line: CommandLine;
  readonly asWritten: Plan;
}

async function interpreted(service: ServiceSpec, launch: Launch): Promise<Plan | Unfit> {
  const { look, aims, line, asWritten } = launch;
  const [word, ...rest] = line.words;
  const found = await findPhp(service, word, look);
  if (typeof found !== 'string') return found;
  const mode = readPhp(rest);
  const makesItsFiles = ownBuilds(service).length > 0;
  const refusal = makesItsFiles ? undefined : await unfitEntry(service, mode, look, found);
  if (refusal !== undefined) return refusal;
  const loaded = aims.debugPort === undefined ? [] : await loadXdebug(service, found, look);
  if ('kind' in loaded) return loaded;
  const flags = aims.debugPort === undefined ? [] : [...loaded, ...xdebugFlags(aims.debugPort)];
  const program = interpreterFor(service, word) === undefined ? word : found;
  const isChanged = flags.length > 0 || program !== word;
  const env = {
    ...(mode.kind === 'fastcgi' ? untiring(look) : {}),
    // Laravel's server starts another PHP, which has none of the flags.
    ...(aims.debugPort !== undefined && mode.kind === 'script' ? xdebugVariables(aims.debugPort) : {}),
  };
  const warnings = [...(asWritten.warnings ?? []), ...deaf(service, mode)];
  return {
    ...asWritten,
    ...(isChanged ? line.with([program, ...flags, ...rest]) : {}),
    ...(isPath(word) ? {} : { path: [folderOf(found)] }),
    ...(Object.keys(env).length === 0 ? {} : { environment: withVariables(asWritten.environment, env) }),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

/** php-cgi ends by itself after 500 requests, unless it is told otherwise. */
function untiring({ env }: Look): Readonly<Record<string, string>> {
  return env['PHP_FCGI_MAX_REQUESTS'] === undefined ? { PHP_FCGI_MAX_REQUESTS: '0' } : {};
}

function deaf({ name, fastcgi }: ServiceSpec, mode: PhpMode): readonly string[] {
  return mode.kind === 'fastcgi' && fastcgi === undefined
    ? [`"${name}" is php-cgi, which speaks FastCGI and no HTTP: say so with "fastcgi: { root: public }".`]
    : [];
}

/** Where installers put it, for an editor that was started without a shell's PATH. */
const usual = [
  ...['/usr/local/bin', '/opt/homebrew/bin', '/usr/local/opt/php/bin', '/opt/local/bin'],
  ...[String.raw`C:\php`, String.raw`C:\xampp\php`, String.raw`C:\tools\php`],
];

/** The one that the file names, unless that is of the other kind: php-cgi has no server, and php no FastCGI. */
function interpreterFor({ interpreter }: ServiceSpec, word: string): string | undefined {
  if (interpreter === undefined) return undefined;
  return isPhpCgi(programName(interpreter)) === isPhpCgi(programName(word)) ? interpreter : undefined;
}

async function findPhp(service: ServiceSpec, word: string, look: Look): Promise<string | Unfit> {
  const { cwd } = service;
  const interpreter = interpreterFor(service, word);
  const chosen = look.chosen('php');
  const named = interpreter ?? (isPhpCli(programName(word)) && word === 'php' ? (chosen ?? word) : word);
  const found: Found = await look.program([isPath(named) ? resolvePath(cwd, named) : named]);
  if (found.kind === 'found') return found.path;
  for (const folder of isPath(named) ? [] : usual) {
    const there = await look.program([`${folder}/${named}`, `${folder}/${named}.exe`]);
    if (there.kind === 'found') return there.path;
  }
  const isCgi = isPhpCgi(programName(named));
  return unfit(
    {
      code: 'missing-program',
      params: {
        what: 'PHP',
        programs: [named],
        looked: isPath(named) ? [] : [...new Set([...found.looked, ...usual])],
        install: `Install PHP from https://www.php.net/downloads (or your system’s package ${isCgi ? '"php-cgi"' : '"php-cli"'}), or name it with "interpreter".`,
      },
    },
    interpreter === undefined ? 'command' : 'interpreter',
  );
}

/** What the command begins with, and what that requires. */
async function unfitEntry(
  service: ServiceSpec,
  mode: PhpMode,
  look: Look,
  found: string,
): Promise<Unfit | undefined> {
  const { cwd, name, fastcgi } = service;
  const missing = (entry: string, way: string): Unfit =>
    unfit({ code: 'missing-entry', params: { service: name, entry, looked: resolvePath(cwd, entry), way } });
  if (
    mode.kind === 'server' &&
    mode.root !== undefined &&
    (await look.kind(resolvePath(cwd, mode.root))) !== 'folder'
  ) {
    return missing(mode.root, 'Let "-t" name the folder that is served.');
  }
  const entry = mode.kind === 'server' ? mode.router : mode.kind === 'script' ? mode.file : undefined;
  if (entry !== undefined && (await look.kind(resolvePath(cwd, entry))) !== 'file') {
    return missing(entry, 'Let "command" name the script, or let "cwd" be the folder that it is in.');
  }
  const first =
    entry !== undefined
      ? resolvePath(cwd, entry)
      : mode.kind === 'server'
        ? resolvePath(resolvePath(cwd, mode.root ?? '.'), 'index.php')
        : mode.kind === 'fastcgi' && fastcgi !== undefined
          ? resolvePath(fastcgi.root, fastcgi.index)
          : undefined;
  return first === undefined ? undefined : unfitComposer(service, first, look, found);
}
