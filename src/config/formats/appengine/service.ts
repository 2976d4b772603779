/**
 * One `app.yaml` as a service: what its keys come to on a machine of one's own (spec section 4).
 *
 * Other services and the front door are not known here. What the file says for Google's machines alone is told, and
 * otherwise left alone.
 */

import { folderOf, nameOf } from '../../../base/path.ts';
import type { Problem } from '../../../faults/fault.ts';
import { problem } from '../../../faults/make.ts';
import { check } from '../../check.ts';
import type { ConfigFile } from '../../input.ts';
import { serviceName } from '../../links.ts';
import { parse } from '../../parse.ts';
import { tellPointlessHandlers } from '../../pointless.ts';
import { usualRequests } from '../../requests.ts';
import { defaultsOf } from '../../schema.ts';
import { watchSchema } from '../../schema/maps.ts';
import { serviceSchema } from '../../schema/service.ts';
import type { ServiceSpec } from '../../spec.ts';
import { type At, child, entryOf, isBlank, type MapTree } from '../../tree.ts';
import { milliseconds } from '../../units.ts';
import { applicationOf } from './application.ts';
import { checksOf } from './checks.ts';
import { commandOfEntrypoint, commandWithout, type Commanded } from './command.ts';
import { withIncludes } from './includes.ts';
import { type AppYamlAround, type Raw, type Reading, theirs } from './reading.ts';
import { runtimeOfAppYaml } from './runtime.ts';
import { recipeOf, type Row, rowOf } from './runtimes.ts';
import { scaledBy } from './scaling.ts';
import { appYamlSchema } from './schema.ts';
import { tellIgnored } from './tell-ignored.ts';
import { beside, variablesIn } from './variables.ts';

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
  const raw: Raw =
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

function concurrencyOf(row: Row, { threadsafe }: Raw, written: number | undefined): number {
  return threadsafe === false ? row.unsafeConcurrency : (written ?? row.concurrency);
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
