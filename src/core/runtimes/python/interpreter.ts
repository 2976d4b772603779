/**
 * Finds the Python that a service runs with: the one its file names, the one selected in the editor, the project's
 * virtual environment, the version that `.python-version` asks for, else that of the PATH.
 */

import { folderOf, nameOf, resolvePath } from '../../../base/path.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import { bestInstalled } from '../common/installed.ts';
import { isPath } from '../common/line.ts';
import { isMade, otherVersion, unfit, wrongVersion } from '../common/unfit.ts';
import { isWithin, type Wish, written } from '../common/version.ts';
import type { Aims, Look, Unfit } from '../recipe.ts';
import {
  type Broken,
  brokenEnvironment,
  type Environment,
  environmentAt,
  environmentOf,
  ownEnvironment,
} from './environments.ts';
import { factsOf } from './facts.ts';
import { pyenvVersions, pythonStores } from './stores.ts';
import { choiceOf, requirementOf } from './wishes.ts';

export interface PythonFound {
  readonly program: string;
  /** What stands behind it in any command: `-3` of the launcher of Windows. */
  readonly options: readonly string[];
  /** Folders to put before the PATH so that it is what `python` means. */
  readonly path: readonly string[];
  readonly environment?: Environment;
  /** The file names it. */
  readonly named: boolean;
  readonly warnings: readonly string[];
}

/** Undefined: there is none, and the command (`word` is how it names its Python, if it does) may do without. */
export async function findPython(
  spec: ServiceSpec,
  look: Look,
  aims: Aims,
  word: string | undefined,
): Promise<PythonFound | Unfit | undefined> {
  if (spec.interpreter !== undefined) return findNamed(spec.interpreter, spec, look, aims);
  // Used as it is.
  if (word !== undefined && isPath(word)) return plain(resolvePath(spec.cwd, word));
  const environment = await findEnvironment(spec, look, aims);
  if (environment !== undefined) return environment;
  const choice = await choiceOf(spec, look);
  if (choice !== undefined && 'environment' in choice) {
    const versions = pyenvVersions(look, aims);
    const kept = versions === undefined ? undefined : resolvePath(versions, choice.environment);
    const named = kept === undefined ? undefined : await environmentAt(look, kept, aims.windows);
    if (named !== undefined && named.kind !== 'broken') return within(named);
  }
  const wish = choice !== undefined && 'range' in choice ? choice : await requirementOf(spec, look);
  return ofVersion(spec, look, aims, word, wish);
}

/** The project's own, the one selected in the editor, then whichever lies nearest. */
async function findEnvironment(
  spec: ServiceSpec,
  look: Look,
  aims: Aims,
): Promise<PythonFound | Unfit | undefined> {
  const own = await ownEnvironment(spec, look, aims.windows);
  if (own !== undefined) return judged(own, spec, look);
  const selected = look.chosen('python');
  if (selected !== undefined && (await look.kind(selected)) === 'file') {
    const around = await environmentAround(selected, look, aims);
    return around === undefined ? { ...plain(selected), path: [folderOf(selected)] } : within(around);
  }
  const nearest = await environmentOf(spec, look, aims.windows);
  return nearest === undefined ? undefined : judged(nearest, spec, look);
}

/** The environment that an interpreter is part of. */
async function environmentAround(
  program: string,
  look: Look,
  { windows }: Aims,
): Promise<Environment | undefined> {
  for (const folder of [folderOf(folderOf(program)), folderOf(program)]) {
    const found = await environmentAt(look, folder, windows);
    if (found !== undefined && found.kind !== 'broken') return found;
  }
  return undefined;
}

/** Somebody made it with the version that it has, which is no reason not to start. */
async function judged(
  found: Environment | Broken,
  spec: ServiceSpec,
  look: Look,
): Promise<PythonFound | Unfit> {
  if (found.kind === 'broken') return brokenEnvironment(found, look);
  const choice = await choiceOf(spec, look);
  const wish = choice !== undefined && 'range' in choice ? choice : await requirementOf(spec, look);
  const { version, program } = found;
  if (wish === undefined || version === undefined || isWithin(version, wish.range)) return within(found);
  return { ...within(found), warnings: [otherVersion('Python', { version, path: program }, wish)] };
}

async function findNamed(
  name: string,
  spec: ServiceSpec,
  look: Look,
  aims: Aims,
): Promise<PythonFound | Unfit> {
  const wanted = isPath(name) ? resolvePath(spec.cwd, name) : name;
  const found = await look.program([wanted]);
  // A build may make the environment that it is part of.
  if (found.kind === 'nowhere' && isPath(name) && isMade(spec)) {
    return { ...plain(wanted), path: [folderOf(wanted)], named: true };
  }
  if (found.kind === 'nowhere') {
    const params = {
      what: 'The Python that "interpreter" names',
      programs: [wanted],
      looked: found.looked,
      install: 'Correct "interpreter", or remove it: then Python is looked for.',
    };
    return unfit({ code: 'missing-program', params }, 'interpreter');
  }
  const around = await environmentAround(found.path, look, aims);
  const base = around === undefined ? { ...plain(found.path), path: [folderOf(found.path)] } : within(around);
  return { ...base, program: found.path, named: true };
}

async function ofVersion(
  spec: ServiceSpec,
  look: Look,
  aims: Aims,
  word: string | undefined,
  wish: Wish | undefined,
): Promise<PythonFound | Unfit | undefined> {
  // Where the service sets a PATH of its own, that is what counts; a word with a version says which it means itself.
  const free = spec.env['PATH'] === undefined && (word === undefined || !/\d\./.test(word));
  if (wish?.chooses === true && free) {
    const installed = await installedOf(wish, look, aims);
    if (installed !== undefined) return installed;
  }
  const found = await onPath(look, aims, spec.proposed === undefined ? word : undefined);
  if (found === undefined) {
    const installed = wish === undefined || !free ? undefined : await installedOf(wish, look, aims);
    if (installed !== undefined || word === undefined) return installed;
    return missingPython(look, word, wish);
  }
  if (wish === undefined || !free) return found;
  const facts = await factsOf(found, spec, look);
  if (facts === undefined || isWithin(facts.version, wish.range)) return found;
  const at = { version: facts.version, path: found.program };
  const isRunByIt = word !== undefined || spec.proposed !== undefined;
  if (wish.chooses && isRunByIt) return wrongVersion('Python', at, wish, wayTo(wish));
  const installed = await installedOf(wish, look, aims);
  return installed ?? { ...found, warnings: [otherVersion('Python', at, wish)] };
}

async function onPath(
  look: Look,
  { windows }: Aims,
  word: string | undefined,
): Promise<PythonFound | undefined> {
  if (word !== undefined) {
    const found = await look.program([word]);
    return found.kind === 'found' ? plain(found.path) : undefined;
  }
  for (const name of windows ? ['python', 'py'] : ['python3', 'python']) {
    const found = await look.program([name]);
    if (found.kind === 'found') return { ...plain(found.path), options: name === 'py' ? ['-3'] : [] };
  }
  return undefined;
}

async function installedOf(wish: Wish, look: Look, aims: Aims): Promise<PythonFound | undefined> {
  const program = aims.windows ? 'python.exe' : 'python3';
  const best = await bestInstalled(look, pythonStores(look, aims), program, wish.range);
  return best === undefined ? undefined : { ...plain(best.program), path: [best.bin] };
}

function plain(program: string): PythonFound {
  return { program, options: [], path: [], named: false, warnings: [] };
}

function within(environment: Environment): PythonFound {
  return { ...plain(environment.program), path: [environment.bin], environment };
}

async function missingPython(look: Look, word: string, wish: Wish | undefined): Promise<Unfit> {
  const other = await look.program(['python3', 'python']);
  const found = await look.program([word]);
  const install =
    other.kind === 'found'
      ? `There is ${other.path}: write "${nameOf(other.path)}" instead, or make a virtual environment with it.`
      : wish === undefined
        ? 'Install Python 3 from https://www.python.org, or with your package manager.'
        : wayTo(wish);
  const looked = found.kind === 'nowhere' ? found.looked : [];
  const params = { what: 'Python', programs: [word], looked, install };
  return unfit({ code: 'missing-program', params }, 'command', wish === undefined ? [] : [wish.place]);
}

/** How a Python of this version is got. */
function wayTo({ range, text }: Wish): string {
  const lowest = range[0]?.find(({ relation }) => relation === '=' || relation === '>=')?.version;
  const version = lowest === undefined ? text : written(lowest);
  return `Run "pyenv install ${version}" or "uv python install ${version}", or name a Python with "interpreter".`;
}
