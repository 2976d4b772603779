/**
 * Config files to services and problems.
 *
 * Pure, and never throws: whatever the text, the answer is what can be run and, at its place, what cannot. Files are
 * laid over each other in order; each value stays where it was written, for problems and for relative paths.
 */

import type { Static } from 'typebox';
import { folderOf, nameOf, resolvePath } from '../base/path.ts';
import type { Problem } from '../faults/fault.ts';
import { problem } from '../faults/make.ts';
import { apiServerName, apiServerOf, besidesApiServer, needingApiServer } from './api-server.ts';
import { settledPorts, withEntries, withTopology } from './backends/among.ts';
import { topologyOf } from './backends/topology.ts';
import type { Beside } from './beside.ts';
import { check, type CheckContext, type Sound } from './check.ts';
import { folders } from './detect/folder.ts';
import { dispatchRulesOf } from './dispatch.ts';
import { parseEnvFile } from './envfile.ts';
import { expand, type Lookup } from './expand.ts';
import { withoutFollowUps } from './follow-ups.ts';
import { isOfProject, type Project, readProject } from './formats/appengine/project.ts';
import { serviceFromAppYaml } from './formats/appengine/service.ts';
import { isSupervisord } from './formats/kind.ts';
import { type Reading, readSupervisord } from './formats/supervisord/read.ts';
import type { LoadInput } from './input.ts';
import { grouped } from './groups.ts';
import { allowedHostsOf } from './hosts.ts';
import { leftOutOf, type Missing } from './left-out.ts';
import { linked, publishedOnce, routesOf, wellNamed } from './links.ts';
import { parse, placeIn } from './parse.ts';
import { tellOpenDoor } from './pointless.ts';
import { configSchema, defaultsOf } from './schema.ts';
import { frontDoorSchema } from './schema/maps.ts';
import { complain, expandTree, layered, scalarsOf, variablesOf } from './scope.ts';
import { serviceOf, type Surroundings } from './service.ts';
import type { Config, FrontDoorSpec, GroupSpec, ServiceSpec } from './spec.ts';
import { tellStrangeKeys } from './top-keys.ts';
import { type At, child, type Entry, entryOf, isBlank, merge, type Tree } from './tree.ts';

export type { LoadInput } from './input.ts';

/**
 * Files of one folder as one config. Those of our own format are laid over each other key by key; a service of a
 * `supervisord.conf` is replaced, as a whole, by a later one of its name.
 */
export function loadConfig(given: LoadInput): Config {
  // A file that another one names counts as it was handed in, which may be as it stands in an editor.
  const texts = new Map(given.files.map(({ path, text }) => [path, text]));
  const input = { ...given, readFile: (path: string) => texts.get(path) ?? given.readFile(path) };
  const foreign = input.files.filter(({ path }) => isSupervisord(path));
  const read = foreign.map((file) => readSupervisord(file, input));
  const ofProject = input.files.filter((file) => !foreign.includes(file) && isOfProject(file));
  const project = ofProject.length === 0 ? undefined : readProject(ofProject, input);
  const own = {
    ...input,
    files: input.files.filter((file) => !foreign.includes(file) && !ofProject.includes(file)),
  };
  return read.length === 0 ? loadOwn(own, [], project) : laidOver(input, read, own, project);
}

function laidOver(
  input: LoadInput,
  read: readonly Reading[],
  own: LoadInput,
  project: Project | undefined,
): Config {
  const ours = loadOwn(
    own,
    read.flatMap(({ services }) => services),
    project,
  );
  const paths = input.files.map(({ path }) => path);
  const files = [...new Set([...paths, ...read.flatMap((each) => each.files), ...ours.files])];
  // What comes from an included file comes with the file that includes it.
  const theirs = <T>(pick: (each: Reading) => readonly T[]): readonly Placed<T>[] =>
    read.flatMap((each) => pick(each).map((value) => ({ value, at: paths.indexOf(each.files[0]) })));
  const placed = <T extends Named>(all: readonly T[]): readonly Placed<T>[] =>
    all.map((value) => ({ value, at: paths.indexOf(value.source.file) }));
  const groups = lastOfEach([...theirs((each) => each.groups), ...placed(ours.groups ?? [])]);
  const supervisor = read.at(-1)?.supervisor;
  const problems = [...ours.problems, ...read.flatMap((each) => each.problems)];
  const services = lastOfEach([...theirs((each) => each.services), ...placed(ours.services)]);
  const { leftOut: ownLeftOut = [], ...rest } = ours;
  const named = new Set(services.map(({ name }) => name));
  const leftOut = [...read.flatMap((each) => each.leftOut), ...ownLeftOut].filter(
    ({ name }) => !named.has(name),
  );
  return {
    ...rest,
    files,
    ...(leftOut.length === 0 ? {} : { leftOut }),
    services: services.some(({ role }) => role === 'api-server') ? needingApiServer(services) : services,
    ...(groups.length === 0 ? {} : { groups }),
    ...(supervisor === undefined ? {} : { supervisor }),
    problems: inOrder(problems, files),
  };
}

type Named = ServiceSpec | GroupSpec;

/** Something and the place of its file among all files. */
interface Placed<T> {
  readonly value: T;
  readonly at: number;
}

/** What has one name stands once, as the last file says. */
function lastOfEach<T extends Named>(all: readonly Placed<T>[]): readonly T[] {
  const inTurn = all.toSorted((a, b) => a.at - b.at).map(({ value }) => [value.name, value] as const);
  return [...new Map(inTurn).values()];
}

/** `foreign` are services of other files, which these may name; those of a project are as good as our own. */
function loadOwn(input: LoadInput, foreign: readonly ServiceSpec[], project?: Project): Config {
  const problems: Problem[] = [...(project?.problems ?? [])];
  const paths = [...(project?.files ?? []), ...input.files.map(({ path }) => path)];
  const root = beneath(project?.root, readFiles(input, problems));
  const context: CheckContext = {
    key: '',
    keyAt: startOf(input),
    problems,
    where: 'this file',
    owner: 'The file',
  };
  tellStrangeKeys(root, problems);
  for (const key of ['version', 'groups', 'env'] as const) checkTop(key, entryOf(root, key), context);
  const globalEnv = variablesOf(child(root, 'env'), 'env', layered(input.environment), problems);
  const lookup = layered(input.environment, globalEnv);
  const consulted = new Set<string>(project?.consulted);
  const beside: Beside = { files: [], input, problems };
  const around = surroundings(input, globalEnv, consulted, beside.files);

  const api = entryOf(root, 'api');
  const mayBeEmpty = foreign.length > 0 || project !== undefined;
  const asWritten = servicesOf(root, input, context, mayBeEmpty);
  const ownWritten = besidesApiServer(wellNamed(asWritten, problems), api, problems);
  const missing: Missing[] = [...asWritten]
    .filter(([name]) => !ownWritten.has(name))
    .map(([name, { key }]) => ({ name, source: key, problems: problems.filter((each) => isAt(each, key)) }));
  const written = new Map([...entriesOf(project), ...ownWritten]);
  const ownSpecs = [...ownWritten].flatMap(([name, entry]): readonly ServiceSpec[] => {
    const from = problems.length;
    const spec = serviceOf(name, entry, around, problems);
    if (spec !== undefined) return [spec];
    missing.push({ name, source: entry.key, problems: problems.slice(from) });
    return [];
  });
  const specs = [...(project?.services ?? []).filter(({ name }) => !ownWritten.has(name)), ...ownSpecs];
  const backends = filledIn(root, 'backends', lookup, problems);
  const topology = topologyOf(backends, checkTop('backends', withoutList(backends), context), {
    ...beside,
    resolve: around.resolve,
    services: specs,
    names: new Set(written.keys()),
  });
  const apiFrom = problems.length;
  const apiServer = apiServerOf(api, around, topology?.apiPort, problems);
  if (api !== undefined && apiServer === undefined && problems.length > apiFrom)
    missing.push({ name: apiServerName, source: api.key, problems: problems.slice(apiFrom) });
  const all = withTopology(specs, topology, apiServer);
  const services = withEntries(written, topology, api);

  const doorEntry = filledIn(root, 'frontDoor', lookup, problems);
  const door = { ...defaultsOf(frontDoorSchema), ...checkTop('frontDoor', doorEntry, context) };
  const port = door.port ?? 'auto';
  const others = new Set(foreign.map(({ name }) => name));
  const linkedSpecs = linked(all, services, problems, others);
  const groups = grouped(child(root, 'groups'), linkedSpecs, services, problems);
  const taken = settledPorts(topology, apiServer, { port, entry: doorEntry }, problems);
  const running = publishedOnce(groups.services, taken, services, problems);
  const reachable = [...foreign, ...running];
  const frontDoor: FrontDoorSpec = {
    host: door.host ?? '',
    port,
    dispatch: dispatchRulesOf(child(doorEntry?.value, 'dispatch'), {
      ...beside,
      services: reachable,
      names: [...services.keys(), ...others],
      resolve: around.resolve,
    }),
    allowedHosts: allowedHostsOf(child(doorEntry?.value, 'allowedHosts'), problems),
    ...(doorEntry === undefined ? {} : { source: doorEntry.key, keys: placesOf(doorEntry.value) }),
    routes: routesOf(child(doorEntry?.value, 'routes'), door.routes ?? {}, reachable, services, problems),
  };
  tellOpenDoor(frontDoor.host, child(doorEntry?.value, 'host')?.at, problems);
  const files = [...new Set([...paths, ...beside.files])];
  const told = withoutFollowUps(inOrder(problems, files));
  const leftOut = leftOutOf([...(project?.missing ?? []), ...missing], running, told);
  return {
    files,
    services: isBlank(api?.value) ? running : needingApiServer(running),
    frontDoor,
    ...(topology === undefined ? {} : { topology: topology.spec }),
    ...(groups.groups.length === 0 ? {} : { groups: groups.groups }),
    ...(consulted.size === 0 ? {} : { consulted: [...consulted].toSorted() }),
    problems: told,
    ...(leftOut.length === 0 ? {} : { leftOut }),
  };
}

function isAt(problem: Problem, at: At): boolean {
  return problem.file === at.file && problem.line === at.line && problem.column === at.column;
}

function beneath(lower: Tree | undefined, upper: Tree | undefined): Tree | undefined {
  return lower === undefined || upper === undefined ? (upper ?? lower) : merge(lower, upper);
}

/** The services of a project, as those of our files stand: what they say is read already. */
function entriesOf(project: Project | undefined): readonly (readonly [string, Entry])[] {
  if (project === undefined) return [];
  const { root, names } = project;
  return names.map((name) => [name, { key: root.at, value: { ...root, entries: new Map() } }]);
}

function placesOf(tree: Tree): Readonly<Record<string, At>> {
  return tree.kind === 'map'
    ? Object.fromEntries([...tree.entries].map(([key, entry]) => [key, entry.key]))
    : {};
}

/** What stands under a key of the file, with variables filled in. */
function filledIn(
  root: Tree | undefined,
  key: 'backends' | 'frontDoor',
  lookup: Lookup,
  problems: Problem[],
): Entry | undefined {
  const entry = entryOf(root, key);
  return entry && { ...entry, value: expandTree(entry.value, key, lookup, problems, () => false) };
}

/** The list of backends is looked at with those that come from a file of their own. */
function withoutList(entry: Entry | undefined): Entry | undefined {
  if (entry?.value.kind !== 'map' || child(entry.value, 'list')?.kind !== 'list') return entry;
  const entries = new Map([...entry.value.entries].filter(([key]) => key !== 'list'));
  return { ...entry, value: { ...entry.value, entries } };
}

/** The trees of all files as one. */
function readFiles(input: LoadInput, problems: Problem[]): Tree | undefined {
  let root: Tree | undefined;
  for (const { path, text } of input.files) {
    const parsed = parse(path, text);
    problems.push(...parsed.problems);
    const { tree } = parsed;
    if (tree === undefined || isBlank(tree)) continue;
    if (tree.kind === 'map') {
      root = root === undefined ? tree : merge(root, tree);
    } else {
      const found = tree.kind === 'list' ? 'a list' : 'a text';
      problems.push(
        problem('wrong-type', tree.at, {
          key: nameOf(path),
          expected: 'a map with "services"',
          found,
          hint: 'Begin with "services:" and name a service below it.',
        }),
      );
    }
  }
  return root;
}

type Top = (typeof configSchema)['properties'];

function checkTop<K extends keyof Top>(
  key: K,
  entry: Entry | undefined,
  context: CheckContext,
): Sound<Static<Top[K]>> | undefined {
  if (entry === undefined) return undefined;
  return check(configSchema.properties[key], entry.value, {
    ...context,
    key,
    keyAt: entry.key,
    where: `"${key}"`,
    owner: `"${key}"`,
  });
}

function servicesOf(
  root: Tree | undefined,
  input: LoadInput,
  { problems, keyAt }: CheckContext,
  mayBeEmpty: boolean,
): ReadonlyMap<string, Entry> {
  const entry = entryOf(root, 'services');
  const last = input.files.at(-1);
  if (entry !== undefined && entry.value.kind !== 'map' && !isBlank(entry.value)) {
    const found = entry.value.kind === 'list' ? 'a list' : 'a text';
    problems.push(
      problem('wrong-type', entry.value.at, {
        key: 'services',
        expected: 'a map of services',
        found,
        hint: 'For example: services: { api: { command: node server.js } }',
      }),
    );
    return new Map();
  }
  if (entry?.value.kind === 'map' && entry.value.entries.size > 0) return entry.value.entries;
  if (last !== undefined && !mayBeEmpty)
    problems.push(
      problem('no-services', entry?.key ?? keyAt, { file: nameOf(entry?.key.file ?? last.path) }),
    );
  return new Map();
}

function startOf({ files }: LoadInput): At {
  const last = files.at(-1);
  return placeIn(last?.path ?? '', last?.text ?? '')(0, 0);
}

function surroundings(
  input: LoadInput,
  globalEnv: Surroundings['globalEnv'],
  consulted: Set<string>,
  files: string[],
): Surroundings {
  const folderAt = folders(input, consulted);
  const resolve: Surroundings['resolve'] = (path, file) => resolvePath(baseOf(file, input.folder), path);
  return {
    inherited: input.environment,
    globalEnv,
    folderName: nameOf(input.folder),
    resolve,
    ...(input.kindOf === undefined ? {} : { kindOf: (path: string) => input.kindOf?.(path) }),
    ...(input.recipes === undefined ? {} : { recipes: input.recipes }),
    ...(folderAt === undefined ? {} : { folderAt }),
    windows: input.machine?.windows ?? false,
    appYaml(path, { key, at }, launching, problems) {
      files.push(path);
      const text = input.readFile(path);
      if (typeof text !== 'string') {
        const { reason } = text ?? { reason: 'there is no such file, or it may not be read' };
        problems.push(problem('file-unreadable', at, { file: key, reason }));
        return undefined;
      }
      const looked: string[] = [];
      const spec = serviceFromAppYaml(
        { path, text },
        { input, problems, files, consulted: looked, launching },
      );
      for (const each of looked) consulted.add(each);
      return spec;
    },
    envFiles(tree, lookup, problems) {
      const values: Record<string, string> = {};
      for (const { text, at } of scalarsOf(tree)) {
        const expanded = expand(text, lookup);
        complain(expanded, { key: 'envFile', at }, problems);
        const content = expanded.text === '' ? undefined : input.readFile(resolve(expanded.text, at.file));
        if (typeof content !== 'string') {
          const { reason } = content ?? { reason: 'there is no such file, or it may not be read' };
          problems.push(problem('file-unreadable', at, { file: expanded.text, reason }));
          continue;
        }
        const read = parseEnvFile(content);
        Object.assign(values, read.values);
        if (read.strange.length > 0) {
          const lines = `${read.strange.length === 1 ? 'line' : 'lines'} ${read.strange.slice(0, 5).join(', ')}`;
          problems.push(problem('env-file-line', at, { file: expanded.text, lines }));
        }
      }
      return values;
    },
  };
}

/** Relative paths start at the folder of their file; `.vscode/` is a drawer of its workspace folder, not a place. */
function baseOf(file: string, workspace: string): string {
  const folder = file === '' ? workspace : folderOf(file);
  return nameOf(folder) === '.vscode' ? folderOf(folder) : folder;
}

/** By file and place, each once: what is written once and used through an alias is wrong once. */
function inOrder(problems: readonly Problem[], files: readonly string[]): readonly Problem[] {
  const unique = new Map(problems.map((each) => [JSON.stringify(each), each]));
  return [...unique.values()].toSorted(
    (a, b) =>
      files.indexOf(a.file) - files.indexOf(b.file) ||
      a.line - b.line ||
      a.column - b.column ||
      a.endLine - b.endLine ||
      a.endColumn - b.endColumn,
  );
}
