/** What has to be there before a Python command can start: its program, its script or module, its framework. */

import { folderOf, resolvePath } from '../../../base/path.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import { isPath, isSettled } from '../common/line.ts';
import { isMade, missingEntry, unfit } from '../common/unfit.ts';
import type { Look, Unfit } from '../recipe.ts';
import type { PythonCommand, Runs } from './command.ts';
import { factsOf, findsModule, packageFolders, realPathOf } from './facts.ts';
import { importedFirst } from './imports.ts';
import type { PythonFound } from './interpreter.ts';
import { installCommand, requirementsOf } from './requirements.ts';

export async function checkCommand(
  spec: ServiceSpec,
  look: Look,
  command: PythonCommand,
  found: PythonFound | undefined,
): Promise<Unfit | undefined> {
  const { runs, before } = command;
  const [runner] = before;
  // What it runs is in an environment of the runner's, which is made when it is first needed.
  // A build may bring all of it.
  if (isMade(spec)) return undefined;
  if (runner !== undefined)
    return toolMissing(spec, look, { kind: 'tool', word: runner, name: runner }, [], undefined);
  switch (runs.kind) {
    case 'script':
      return (
        (await scriptMissing(spec, look, runs.script)) ??
        (found === undefined ? undefined : await frameworkMissing(spec, look, found, runs.script))
      );
    case 'module':
      return found === undefined
        ? undefined
        : ((await moduleMissing(spec, look, found, runs.module)) ??
            (await applicationMissing(spec, look, found, runs.module, command.args)));
    case 'tool':
      // Nobody wrote it, so that it is run as a module of the interpreter that was found.
      if (spec.proposed !== undefined && runs.module !== undefined && found !== undefined) {
        return checkCommand(spec, look, { ...command, runs: { kind: 'module', module: runs.module } }, found);
      }
      return toolMissing(spec, look, runs, command.args, found);
    case 'unclear':
      return undefined;
  }
}

async function toolMissing(
  spec: ServiceSpec,
  look: Look,
  { word, name }: Extract<Runs, { kind: 'tool' }>,
  args: readonly string[],
  found: PythonFound | undefined,
): Promise<Unfit | undefined> {
  if (isPath(word)) return undefined;
  const tool = await look.program([word], found?.path ?? []);
  if (tool.kind === 'nowhere') return missingTool(look, word, tool.looked, spec, found);
  // A tool of another Python may find what ours does not.
  if (found === undefined || folderOf(tool.path) !== folderOf(found.program)) return undefined;
  return applicationMissing(spec, look, found, name, args);
}

async function scriptMissing(spec: ServiceSpec, look: Look, script: string): Promise<Unfit | undefined> {
  if (!isSettled(script)) return undefined;
  const path = resolvePath(spec.cwd, script);
  // A folder or an archive with a `__main__.py` is run, too.
  return (await look.kind(path)) === undefined ? missingEntry(spec, script, path) : undefined;
}

/** A module of the project's own is looked for as a file; any other is asked for. */
async function moduleMissing(
  spec: ServiceSpec,
  look: Look,
  found: PythonFound,
  module: string,
): Promise<Unfit | undefined> {
  if (!isSettled(module)) return undefined;
  const parts = module.split('.');
  const [top = ''] = parts;
  const folder = (await look.kind(resolvePath(spec.cwd, top))) === 'folder';
  if (folder && parts.length > 1) {
    const path = resolvePath(spec.cwd, parts.join('/'));
    const there = [await look.kind(`${path}.py`), await look.kind(path)];
    if (there.some((kind) => kind !== undefined)) return undefined;
    // A folder of the same name may still be something else than this package, or one that spreads over others.
    const outset = await look.text(resolvePath(spec.cwd, `${top}/__init__.py`));
    if (outset === undefined || /__path__|__getattr__/.test(outset)) return undefined;
    const beside = await look.names(folderOf(path));
    const compiled = beside.some((name) => name.startsWith(`${parts.at(-1) ?? ''}.`));
    return compiled ? undefined : missingEntry(spec, module, `${path}.py`);
  }
  if (folder || (await look.kind(resolvePath(spec.cwd, `${top}.py`))) === 'file') return undefined;
  if ((await findsModule(found, top, spec, look)) !== false) return undefined;
  return notInstalled(spec, look, found, top, `its command runs the module ${module}`);
}

/** Packages that are called as the modules they bring, and that nobody can do without who imports them. */
const frameworks: ReadonlySet<string> = new Set([
  ...['flask', 'django', 'fastapi', 'uvicorn', 'gunicorn', 'starlette', 'aiohttp', 'tornado', 'bottle'],
  ...['sanic', 'quart', 'falcon', 'pyramid', 'cherrypy', 'streamlit', 'dash', 'gradio', 'litestar'],
]);

/** What the script imports at its outset and the project names is not there. */
async function frameworkMissing(
  spec: ServiceSpec,
  look: Look,
  found: PythonFound,
  script: string,
): Promise<Unfit | undefined> {
  const path = resolvePath(spec.cwd, script);
  const text = await look.text(path);
  if (text === undefined) return undefined;
  const imported = importedFirst(text);
  if (!imported.some((name) => frameworks.has(name))) return undefined;
  const folder = folderOf(await realPathOf(found, path, spec, look));
  const requirements = await requirementsOf(spec, look);
  for (const name of imported) {
    // What lies beside the script may be what is imported, and may have more folders looked through.
    if (await isBeside(look, folder, name)) return undefined;
    if (!frameworks.has(name) || requirements?.names(name) !== true) continue;
    if ((await findsModule(found, name, spec, look)) === false) {
      return notInstalled(spec, look, found, name, `${script} imports ${name}`);
    }
  }
  return undefined;
}

async function isBeside(look: Look, folder: string, name: string): Promise<boolean> {
  const path = resolvePath(folder, name);
  return (await look.kind(`${path}.py`)) !== undefined || (await look.kind(path)) !== undefined;
}

/** Tools whose first plain argument is `module:application`, looked for in the folder they run in. */
const servers: ReadonlySet<string> = new Set(['uvicorn', 'gunicorn', 'hypercorn', 'daphne']);
const movesAway = /^(?:--(?:app-d|chd|py|conf|root-path)|-c)/;
/** Options that take no word with them, so that what follows is no value of theirs. */
const alone =
  /^--(?:reload|factory|preload|daemon|debug|no-[\w-]+|use-colors|proxy-headers|access-log|spew|check-config)$/;

async function applicationMissing(
  spec: ServiceSpec,
  look: Look,
  found: PythonFound,
  name: string,
  args: readonly string[],
): Promise<Unfit | undefined> {
  if (!servers.has(name) || args.some((each) => movesAway.test(each))) return undefined;
  if (await isConfigured(spec, look)) return undefined;
  const targets = args.filter((each) => /^[A-Za-z_][\w.]*:[A-Za-z_][\w.]*(?:\(.*\))?$/.test(each));
  const [target] = targets;
  if (target === undefined || targets.length > 1) return undefined;
  const before = args[args.indexOf(target) - 1] ?? '';
  if (before.startsWith('-') && !before.includes('=') && !alone.test(before)) return undefined;
  const module = target.slice(0, target.indexOf(':'));
  const [top = ''] = module.split('.');
  if ((await findsModule(found, top, spec, look)) !== false) return undefined;
  return missingEntry(spec, target, resolvePath(spec.cwd, `${module.replaceAll('.', '/')}.py`));
}

/** gunicorn reads options from a file of its own and from a variable, uvicorn from variables: all may name a folder. */
async function isConfigured({ cwd }: ServiceSpec, look: Look): Promise<boolean> {
  if (Object.keys(look.env).some((name) => /^(?:GUNICORN|UVICORN|HYPERCORN)_/.test(name))) return true;
  return (await look.kind(resolvePath(cwd, 'gunicorn.conf.py'))) !== undefined;
}

const ways: Readonly<Record<string, string>> = {
  uv: 'Install uv: https://docs.astral.sh/uv/getting-started/installation.',
  poetry: 'Install Poetry: https://python-poetry.org/docs/#installation.',
  pipenv: 'Install Pipenv: python3 -m pip install --user pipenv.',
  pdm: 'Install PDM: https://pdm-project.org.',
  hatch: 'Install Hatch: https://hatch.pypa.io.',
};

async function missingTool(
  look: Look,
  word: string,
  looked: readonly string[],
  spec: ServiceSpec,
  found: PythonFound | undefined,
): Promise<Unfit> {
  const requirements = await requirementsOf(spec, look);
  if (found !== undefined && requirements?.names(word) === true) {
    return notInstalled(spec, look, found, word, `its command runs ${word}`, looked);
  }
  const install =
    ways[word] ??
    (found === undefined
      ? `Install ${word}, or correct the command.`
      : `Run: ${await installCommand(spec, look, found, undefined, word)}`);
  const params = { what: word, programs: [word], looked, install };
  return unfit({ code: 'missing-program', params });
}

async function notInstalled(
  spec: ServiceSpec,
  look: Look,
  found: PythonFound,
  name: string,
  because: string,
  looked?: readonly string[],
): Promise<Unfit> {
  const requirements = await requirementsOf(spec, look);
  const named = requirements?.names(name) === true;
  const facts = looked === undefined ? await factsOf(found, spec, look) : undefined;
  const where = looked ?? (facts === undefined ? [] : packageFolders(facts));
  const command = named
    ? await installCommand(spec, look, found, requirements)
    : await installCommand(spec, look, found, undefined, name);
  return unfit(
    {
      code: 'missing-dependencies',
      params: { service: spec.name, because, looked: `${name} in ${where.join(', ')}`, command },
    },
    'command',
    named && requirements !== undefined ? [{ file: requirements.path, line: 1, column: 1 }] : [],
  );
}
