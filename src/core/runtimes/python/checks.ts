/** What has to be there before a Python command can start: its program, its script or module, its framework. */

import { resolvePath } from '../../../base/path.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import { isPath } from '../common/line.ts';
import { isMade, missingEntry, unfit } from '../common/unfit.ts';
import type { Look, Unfit } from '../recipe.ts';
import type { PythonCommand } from './command.ts';
import { factsOf, findsModule, packageFolders } from './facts.ts';
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
  if (runner !== undefined)
    return isPath(runner) ? undefined : missingTool(look, runner, [], spec, undefined);
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
      return (
        (isPath(runs.word)
          ? undefined
          : await missingTool(look, runs.word, found?.path ?? [], spec, found)) ??
        (found === undefined
          ? undefined
          : await applicationMissing(spec, look, found, runs.name, command.args))
      );
    case 'unclear':
      return undefined;
  }
}

async function scriptMissing(spec: ServiceSpec, look: Look, script: string): Promise<Unfit | undefined> {
  if (isMade(spec)) return undefined;
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
  const parts = module.split('.');
  const [top = ''] = parts;
  const folder = (await look.kind(resolvePath(spec.cwd, top))) === 'folder';
  if (folder && parts.length > 1) {
    const path = resolvePath(spec.cwd, parts.join('/'));
    const there = [await look.kind(`${path}.py`), await look.kind(path)];
    // A folder of the same name may still be something else than this package.
    if (there.some((kind) => kind !== undefined)) return undefined;
    return (await look.kind(resolvePath(spec.cwd, `${top}/__init__.py`))) === 'file'
      ? missingEntry(spec, module, `${path}.py`)
      : undefined;
  }
  if (folder || (await look.kind(resolvePath(spec.cwd, `${top}.py`))) === 'file') return undefined;
  if ((await findsModule(found, top, spec, look)) !== false) return undefined;
  return notInstalled(spec, look, found, top, `its command runs the module ${module}`);
}

/** Packages that are called as the modules they bring, and that nobody can do without who imports them. */
const frameworks: readonly string[] = [
  ...['flask', 'django', 'fastapi', 'uvicorn', 'gunicorn', 'starlette', 'aiohttp', 'tornado', 'bottle'],
  ...['sanic', 'quart', 'falcon', 'pyramid', 'cherrypy', 'streamlit', 'dash', 'gradio', 'litestar'],
];

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
  const imported = frameworks.filter((name) =>
    new RegExp(`^(?:import|from)[ \\t]+${name}\\b`, 'm').test(text),
  );
  // Django's manage.py says so in a way of its own, within a function.
  if (/^\s+from django\.core\.management import/m.test(text)) imported.push('django');
  if (imported.length === 0) return undefined;
  const requirements = await requirementsOf(spec, look);
  for (const name of imported) {
    if (requirements?.names(name) !== true) continue;
    if ((await findsModule(found, name, spec, look)) === false) {
      return notInstalled(spec, look, found, name, `${script} imports ${name}`);
    }
  }
  return undefined;
}

/** Tools whose first plain argument is `module:application`, looked for in the folder they run in. */
const servers: ReadonlySet<string> = new Set(['uvicorn', 'gunicorn', 'hypercorn', 'daphne']);
const movesAway = /^(?:--app-dir|--chdir|--pythonpath|-c|--config|--root-path)(?:=|$)/;

async function applicationMissing(
  spec: ServiceSpec,
  look: Look,
  found: PythonFound,
  name: string,
  args: readonly string[],
): Promise<Unfit | undefined> {
  if (!servers.has(name) || args.some((each) => movesAway.test(each))) return undefined;
  const target = args.find((each) => /^[A-Za-z_][\w.]*:[A-Za-z_][\w.]*(?:\(.*\))?$/.test(each));
  const [top] = target?.split(/[.:]/) ?? [];
  if (target === undefined || top === undefined) return undefined;
  const module = target.slice(0, target.indexOf(':'));
  if ((await findsModule(found, top, spec, look)) !== false) return undefined;
  return missingEntry(spec, target, resolvePath(spec.cwd, `${module.replaceAll('.', '/')}.py`));
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
  path: readonly string[],
  spec: ServiceSpec,
  found: PythonFound | undefined,
): Promise<Unfit | undefined> {
  const there = await look.program([word], path);
  if (there.kind === 'found') return undefined;
  const requirements = await requirementsOf(spec, look);
  if (found !== undefined && requirements?.names(word) === true) {
    return notInstalled(spec, look, found, word, `its command runs ${word}`, there.looked);
  }
  const install =
    ways[word] ??
    (found === undefined
      ? `Install ${word}, or correct the command.`
      : `Run: ${await installCommand(spec, look, found, undefined, word)}`);
  const params = { what: word, programs: [word], looked: there.looked, install };
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
