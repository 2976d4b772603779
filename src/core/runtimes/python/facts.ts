/** What an interpreter tells of itself: its version, where it looks for modules, and whether it finds one. */

import type { ServiceSpec } from '../../../config/spec.ts';
import { isAbsolutePath } from '../../../base/path.ts';
import { isObject } from '../common/nearby.ts';
import type { Version } from '../common/version.ts';
import type { Look } from '../recipe.ts';

/** An interpreter, and what stands behind it in any command. */
export interface Interpreter {
  readonly program: string;
  readonly options: readonly string[];
}

export interface Facts {
  readonly version: Version;
  /** Folders and archives, the service's folder not among them. */
  readonly folders: readonly string[];
}

const tells =
  'import json,sys;print(json.dumps({"version":list(sys.version_info[:3]),"folders":[p for p in sys.path if p]}))';

/** Undefined where it does not answer: then nothing is sure. */
export async function factsOf(
  { program, options }: Interpreter,
  { cwd }: Pick<ServiceSpec, 'cwd'>,
  look: Look,
): Promise<Facts | undefined> {
  const told = await look.ask([program, ...options, '-c', tells], { cwd });
  if (told?.exit.code !== 0) return undefined;
  return read(told.stdout);
}

function read(text: string): Facts | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return undefined;
    const { version, folders } = value;
    if (!Array.isArray(version) || !version.every((part) => typeof part === 'number')) return undefined;
    const paths = Array.isArray(folders) ? folders.filter((each) => typeof each === 'string') : [];
    return { version, folders: paths };
  } catch {
    // A wrapper that prints something of its own.
    return undefined;
  }
}

/** The exit of an interpreter that finds no such module; any other than 0 tells nothing. */
const notFound = 3;

/** Whether it finds a module, from the service's folder as `-m` does; undefined where it cannot be told. */
export async function findsModule(
  interpreter: Interpreter,
  module: string,
  { cwd }: Pick<ServiceSpec, 'cwd'>,
  look: Look,
): Promise<boolean | undefined> {
  const facts = await factsOf(interpreter, { cwd }, look);
  if (facts === undefined || (facts.version[0] ?? 0) < 3) return undefined;
  const [top = ''] = module.split('.');
  const asks = `import importlib.util,sys;sys.exit(0 if importlib.util.find_spec(${JSON.stringify(top)}) else ${notFound})`;
  const argv = [interpreter.program, ...interpreter.options, '-c', asks] as const;
  // Installing something puts a folder of its name into one of these.
  const told = await look.ask([argv[0], ...argv.slice(1)], { cwd, dependsOn: [...facts.folders, cwd] });
  if (told?.exit.code === 0) return true;
  return told?.exit.code === notFound ? false : undefined;
}

/** Where a script lies behind its links: what is beside it there, it imports. As it is named, where that cannot be asked. */
export async function realPathOf(
  { program, options }: Interpreter,
  path: string,
  { cwd }: Pick<ServiceSpec, 'cwd'>,
  look: Look,
): Promise<string> {
  const asks = 'import os,sys;print(os.path.realpath(sys.argv[1]))';
  const told = await look.ask([program, ...options, '-c', asks, path], { cwd, dependsOn: [path] });
  const real = told?.exit.code === 0 ? told.stdout.trim() : '';
  return isAbsolutePath(real) ? real : path;
}

/** Where packages are installed, for a person to read. */
export function packageFolders({ folders }: Facts): readonly string[] {
  const named = folders.filter((folder) => /(?:site|dist)-packages$/.test(folder));
  return named.length === 0 ? folders : named;
}
