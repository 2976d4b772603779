/**
 * An App Engine project: the `app.yaml` of a folder, those of its sub folders, and what `dispatch.yaml` and
 * `backends.yaml` beside them say. Finds the files; what each means is told in `service.ts`.
 */

import { isPattern } from '../../../base/glob.ts';
import { folderOf, nameOf, resolvePath } from '../../../base/path.ts';
import type { Problem } from '../../../faults/fault.ts';
import { problem } from '../../../faults/make.ts';
import type { ConfigFile, LoadInput } from '../../input.ts';
import type { Missing } from '../../left-out.ts';
import { parse, placeIn } from '../../parse.ts';
import type { ServiceSpec } from '../../spec.ts';
import { type At, child, type Entry, entryOf, isBlank, type MapTree, type Tree } from '../../tree.ts';
import { serviceFromAppYaml } from './service.ts';

export interface Project {
  /** Absolute paths, the main file first. */
  readonly files: readonly string[];
  readonly services: readonly ServiceSpec[];
  /** Names of services that cannot run, or are there twice: they may be named all the same. */
  readonly names: readonly string[];
  readonly missing: readonly Missing[];
  /** What our own format would say of the files beside: `frontDoor.dispatch` and `backends`. */
  readonly root: MapTree;
  readonly problems: readonly Problem[];
  readonly consulted: readonly string[];
}

const dispatchFile = 'dispatch.yaml';
const backendsFile = 'backends.yaml';
const appYaml = /^app\.ya?ml$/i;

/** Sub folders that hold no services of the project, however many files they have. */
const never = new Set(['node_modules', 'vendor', '.git', '.venv', 'venv', '__pycache__']);

/** Whether a file is one of a project: an `app.yaml` by its name or by what it says, or a `dispatch.yaml`. */
export function isOfProject({ path, text }: ConfigFile): boolean {
  const name = nameOf(path);
  if (appYaml.test(name) || name === dispatchFile) return true;
  return /\.ya?ml$/i.test(name) && /^runtime:/m.test(text) && !/^services:/m.test(text);
}

/** The paths at which a folder may have an `app.yaml`, by what is in its sub folders. */
export function appYamlsBelow(folder: string, list: NonNullable<LoadInput['list']>): readonly string[] {
  return subFolders(folder, list(folder) ?? []).flatMap((each) => {
    const name = list(each)?.find((file) => appYaml.test(file));
    return name === undefined ? [] : [resolvePath(each, name)];
  });
}

function subFolders(folder: string, names: readonly string[]): readonly string[] {
  return names
    .filter((name) => !name.startsWith('.') && !never.has(name))
    .map((name) => resolvePath(folder, name));
}

/** `mains` are the files that were found or chosen. */
export function readProject(mains: readonly ConfigFile[], given: LoadInput): Project {
  // What stands in an editor counts before what is saved.
  const input: LoadInput = {
    ...given,
    readFile: (path) => mains.find((each) => each.path === path)?.text ?? given.readFile(path),
  };
  const problems: Problem[] = [];
  const files: string[] = mains.map(({ path }) => path);
  const consulted: string[] = [];
  const root = rootOf(mains, input);
  const found = filesOf(mains, root, input, consulted);
  const missing: Missing[] = [];
  const read = found.flatMap((file) => {
    if (!files.includes(file.path)) files.push(file.path);
    const from = problems.length;
    const spec = serviceFromAppYaml(file, { input, problems, files, consulted });
    if (spec !== undefined) return [spec];
    missing.push({ ...beginningOf(file), problems: problems.slice(from) });
    return [];
  });
  const services = once(read, problems).map((spec) => withoutOthers(spec, found));
  const [main] = mains;
  if (found.length === 0 && main !== undefined)
    problems.push(problem('no-services', placeIn(main.path, main.text)(0, 0), { file: nameOf(main.path) }));
  return {
    files: [...new Set(files)],
    services,
    names: found.map((file) => beginningOf(file).name),
    missing,
    root: besideIn(root, mains, services, input, files, consulted),
    problems,
    consulted: [...new Set(consulted)].filter((path) => !files.includes(path)),
  };
}

/** The folder of the project: of a sub folder's `app.yaml`, the one above where that is what is open. */
function rootOf(mains: readonly ConfigFile[], input: LoadInput): string {
  const folders = mains.map(({ path }) => folderOf(path));
  return (folders.find((each) => each === input.folder) ??
    folders.find((each) => folderOf(each) === input.folder))
    ? input.folder
    : (folders[0] ?? input.folder);
}

function filesOf(
  mains: readonly ConfigFile[],
  root: string,
  input: LoadInput,
  consulted: string[],
): readonly ConfigFile[] {
  // What appears in one of these folders, or as one of them, is news.
  const list = (path: string): readonly string[] | undefined => {
    const names = input.list?.(path);
    if (names !== undefined && path !== root) consulted.push(resolvePath(path, 'app.yaml'));
    return names;
  };
  // Whoever watches what is looked for hears of folders that are still to come.
  if (!isPattern(root)) input.machine?.glob(`${root}/*/app.yaml`);
  const own = mains.filter(({ path }) => nameOf(path) !== dispatchFile);
  const rootFile = ['app.yaml', 'app.yml'].map((name) => resolvePath(root, name));
  consulted.push(...rootFile);
  // One that was chosen by itself, in a folder of its own, is meant alone.
  const isAlone =
    own.length > 0 && own.every(({ path }) => folderOf(path) !== root) && rootFile.some(isThere);
  function isThere(path: string): boolean {
    return typeof input.readFile(path) === 'string';
  }
  const paths = isAlone
    ? []
    : [...rootFile.filter(isThere), ...appYamlsBelow(root, list), ...namedServices(root, input, consulted)];
  const others = paths.filter((path) => !own.some((each) => each.path === path));
  const read = others.flatMap((path) => {
    const text = input.readFile(path);
    return typeof text === 'string' ? [{ path, text }] : [];
  });
  return [...own, ...read].toSorted((a, b) => depth(a.path) - depth(b.path) || (a.path < b.path ? -1 : 1));
}

function depth(path: string): number {
  return path.split(/[\\/]/).length;
}

/** Services of a `dispatch.yaml` that have their file, named after them, in the root folder: `worker.yaml`. */
function namedServices(root: string, input: LoadInput, consulted: string[]): readonly string[] {
  const text = input.readFile(resolvePath(root, dispatchFile));
  if (typeof text !== 'string') return [];
  const rules = child(parse('', text).tree, 'dispatch');
  const names = (rules?.kind === 'list' ? rules.items : []).flatMap((rule) => {
    const named = child(rule, 'service') ?? child(rule, 'module');
    return named?.kind === 'scalar' && !isBlank(named) ? [named.text] : [];
  });
  return [...new Set(names)].flatMap((name) => {
    const path = resolvePath(root, `${name}.yaml`);
    consulted.push(path);
    const content = input.readFile(path);
    return typeof content === 'string' && isOfProject({ path, text: content }) ? [path] : [];
  });
}

/** What its service is called, and where it begins, however wrong the rest of it is. */
function beginningOf({ path, text }: ConfigFile): Pick<Missing, 'name' | 'source'> {
  const { tree } = parse(path, text);
  const entry = entryOf(tree, 'service') ?? entryOf(tree, 'module');
  const named = entry?.value;
  const source = (entry ?? entryOf(tree, 'runtime'))?.key ?? placeIn(path, text)(0, 0);
  return { name: named?.kind === 'scalar' && !isBlank(named) ? named.text : 'default', source };
}

/** What changes in the folder of another service is not its own. */
function withoutOthers(spec: ServiceSpec, found: readonly ConfigFile[]): ServiceSpec {
  const { watch, cwd } = spec;
  const others = found
    .map(({ path }) => folderOf(path))
    .filter((folder) => folder !== cwd && folderOf(folder) === cwd)
    .map(nameOf);
  if (watch === undefined || others.length === 0) return spec;
  const ignore = [...new Set(others)].flatMap((name) => [name, `${name}/**`]);
  return { ...spec, watch: { ...watch, ignore: [...watch.ignore, ...ignore] } };
}

/** Services of one name are told at each of them, and the first counts. */
function once(services: readonly ServiceSpec[], problems: Problem[]): readonly ServiceSpec[] {
  return services.filter((spec, index) => {
    const same = services.filter(({ name }) => name.toLowerCase() === spec.name.toLowerCase());
    const other = same.find((each) => each !== spec);
    if (other === undefined) return true;
    problems.push(
      problem('bad-value', spec.source, {
        key: 'service',
        reason: `"${spec.name}" is also the service of ${other.source.file}`,
        hint: 'Give one of the two another name.',
      }),
    );
    return services.indexOf(same[0] ?? spec) === index;
  });
}

/** The files beside them, as if a file of ours had named them. */
function besideIn(
  root: string,
  mains: readonly ConfigFile[],
  services: readonly ServiceSpec[],
  input: LoadInput,
  files: string[],
  consulted: string[],
): MapTree {
  const [main] = mains;
  const at = placeIn(main?.path ?? '', main?.text ?? '')(0, 0);
  const entries = new Map<string, Entry>();
  const looked = (name: string): string | undefined => {
    const path = resolvePath(root, name);
    if (typeof input.readFile(path) === 'string') {
      files.push(path);
      return path;
    }
    consulted.push(path);
    return undefined;
  };
  const dispatch = looked(dispatchFile);
  const app = services.find(({ name }) => name === 'default') ?? services[0];
  // What no rule sends elsewhere is the default service's, as it is on App Engine.
  const routes = app === undefined ? {} : { routes: mapOf(at, { '/': scalar(at, app.name) }) };
  const rules = dispatch === undefined ? {} : { dispatch: scalar(at, dispatch) };
  entries.set('frontDoor', { key: at, value: mapOf(at, { ...rules, ...routes }) });
  const backends = looked(backendsFile);
  if (backends !== undefined && app !== undefined)
    entries.set('backends', {
      key: at,
      value: mapOf(at, { app: scalar(at, app.name), file: scalar(at, backends) }),
    });
  return { kind: 'map', at, entries };
}

function scalar(at: At, text: string): Tree {
  return { kind: 'scalar', at, value: text, text, plain: false };
}

function mapOf(at: At, values: Readonly<Record<string, Tree>>): MapTree {
  return {
    kind: 'map',
    at,
    entries: new Map(Object.entries(values).map(([key, value]) => [key, { key: at, value }])),
  };
}
