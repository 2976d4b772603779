/**
 * One `app.yaml` as a service: what its keys come to on a machine of one's own (spec section 4).
 *
 * Other services and the front door are not known here. What the file says for Google's machines alone is told, and
 * otherwise left alone.
 */

import { folderOf, nameOf, resolvePath } from '../../../base/path.ts';
import { wholePattern } from '../../../base/python-pattern.ts';
import type { Problem } from '../../../faults/fault.ts';
import { problem } from '../../../faults/make.ts';
import { appEngineOf, type Spelling } from '../../appengine.ts';
import { check, type Sound } from '../../check.ts';
import { parseEnvFile } from '../../envfile.ts';
import type { ConfigFile, LoadInput } from '../../input.ts';
import { serviceName } from '../../links.ts';
import { parse } from '../../parse.ts';
import { tellPointlessHandlers } from '../../pointless.ts';
import { usualRequests } from '../../requests.ts';
import { defaultsOf } from '../../schema.ts';
import { checkSchema, watchSchema } from '../../schema/maps.ts';
import { serviceSchema } from '../../schema/service.ts';
import { scalarsOf } from '../../scope.ts';
import type { AppEngineSpec, Check, ProjectSpec, ServiceSpec } from '../../spec.ts';
import { type At, child, entryOf, isBlank, type MapTree, type Tree } from '../../tree.ts';
import { milliseconds } from '../../units.ts';
import { commandOfEntrypoint, commandWithout, type Commanded } from './command.ts';
import { ignoredKeys } from './ignored.ts';
import { withIncludes } from './includes.ts';
import { type ChosenRuntime, type Launching, runtimeOfAppYaml } from './runtime.ts';
import { memoryOf, recipeOf, type Row, rowOf } from './runtimes.ts';
import { scaledBy } from './scaling.ts';
import { appYamlSchema, type RawAppYaml } from './schema.ts';

export interface AppYamlAround {
  readonly input: LoadInput;
  readonly problems: Problem[];
  /** Collects the absolute paths of further files that were read. */
  readonly files: string[];
  /** Collects those of what was looked for. */
  readonly consulted: string[];
  /** What is laid over it says itself. */
  readonly launching?: Launching;
}

const theirs: Spelling = {
  prefix: '',
  of: (key) => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
};
const usual = defaultsOf(serviceSchema);
/** Problems that leave a service without a meaning. */
const crippling = new Set(['wrong-type', 'bad-value', 'missing-key', 'app-yaml-error', 'retired-runtime']);

/** Undefined where it cannot be run, with a problem that says why. */
export function serviceFromAppYaml(file: ConfigFile, around: AppYamlAround): ServiceSpec | undefined {
  const problems: Problem[] = [];
  const spec = build(file, { ...around, problems });
  around.problems.push(...problems);
  return problems.some(({ severity, code }) => severity === 'error' && crippling.has(code))
    ? undefined
    : spec;
}

function build(file: ConfigFile, around: AppYamlAround): ServiceSpec | undefined {
  const { input, problems } = around;
  const parsed = parse(file.path, file.text);
  problems.push(...parsed.problems);
  if (parsed.tree === undefined || isBlank(parsed.tree)) return undefined;
  if (parsed.tree.kind !== 'map') {
    problems.push(
      problem('wrong-type', parsed.tree.at, {
        key: nameOf(file.path),
        expected: 'a map with "runtime"',
        found: parsed.tree.kind === 'list' ? 'a list' : 'a text',
        hint: 'Begin with "runtime:", for example: runtime: nodejs22',
      }),
    );
    return undefined;
  }
  const { tree, files } = withIncludes(plainly(parsed.tree), file.path, input, problems);
  around.files.push(...files);
  const first = [...tree.entries.values()][0]?.key ?? tree.at;
  const raw: Sound<RawAppYaml> =
    check(appYamlSchema, tree, {
      key: '',
      keyAt: first,
      problems,
      where: 'an app.yaml',
      owner: nameOf(file.path),
    }) ?? {};
  tellIgnored(tree, problems);
  const chosen = runtimeOfAppYaml(tree, raw, input.environment, around.launching ?? {}, problems);
  return chosen && serviceOf({ tree, raw, file, first, chosen, around });
}

interface Reading {
  readonly tree: MapTree;
  readonly raw: Sound<RawAppYaml>;
  readonly file: ConfigFile;
  /** Where the file begins. */
  readonly first: At;
  readonly chosen: ChosenRuntime;
  readonly around: AppYamlAround;
}

function serviceOf(reading: Reading): ServiceSpec | undefined {
  const { tree, raw, file, first, chosen, around } = reading;
  const { problems, input } = around;
  const name = nameIn(tree, problems);
  const root = folderOf(file.path);
  const recipe = recipeOf(chosen);
  const commanded = commandOf(reading, recipe, root);
  if (commanded === undefined) return undefined;
  const scaled = scaledBy(tree, raw, problems);
  const appengine = applicationOf(reading, name, root, scaled.scaling.kind === 'automatic');
  const row = rowOf(chosen.row, appengine.dialect);
  const kindOf = input.kindOf === undefined ? undefined : (path: string) => input.kindOf?.(path);
  tellPointlessHandlers(tree, appengine, kindOf, theirs, problems);
  const source =
    (entryOf(tree, 'service') ?? entryOf(tree, 'module') ?? entryOf(tree, 'runtime'))?.key ?? first;
  const { command, shell, proposed } = commanded;
  return {
    name,
    source,
    keys: placesIn(tree, scaled.at),
    command,
    shell,
    runtime: recipe,
    ...(proposed === undefined ? {} : { proposed }),
    cwd: root,
    env: { ...beside(root, source, around), ...variablesIn(tree, problems) },
    handshake: commanded.handshake ?? row.handshake,
    port: 'auto',
    publish: 'auto',
    instances: scaled.instances,
    balance: usual.balance ?? 'round-robin',
    profile: 'appengine',
    autostart: usual.autostart ?? true,
    dependsOn: {},
    ...checksOf(raw, chosen),
    restart: usual.restart ?? 'unexpected',
    startMs: 0,
    startRetries: usual.startRetries ?? 3,
    exitCodes: usual.exitCodes ?? [0],
    stopSignal: usual.stopSignal ?? 'TERM',
    stopMs: milliseconds(usual.stopSeconds ?? 10) ?? 10_000,
    priority: usual.priority ?? 999,
    watch: watched,
    debug: usual.debug ?? true,
    role: 'service',
    requests: { ...usualRequests, concurrency: concurrencyOf(row, raw, scaled.concurrency) },
    scaling: scaled.scaling,
    appengine: {
      ...appengine,
      backgroundThreads: row.backgroundThreads,
      restartOnChange: row.restartOnChange,
    },
    ...(scaled.stopRequest === undefined ? {} : { stopRequest: scaled.stopRequest }),
  };
}

/** The whole application, but for what is made there: virtual environments and packages. */
const watched: NonNullable<ServiceSpec['watch']> = {
  paths: ['**'],
  ignore: ['.venv', 'venv', 'vendor'].flatMap((name) => [`**/${name}`, `**/${name}/**`]),
  debounceMs: milliseconds(defaultsOf(watchSchema).debounce ?? 0) ?? 0,
  cascade: false,
};

/** Keys of scaling are written in two ways; both are read as one. */
function plainly(tree: MapTree): MapTree {
  const entries = [...tree.entries].map(([key, entry]) => {
    if (!key.endsWith('_scaling') || entry.value.kind !== 'map') return [key, entry] as const;
    const inner = [...entry.value.entries].map(([name, each]) => [theirs.of(name), each] as const);
    return [key, { ...entry, value: { ...entry.value, entries: new Map(inner) } }] as const;
  });
  return { ...tree, entries: new Map(entries) };
}

function nameIn(tree: MapTree, problems: Problem[]): string {
  const [written, second] = ['service', 'module'].flatMap((key) => entryOf(tree, key) ?? []);
  if (second !== undefined)
    problems.push(
      problem('bad-value', second.key, {
        key: 'module',
        reason: 'it stands beside "service", which is the same',
        hint: 'Remove it.',
      }),
    );
  if (written === undefined || written.value.kind !== 'scalar' || isBlank(written.value)) return 'default';
  if (!serviceName.test(written.value.text))
    problems.push(
      problem('bad-value', written.value.at, {
        key: 'service',
        reason: `"${written.value.text}" cannot be the name of a service`,
        hint: 'Use letters, digits and -, at most 63 of them, with a letter or digit at both ends.',
      }),
    );
  return written.value.text;
}

function commandOf(
  { tree, raw, chosen, around }: Reading,
  recipe: string,
  root: string,
): Commanded | undefined {
  const { entrypoint, main } = raw;
  const text = typeof entrypoint === 'string' ? entrypoint : entrypoint?.shell;
  const documentRoot = child(child(tree, 'runtime_config'), 'document_root');
  if (text === undefined) {
    const command = commandWithout({
      recipe,
      root,
      input: around.input,
      consulted: around.consulted,
      ...(documentRoot?.kind === 'scalar' && !isBlank(documentRoot)
        ? { documentRoot: documentRoot.text }
        : {}),
      ...(main === undefined ? {} : { main }),
    });
    // What is laid over it brings one.
    return command ?? { command: [chosen.runtime], shell: false, proposed: 'app.yaml has no entrypoint' };
  }
  const found = commandOfEntrypoint(text, recipe);
  if (!('wrong' in found)) return found;
  const at = child(tree, 'entrypoint')?.at ?? tree.at;
  around.problems.push(problem('bad-value', at, { key: 'entrypoint', reason: found.wrong }));
  return undefined;
}

function applicationOf(
  { tree, raw, file, chosen, around }: Reading,
  name: string,
  root: string,
  isAutomatic: boolean,
): AppEngineSpec {
  const { input, problems } = around;
  const row = rowOf(chosen.row, 'dev');
  const { application, version } = raw;
  const spec = appEngineOf(
    tree,
    {
      root,
      ...(application === undefined ? {} : { application: String(application) }),
      module: name,
      ...(version === undefined ? {} : { version: String(version) }),
      handlers: (raw.handlers ?? []).map((each) => ours(each, row)),
      errorHandlers: (raw.error_handlers ?? []).map(({ file: path, error_code: code }) => ({
        ...(path === undefined ? {} : { file: path }),
        ...(code === undefined ? {} : { errorCode: String(code) }),
      })),
      inboundServices: (raw.inbound_services ?? []).includes('warmup') ? ['warmup'] : [],
      ...(raw.default_expiration === undefined ? {} : { defaultExpiration: raw.default_expiration }),
    } as Parameters<typeof appEngineOf>[1],
    {
      service: name,
      cwd: root,
      folderName: nameOf(input.folder),
      resolve: (path) => resolvePath(root, path),
    },
    problems,
    theirs,
  );
  const instanceClass = raw.instance_class ?? (isAutomatic ? 'F1' : 'B2');
  const project: ProjectSpec = {
    file: file.path,
    runtime: chosen.runtime,
    environment: chosen.environment,
    row: chosen.row,
    vm: chosen.vm,
    threadsafe: raw.threadsafe ?? true,
    memoryMb: memoryOf(instanceClass) ?? 0,
    ...(version === undefined ? {} : { majorVersion: String(version).split('.')[0] ?? '' }),
    ...(application === undefined ? {} : { externalName: String(application).replace(/^dev~/, '') }),
    ...(typeof raw.entrypoint === 'string' ? { entrypoint: raw.entrypoint } : {}),
    ...(raw.main === undefined ? {} : { main: raw.main }),
    skipFiles: patternsIn(tree, 'skip_files', problems) ?? usualSkipFiles,
    noBuildFiles: patternsIn(tree, 'nobuild_files', problems) ?? [],
  };
  return { ...spec, ...(row.scripts === undefined ? {} : { scripts: row.scripts }), project };
}

type Raw = Sound<RawAppYaml>;

/** A handler in our spelling. What no handler has goes to the program of a runtime of today, whatever script is named. */
function ours(handler: NonNullable<Raw['handlers']>[number], row: Row): object {
  const {
    application_readable: _readable,
    position: _position,
    api_endpoint: _api,
    script,
    ...kept
  } = handler;
  const entries = Object.entries(kept).map(
    ([key, value]) =>
      [key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()), value] as const,
  );
  const named = script === undefined ? {} : { script: row.modern ? 'auto' : String(script) };
  return { ...Object.fromEntries(entries), ...named };
}

/** What Google's SDK skips where the file says nothing. */
const usualSkipFiles = [String.raw`^(.*/)?((#.*#)|(.*~)|(.*\.py[co])|(.*/RCS/.*)|(\..*)|)$`];

function patternsIn(tree: MapTree, key: string, problems: Problem[]): readonly string[] | undefined {
  if (isBlank(child(tree, key))) return undefined;
  return scalarsOf(child(tree, key)).flatMap(({ text, at }) => {
    const pattern = wholePattern(text);
    if (!('problem' in pattern)) return [text];
    problems.push(
      problem('bad-value', at, { key, reason: `it is no regular expression (${pattern.problem})` }),
    );
    return [];
  });
}

function variablesIn(tree: MapTree, problems: Problem[]): Readonly<Record<string, string>> {
  const map = child(tree, 'env_variables');
  if (map?.kind !== 'map') return {};
  const found = [...map.entries].flatMap(([name, { key, value }]) => {
    if (value.kind !== 'scalar') return [];
    const reason =
      name === '' || /[=\0]/.test(name)
        ? `"${name}" is no name for a variable`
        : value.text.includes('\0')
          ? `"${name}" contains a NUL character`
          : undefined;
    if (reason === undefined) return [[name, value.text] as const];
    problems.push(problem('bad-value', key, { key: 'env_variables', reason }));
    return [];
  });
  return Object.fromEntries(found);
}

/** The `.env` beside it. */
function beside(root: string, at: At, { input, files, consulted, problems }: AppYamlAround) {
  const path = resolvePath(root, '.env');
  const text = input.readFile(path);
  if (typeof text !== 'string') {
    consulted.push(path);
    return {};
  }
  files.push(path);
  const { values, strange } = parseEnvFile(text);
  if (strange.length > 0) {
    const lines = `${strange.length === 1 ? 'line' : 'lines'} ${strange.slice(0, 5).join(', ')}`;
    problems.push(problem('env-file-line', at, { file: '.env', lines }));
  }
  return values;
}

function concurrencyOf(row: Row, { threadsafe }: Raw, written: number | undefined): number {
  return threadsafe === false ? row.unsafeConcurrency : (written ?? row.concurrency);
}

/** Those of the flexible environment: the path that answers when it is ready, and the one that shows it is well. */
function checksOf(raw: Raw, { environment }: ChosenRuntime): Pick<ServiceSpec, 'ready' | 'health'> {
  if (environment === 'standard') return {};
  const defaults = defaultsOf(checkSchema);
  const of = (section: Raw['readiness_check'], intervalMs: number | undefined): Check | undefined =>
    section?.path === undefined
      ? undefined
      : {
          http: section.path,
          intervalMs: intervalMs ?? milliseconds(defaults.interval ?? 1) ?? 1000,
          timeoutMs: (section.timeout_sec ?? 5) * 1000,
          failures: section.failure_threshold ?? defaults.failures ?? 3,
        };
  // Becoming ready is looked for as often as we do, so that a start takes no longer than it must.
  const ready = of(raw.readiness_check ?? raw.health_check, undefined);
  const every = raw.liveness_check?.check_interval_sec;
  const health = of(raw.liveness_check, every === undefined ? undefined : every * 1000);
  return { ...(ready === undefined ? {} : { ready }), ...(health === undefined ? {} : { health }) };
}

/** Where what we call otherwise stands. */
function placesIn(tree: MapTree, scaling: At | undefined): ServiceSpec['keys'] {
  const at = (key: string): At | undefined => entryOf(tree, key)?.key;
  const pairs = {
    runtime: at('runtime'),
    command: at('entrypoint') ?? at('runtime'),
    env: at('env_variables'),
    scaling,
    ready: at('readiness_check') ?? at('health_check'),
    health: at('liveness_check'),
  };
  return Object.fromEntries(
    Object.entries(pairs).flatMap(([key, place]) => (place === undefined ? [] : [[key, place]])),
  );
}

function tellIgnored(tree: MapTree, problems: Problem[]): void {
  const tell = (key: string, at: At, reason: string): void => {
    problems.push(problem('app-yaml-differs', at, { key, reason }));
  };
  for (const [key, { key: at }] of tree.entries) {
    const reason = Object.hasOwn(ignoredKeys, key) ? ignoredKeys[key] : undefined;
    if (reason !== undefined) tell(key, at, reason);
  }
  for (const item of scalarsOf(child(tree, 'inbound_services')))
    if (item.text !== 'warmup' && !isBlank(item))
      tell(`inbound_services: ${item.text}`, item.at, 'there is nothing that would send such requests');
  const secured = firstSecured(child(tree, 'handlers'));
  if (secured !== undefined) tell('handlers.secure', secured, 'the front door speaks HTTP only');
}

/** Told once: it stands in every handler, or in none. */
function firstSecured(handlers: Tree | undefined): At | undefined {
  for (const item of handlers?.kind === 'list' ? handlers.items : []) {
    const entry = entryOf(item, 'secure');
    if (entry?.value.kind === 'scalar' && ['always', 'never'].includes(entry.value.text)) return entry.key;
  }
  return undefined;
}
