/** What a command of a Python project runs: a script, a module, a tool of a package. Looks at no file. */

import { programName } from '../common/line.ts';

export interface PythonCommand {
  /** What stands before: `poetry run`. */
  readonly before: readonly string[];
  /** The interpreter as the command names it; absent: a tool. */
  readonly python?: string;
  /** The interpreter's own options. */
  readonly options: readonly string[];
  readonly runs: Runs;
  /** What follows the script, the module or the tool. */
  readonly args: readonly string[];
}

export type Runs =
  | { readonly kind: 'script'; readonly script: string }
  | { readonly kind: 'module'; readonly module: string }
  /** `word` as it is written; `module` is what `python -m` runs instead, where that is known. */
  | { readonly kind: 'tool'; readonly word: string; readonly name: string; readonly module?: string }
  | { readonly kind: 'unclear' };

/** Tools that are their package's module, too. */
const modules: Readonly<Record<string, string>> = {
  flask: 'flask',
  uvicorn: 'uvicorn',
  gunicorn: 'gunicorn',
  hypercorn: 'hypercorn',
  'django-admin': 'django',
  celery: 'celery',
  streamlit: 'streamlit',
  'waitress-serve': 'waitress',
  fastapi: 'fastapi',
  daphne: 'daphne',
  sanic: 'sanic',
  pytest: 'pytest',
  jupyter: 'jupyter',
};

const runners: ReadonlySet<string> = new Set(['uv', 'poetry', 'pipenv', 'pdm', 'hatch', 'rye']);

export function isPython(word: string): boolean {
  return /^(?:python|pypy)(?:\d+(?:\.\d+)*)?w?$/.test(programName(word)) || /^py$/.test(programName(word));
}

export function readCommand(words: readonly string[]): PythonCommand {
  const [first = '', second = '', third = ''] = words;
  if (runners.has(programName(first))) {
    // The runner's own options could mean anything.
    if (second !== 'run' || third.startsWith('-')) return unclear;
    const inner = readCommand(words.slice(2));
    const script = inner.runs.kind === 'tool' && inner.runs.word.endsWith('.py');
    return {
      ...inner,
      before: [first, second],
      ...(script ? { runs: { kind: 'script', script: third } as const } : {}),
    };
  }
  if (isPython(first)) return readPython(first, words.slice(1));
  const name = programName(first);
  const module = modules[name];
  return {
    before: [],
    options: [],
    runs: { kind: 'tool', word: first, name, ...(module === undefined ? {} : { module }) },
    args: words.slice(1),
  };
}

const unclear: PythonCommand = { before: [], options: [], runs: { kind: 'unclear' }, args: [] };

function readPython(python: string, args: readonly string[]): PythonCommand {
  const base = { before: [], python } as const;
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    const options = args.slice(0, at);
    if (word === '-m') {
      const module = args[at + 1];
      if (module === undefined) break;
      return { ...base, options, runs: { kind: 'module', module }, args: args.slice(at + 2) };
    }
    if (!word.startsWith('-') || word === '-') {
      if (word === '-') break;
      return { ...base, options, runs: { kind: 'script', script: word }, args: args.slice(at + 1) };
    }
    if (/^-(?:X|W)$/.test(word) || word === '--check-hash-based-pycs') at++;
    // The launcher of Windows takes a version in the place of an option.
    else if (!/^-(?:[bBdEiIOPqRsSuvx]+|[XW].+|\d(?:\.\d+)?(?:-(?:32|64))?)$/.test(word)) break;
  }
  return { ...unclear, python };
}
