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
import { check, type CheckContext, type Sound, unknownKey } from './check.ts';
import { parseEnvFile } from './envfile.ts';
import { expand } from './expand.ts';
import { linked, publishedOnce, routesOf, wellNamed } from './links.ts';
import { parse, placeIn } from './parse.ts';
import { configSchema, configShape, defaultsOf } from './schema.ts';
import { frontDoorSchema } from './schema/maps.ts';
import { complain, expandTree, layered, scalarsOf, variablesOf } from './scope.ts';
import { serviceOf, type Surroundings } from './service.ts';
import type { Config, FrontDoorSpec, ServiceSpec } from './spec.ts';
import { type At, child, type Entry, entryOf, isBlank, merge, type Tree } from './tree.ts';

export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

export interface LoadInput {
  /** Absolute path of the workspace folder. */
  readonly folder: string;
  /** In the order they are laid over each other. */
  readonly files: readonly ConfigFile[];
  /** What services inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Text of a file by its absolute path, for environment files; undefined when it cannot be read. */
  readFile(path: string): string | undefined;
}

export function loadConfig(input: LoadInput): Config {
  const problems: Problem[] = [];
  const files = input.files.map(({ path }) => path);
  const root = readFiles(input, problems);
  const context: CheckContext = {
    key: '',
    keyAt: startOf(input),
    problems,
    where: 'this file',
    owner: 'The file',
  };
  for (const [key, entry] of root?.kind === 'map' ? root.entries : []) {
    if (configShape.properties !== undefined && Object.hasOwn(configShape.properties, key)) continue;
    problems.push(unknownKey(key, entry.key, 'this file', Object.keys(configShape.properties ?? {})));
  }
  for (const key of ['version', 'groups', 'api', 'env'] as const) checkTop(key, entryOf(root, key), context);
  const globalEnv = variablesOf(child(root, 'env'), 'env', layered(input.environment), problems);

  const services = wellNamed(servicesOf(root, input, context), problems);
  const around = surroundings(input, globalEnv);
  const specs = [...services].flatMap(([name, entry]): readonly ServiceSpec[] => {
    const spec = serviceOf(name, entry, around, problems);
    return spec === undefined ? [] : [spec];
  });

  const lookup = layered(input.environment, globalEnv);
  const doorEntry = entryOf(root, 'frontDoor');
  const doorTree = doorEntry && {
    ...doorEntry,
    value: expandTree(doorEntry.value, 'frontDoor', lookup, problems, () => false),
  };
  const door = { ...defaultsOf(frontDoorSchema), ...checkTop('frontDoor', doorTree, context) };
  const port = door.port ?? 'auto';
  const running = publishedOnce(linked(specs, services, problems), port, services, problems);
  const frontDoor: FrontDoorSpec = {
    host: door.host ?? '',
    port,
    ...(doorEntry === undefined ? {} : { source: doorEntry.key }),
    routes: routesOf(child(doorTree?.value, 'routes'), door.routes ?? {}, running, services, problems),
  };
  return { files, services: running, frontDoor, problems: inOrder(problems, files) };
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
  if (last !== undefined)
    problems.push(
      problem('no-services', entry?.key ?? keyAt, { file: nameOf(entry?.key.file ?? last.path) }),
    );
  return new Map();
}

function startOf({ files }: LoadInput): At {
  const last = files.at(-1);
  return placeIn(last?.path ?? '', last?.text ?? '')(0, 0);
}

function surroundings(input: LoadInput, globalEnv: Surroundings['globalEnv']): Surroundings {
  const resolve: Surroundings['resolve'] = (path, file) => resolvePath(baseOf(file, input.folder), path);
  return {
    inherited: input.environment,
    globalEnv,
    resolve,
    envFiles(tree, lookup, problems) {
      const values: Record<string, string> = {};
      for (const { text, at } of scalarsOf(tree)) {
        const expanded = expand(text, lookup);
        complain(expanded, { key: 'envFile', at }, problems);
        const content = expanded.text === '' ? undefined : input.readFile(resolve(expanded.text, at.file));
        if (content === undefined) {
          problems.push(
            problem('file-unreadable', at, {
              file: expanded.text,
              reason: 'there is no such file, or it may not be read',
            }),
          );
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
