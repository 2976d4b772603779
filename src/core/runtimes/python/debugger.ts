/** How a Python command is run under debugpy, which listens from the start and lets it run. */

import type { ServiceSpec } from '../../../config/spec.ts';
import { folderOf, resolvePath } from '../../../base/path.ts';
import type { UnderDebugger } from '../common/debugged.ts';
import { type CommandLine, isPath } from '../common/line.ts';
import { unfit } from '../common/unfit.ts';
import type { Aims, Look, Unfit } from '../recipe.ts';
import type { PythonCommand } from './command.ts';
import { factsOf, findsModule, type Interpreter, packageFolders } from './facts.ts';
import { installCommand } from './requirements.ts';
import type { PythonFound } from './interpreter.ts';

export async function underDebugger(
  spec: ServiceSpec,
  look: Look,
  { debuggerFolder, debugPort = 0, windows }: Aims,
  line: CommandLine | undefined,
  command: PythonCommand,
  found: PythonFound | undefined,
): Promise<UnderDebugger | Unfit> {
  const words = await debugged(look, command, found, debugPort);
  if (line === undefined || words === undefined) return notClear(spec);
  const interpreter = interpreterOf(command, spec, found);
  const env = { PYDEVD_DISABLE_FILE_VALIDATION: '1' };
  const has = interpreter === undefined ? undefined : await findsModule(interpreter, 'debugpy', spec, look);
  if (has === true) return { command: line.with(words), env };
  if (debuggerFolder === undefined) {
    // A runner may well have it; nobody can tell.
    if (has === undefined) return { command: line.with(words), env };
    return missingDebugger(spec, look, found, interpreter);
  }
  const before = look.env['PYTHONPATH'] ?? '';
  const PYTHONPATH = before === '' ? debuggerFolder : `${debuggerFolder}${windows ? ';' : ':'}${before}`;
  // What the command assigns stands over our environment.
  const over = line.assigned['PYTHONPATH'] === undefined ? [] : ['env', `PYTHONPATH=${PYTHONPATH}`];
  return { command: line.with([...over, ...words]), env: { ...env, PYTHONPATH } };
}

/** The interpreter that will run it, as far as that is known. */
function interpreterOf(
  { before, python, runs }: PythonCommand,
  spec: ServiceSpec,
  found: PythonFound | undefined,
): Interpreter | undefined {
  if (before.length > 0) return found?.environment === undefined ? undefined : found;
  if (python !== undefined && isPath(python)) return { program: resolvePath(spec.cwd, python), options: [] };
  if (runs.kind === 'tool' && isPath(runs.word)) {
    return { program: resolvePath(folderOf(resolvePath(spec.cwd, runs.word)), 'python'), options: [] };
  }
  return found;
}

async function debugged(
  look: Look,
  { before, python, options, runs, args }: PythonCommand,
  found: PythonFound | undefined,
  port: number,
): Promise<readonly string[] | undefined> {
  // Its own modules have to be where breakpoints can reach them.
  const listening = ['-Xfrozen_modules=off', '-m', 'debugpy', '--listen', `127.0.0.1:${port}`];
  const ours = found === undefined ? undefined : [found.program, ...found.options];
  const named = python === undefined ? undefined : [python];
  const interpreter = before.length > 0 ? [...before, python ?? 'python'] : (named ?? ours);
  if (interpreter === undefined) return undefined;
  const start = [...interpreter, ...options, ...listening];
  switch (runs.kind) {
    case 'script':
      return [...start, runs.script, ...args];
    case 'module':
      return [...start, '-m', runs.module, ...args];
    case 'tool': {
      if (runs.module !== undefined) return [...start, '-m', runs.module, ...args];
      const tool = await look.program([runs.word], found?.path ?? []);
      // What pip installs for a tool is a script of Python's, and no reason to know each of them.
      const text = tool.kind === 'found' ? await look.text(tool.path) : undefined;
      if (tool.kind === 'nowhere' || text === undefined || !/^#!.*python/.test(text)) return undefined;
      return [...start, tool.path, ...args];
    }
    case 'unclear':
      return undefined;
  }
}

function notClear(spec: ServiceSpec): Unfit {
  return unfit({
    code: 'unfit',
    params: {
      service: spec.name,
      text: 'its command is none that debugpy can be put into.',
      way: 'Write it as "python app.py", "python -m module", "flask run", "uvicorn app:app" or the like, or start it without debugging.',
    },
  });
}

async function missingDebugger(
  spec: ServiceSpec,
  look: Look,
  found: PythonFound | undefined,
  interpreter: Interpreter | undefined,
): Promise<Unfit> {
  const facts = interpreter === undefined ? undefined : await factsOf(interpreter, spec, look);
  const install =
    found === undefined
      ? 'pip install debugpy'
      : await installCommand(spec, look, found, undefined, 'debugpy');
  return unfit({
    code: 'missing-program',
    params: {
      what: 'The debugger of Python',
      programs: ['debugpy'],
      looked: facts === undefined ? [] : packageFolders(facts),
      install: `Install the extension "Python Debugger" (ms-python.debugpy), or run: ${install}`,
    },
  });
}
