/**
 * One service: from its part of the tree to its spec.
 *
 * Knows what the keys mean together. Other services, the front door and files are not known here; what an
 * environment file holds is handed in.
 */

import type { Problem } from '../faults/fault.ts';
import { problem } from '../faults/make.ts';
import { check } from './check.ts';
import { buildOf, fastCgiOf } from './building.ts';
import { checkOf } from './checks.ts';
import { commandOf } from './command.ts';
import type { Folder } from './detect/folder.ts';
import { withPort } from './detect/port-flag.ts';
import type { Lookup } from './expand.ts';
import type { LoadInput } from './input.ts';
import { tellPointlessOfApplication } from './pointless.ts';
import { appEngineOf } from './appengine.ts';
import { completed, launchingOf, overlaid } from './formats/appengine/overlay.ts';
import type { Launching } from './formats/appengine/runtime.ts';
import { togetherness } from './combinations.ts';
import { proposalFor } from './proposed.ts';
import { isPhpCgi, namedRuntime, programName, runtimeOf } from './recipe.ts';
import { requestsOf } from './requests.ts';
import { initialInstances, scalingOf, stopRequestOfScaled } from './scaling.ts';
import { defaultsOf, type RawService } from './schema.ts';
import type { apiSchema } from './schema/api.ts';
import { logFileSchema, watchSchema } from './schema/maps.ts';
import { serviceSchema } from './schema/service.ts';
import { childScalar, expandTree, layered, type Named, type Variables, variablesOf } from './scope.ts';
import type { HandshakeName, LogFileSpec, ServiceSpec } from './spec.ts';
import { type At, child, type Entry, entryOf, isBlank, type Tree } from './tree.ts';
import { bytes, milliseconds } from './units.ts';
import { splitCommand } from './words.ts';

export interface Surroundings {
  /** The environment in which everything runs. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  readonly globalEnv: Variables;
  /** Of the workspace, by its name. */
  readonly folderName: string;
  /** The absolute form of a path that is written in a file. */
  readonly resolve: (path: string, file: string) => string;
  /** What there is of an absolute path; absent where nobody can tell. */
  readonly kindOf?: LoadInput['kindOf'];
  /** What is in a folder, by its absolute path; absent where nobody can tell. */
  readonly folderAt?: (path: string) => Folder;
  readonly windows?: boolean;
  /** Those of other extensions; absent where nobody knows which there are. */
  readonly recipes?: LoadInput['recipes'];
  /** The service that an `app.yaml` describes; undefined where it cannot be run, with a problem that says why. */
  appYaml(path: string, named: Named, launching: Launching, problems: Problem[]): ServiceSpec | undefined;
  /** The variables of the environment files that a service names, with a problem for each that cannot be read. */
  envFiles(tree: Tree | undefined, lookup: Lookup, problems: Problem[]): Variables;
}

/** Problems that leave a service without a meaning; one that has them is not run. */
const crippling = new Set(['wrong-type', 'bad-value', 'missing-key']);

/** Keys whose texts are filled in elsewhere or by the editor's debugger, or are names of this file. */
const leftAsWritten = new Set([
  'command',
  'ready.exec',
  'health.exec',
  'build',
  'debug',
  'env',
  'envFile',
  'dependsOn',
  'appengine.handlers.url',
  'appengine.handlers.upload',
  'appengine.handlers.script',
  'appengine.handlers.staticFiles',
]);

/** Handshakes under which the child learns its port as `PORT` and `{port}`, so that the one can stand for the other. */
const handsOverPort: ReadonlySet<string> = new Set<HandshakeName>(['port', 'discover', 'reverse']);
/** How a service is spoken of, and what it may say. */
export interface Manner {
  readonly schema: typeof serviceSchema | typeof apiSchema;
  readonly where: string;
  readonly owner: string;
}

export function serviceOf(
  name: string,
  entry: Entry,
  around: Surroundings,
  problems: Problem[],
  manner: Manner = { schema: serviceSchema, where: 'a service', owner: `Service "${name}"` },
): ServiceSpec | undefined {
  const own: Problem[] = [];
  const spec =
    entryOf(entry.value, 'appYaml') === undefined
      ? build(name, entry, around, own, manner)
      : overAppYaml(name, entry, around, own, manner);
  problems.push(...own);
  return own.some((each) => each.severity === 'error' && crippling.has(each.code)) ? undefined : spec;
}

/** All that an `app.yaml` says of it, beneath the keys that are written. */
function overAppYaml(
  name: string,
  { key, value }: Entry,
  around: Surroundings,
  problems: Problem[],
  manner: Manner,
): ServiceSpec | undefined {
  if (value.kind !== 'map') return undefined;
  const named = expandTree(
    child(value, 'appYaml') ?? value,
    'appYaml',
    layered(around.inherited),
    problems,
    () => false,
  );
  if (named.kind !== 'scalar' || typeof named.value !== 'string' || named.text === '') {
    const context = { key: 'appYaml', keyAt: named.at, problems, where: manner.where, owner: manner.owner };
    check(serviceSchema.properties.appYaml, named, context);
    return undefined;
  }
  const path = around.resolve(named.text, named.at.file);
  const base = around.appYaml(path, { key: named.text, at: named.at }, launchingOf(value), problems);
  if (base === undefined) return undefined;
  // The variables of the file's every service lie beneath those of the app.yaml.
  const { inherited, globalEnv } = around;
  const inside = { ...around, inherited: { ...inherited, ...globalEnv }, globalEnv: {} };
  const own = build(name, { key, value: completed(value, base, key) }, inside, problems, manner);
  return own && overlaid({ ...base, env: { ...globalEnv, ...base.env } }, own, value);
}

function build(
  name: string,
  { key: source, value }: Entry,
  around: Surroundings,
  problems: Problem[],
  { schema, where, owner }: Manner,
): ServiceSpec | undefined {
  // One of which nothing is said is proposed as a whole.
  const written: Tree = isBlank(value) ? { kind: 'map', at: source, entries: new Map() } : value;
  if (written.kind !== 'map') {
    const text = written.kind === 'scalar' ? written.text : 'node server.js';
    const example = /^[\w\s./-]*$/.test(text) ? text : JSON.stringify(text);
    problems.push(
      problem('wrong-type', written.at, {
        key: name,
        expected: 'a map',
        found: written.kind === 'list' ? 'a list' : 'a text',
        hint: `For example: ${name}: { command: ${example} }`,
      }),
    );
    return undefined;
  }
  // The handshake sets PORT, whatever stands beneath. Unless it is fixed, nobody knows it before the start.
  const portIsOurs = handsOverPort.has(childScalar(written, 'handshake')?.text ?? 'port');
  const fixedPort = childScalar(written, 'port');
  const settled =
    (known: Lookup): Lookup =>
    (variable) => {
      if (variable !== 'PORT' || !portIsOurs) return known(variable);
      return typeof fixedPort?.value === 'number' ? fixedPort.text : undefined;
    };
  const beneath = settled(layered(around.inherited, around.globalEnv));
  const fromFiles = around.envFiles(child(written, 'envFile'), beneath, problems);
  const lookupForEnv = settled(layered(around.inherited, around.globalEnv, fromFiles));
  const ownEnv = variablesOf(child(written, 'env'), 'env', lookupForEnv, problems);
  const writtenEnv = { ...around.globalEnv, ...fromFiles, ...ownEnv };
  const known = layered(around.inherited, writtenEnv);
  const portEntry = entryOf(child(written, 'env'), 'PORT');
  if (portIsOurs && portEntry !== undefined) {
    const fixed = /^\d+$/.test(ownEnv['PORT'] ?? '') ? ownEnv['PORT'] : '3000';
    problems.push(problem('port-overridden', portEntry.key, { example: `port: ${fixed}` }));
  }
  const tree = expandTree(written, '', settled(known), problems, (key) => leftAsWritten.has(key));
  const raw: Partial<RawService> =
    check<typeof serviceSchema | typeof apiSchema>(schema, tree, {
      key: '',
      keyAt: source,
      problems,
      where,
      owner,
    }) ?? {};

  const cwd = around.resolve(
    raw.cwd ?? '.',
    (raw.cwd === undefined ? source : (child(tree, 'cwd')?.at ?? source)).file,
  );
  const folder = around.folderAt?.(cwd);
  const { recipes, windows = false } = around;
  const named =
    raw.runtime === undefined
      ? undefined
      : namedRuntime(raw.runtime, child(tree, 'runtime')?.at ?? source, recipes, problems);
  // Where it names none that there is, nobody knows what it would lack besides.
  const isClear = (entryOf(tree, 'runtime') === undefined) === (named === undefined);
  // What is in a folder is hardly the server that its services need.
  const isOurs = schema === serviceSchema;
  const proposal =
    entryOf(tree, 'command') === undefined && isClear
      ? proposalFor(
          {
            ...{ raw, name, source, owner, recipes, windows },
            folder: isOurs ? folder : undefined,
            cwd: isOurs ? child(tree, 'cwd') : undefined,
            kind: around.kindOf,
          },
          problems,
        )
      : undefined;
  const shell = proposal === undefined && valueOf(raw, 'shell');
  // Who gives it an address knows better than what was seen.
  const hasAddress = typeof raw.port === 'number' || typeof raw.publish === 'number';
  const seen = proposal?.handshake === 'none' && hasAddress ? undefined : proposal?.handshake;
  const handshake = raw.handshake ?? seen ?? valueOf(raw, 'handshake');
  const env = { ...proposal?.env, ...writtenEnv };
  const inCommands = {
    known,
    portIsPlaceholder: portIsOurs,
  };
  const own =
    commandOf(child(tree, 'command'), 'command', shell !== false, inCommands, problems) ??
    wordsOf(proposal?.command);
  const command = handshake === 'port' && shell === false ? withPort(own, folder) : own;
  const ready = checkOf(child(tree, 'ready'), raw.ready, 'ready', handshake, inCommands, problems);
  const health = checkOf(child(tree, 'health'), raw.health, 'health', handshake, inCommands, problems);
  const runtime = named ?? proposal?.runtime ?? runtimeOf(command, shell !== false, recipes);
  const program = programName(command[0] ?? '');
  // One that has no port is there for somebody who knows how to speak to it.
  if (isOurs && isPhpCgi(program) && raw.fastcgi === undefined && handshake !== 'none') {
    const example = folder?.has('public/index.php') === true ? 'fastcgi: { root: ./public }' : 'fastcgi: {}';
    problems.push(problem('unsaid-fastcgi', child(tree, 'command')?.at ?? source, { program, example }));
  }
  const port = valueOf(raw, 'port');
  const scaling = scalingOf(child(tree, 'scaling'), raw.scaling, problems);
  const instances = initialInstances(scaling, valueOf(raw, 'instances'));
  const profile = valueOf(raw, 'profile');
  togetherness({ tree, raw, handshake, instances, scaling }, problems);
  const { folderName, resolve } = around;
  const application = { service: name, cwd, folderName, resolve };
  const appengine = appEngineOf(child(tree, 'appengine'), raw.appengine, application, problems);
  if (profile === 'appengine')
    tellPointlessOfApplication(child(tree, 'appengine'), appengine, scaling, around.kindOf, problems);

  return {
    name,
    source,
    keys: Object.fromEntries([...written.entries].map(([key, each]) => [key, each.key])),
    command,
    shell: shell === '' ? true : shell,
    runtime,
    ...optional('proposed', proposal?.because),
    ...optional('interpreter', interpreterOf(raw.interpreter, child(tree, 'interpreter'), resolve)),
    ...optional('build', buildOf(child(tree, 'build'), raw.build, cwd, inCommands, problems)),
    ...optional('fastcgi', fastCgiOf(raw.fastcgi, cwd)),
    cwd,
    env,
    handshake,
    port,
    publish: valueOf(raw, 'publish'),
    instances,
    balance: valueOf(raw, 'balance'),
    profile,
    autostart: valueOf(raw, 'autostart'),
    dependsOn: dependsOn(raw.dependsOn),
    ...(ready === undefined ? {} : { ready }),
    ...(health === undefined ? {} : { health }),
    restart: valueOf(raw, 'restart'),
    startMs:
      raw.startSeconds === undefined
        ? handshake === 'none' && ready === undefined && proposal?.startSeconds === undefined
          ? 1000
          : 0
        : duration(raw.startSeconds),
    startRetries: valueOf(raw, 'startRetries'),
    exitCodes: valueOf(raw, 'exitCodes'),
    stopSignal: valueOf(raw, 'stopSignal').replace(/^SIG/, ''),
    stopMs: duration(valueOf(raw, 'stopSeconds')),
    priority: valueOf(raw, 'priority'),
    ...optional('watch', watchOf(raw.watch)),
    ...optional('logFile', logFileOf(raw.logFile, tree, around)),
    debug: valueOf(raw, 'debug'),
    ...optional('group', raw.group),
    role: 'service',
    requests: requestsOf(raw, scaling !== undefined),
    ...optional('scaling', scaling),
    ...(profile === 'appengine' ? { appengine } : {}),
    ...(scaling === undefined || scaling.kind === 'automatic' ? {} : { stopRequest: stopRequestOfScaled }),
  };
}

/** The words of a command that is proposed, in which nothing but the port is to be filled in. */
function wordsOf(proposed: string | undefined): readonly string[] {
  return proposed === undefined
    ? []
    : splitCommand(proposed, (name) => (name === 'PORT' ? '{port}' : undefined)).words;
}

const defaults = defaultsOf(serviceSchema);

/** The key's value, else the default that the schema gives. */
function valueOf<K extends keyof RawService>(raw: Partial<RawService>, key: K): NonNullable<RawService[K]> {
  const value = raw[key] ?? defaults[key];
  if (value === undefined || value === null) throw new Error(`The schema has no default for "${key}".`);
  return value;
}

function optional<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}

/** A duration that the schema has passed. */
function duration(written: string | number): number {
  return milliseconds(written) ?? 0;
}

function dependsOn(raw: RawService['dependsOn']): ServiceSpec['dependsOn'] {
  return Array.isArray(raw) ? Object.fromEntries(raw.map((name) => [name, 'ready' as const])) : (raw ?? {});
}

/** A name is looked for on the PATH; anything with a slash is a path. */
function interpreterOf(
  written: string | undefined,
  tree: Tree | undefined,
  resolve: Surroundings['resolve'],
): string | undefined {
  return written === undefined || !/[\\/]/.test(written) ? written : resolve(written, tree?.at.file ?? '');
}

type MapForm<K extends keyof RawService> = Partial<
  Exclude<NonNullable<RawService[K]>, string | readonly unknown[]>
>;

function watchOf(raw: RawService['watch']): ServiceSpec['watch'] {
  if (raw === undefined) return undefined;
  const written: MapForm<'watch'> =
    typeof raw === 'string' ? { paths: [raw] } : Array.isArray(raw) ? { paths: raw } : raw;
  const {
    paths = [],
    ignore = [],
    debounce = 0,
    cascade = false,
  }: MapForm<'watch'> = { ...defaultsOf(watchSchema), ...written };
  return { paths, ignore, debounceMs: duration(debounce), cascade };
}

function logFileOf(raw: RawService['logFile'], tree: Tree, around: Surroundings): LogFileSpec | undefined {
  if (raw === undefined) return undefined;
  const written: MapForm<'logFile'> = typeof raw === 'string' ? { path: raw } : raw;
  const {
    path,
    maxBytes = 0,
    backups = 0,
  }: MapForm<'logFile'> = { ...defaultsOf(logFileSchema), ...written };
  // A map without a path is already a problem.
  if (path === undefined) return undefined;
  const at: At | undefined = (child(child(tree, 'logFile'), 'path') ?? child(tree, 'logFile'))?.at;
  return { path: around.resolve(path, at?.file ?? ''), maxBytes: bytes(maxBytes) ?? 0, backups };
}
