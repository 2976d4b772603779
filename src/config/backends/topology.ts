/** An application with backends: which service it is, which services its backends become, and where all of them listen (spec section 5). */

import { closest } from '../../base/spelling.ts';
import type { Problem } from '../../faults/fault.ts';
import { problem } from '../../faults/make.ts';
import { type Beside, listBeside } from '../beside.ts';
import { choosesPort } from '../combinations.ts';
import { usualRequests } from '../requests.ts';
import { backendsFields, type backendsSchema } from '../schema/backends.ts';
import type { Sound } from '../check.ts';
import type { HandlerSpec, ServiceSpec, TopologySpec } from '../spec.ts';
import { type At, child, type Entry, entryOf, isBlank, type ListTree, type Tree } from '../tree.ts';
import type { Static } from 'typebox';
import { portLayout } from './ports.ts';
import { backendsOf, type ListedBackend } from './read.ts';

export interface Application extends Beside {
  /** The services of the file that can run, without the API server. */
  readonly services: readonly ServiceSpec[];
  /** All that are written, whether or not they can run. */
  readonly names: ReadonlySet<string>;
  readonly resolve: (path: string, file: string) => string;
}

export interface Topology {
  readonly spec: TopologySpec;
  /** The app with what it is now, in place of what it was. */
  readonly app: ServiceSpec;
  readonly backends: readonly ServiceSpec[];
  /** Every port that is settled, and whose it is. */
  readonly ports: ReadonlyMap<number, string>;
  /** Of the API server, if there is one and it does not say otherwise. */
  readonly apiPort?: LaidOut;
}

/** A port of the layout, and where the key stands that moves it. */
export interface LaidOut {
  readonly port: number;
  readonly at: At;
}

type Raw = Sound<Static<typeof backendsSchema>> | undefined;

/** Undefined where there are no backends, and nothing is different then (MP-1). */
export function topologyOf(
  entry: Entry | undefined,
  written: Raw,
  around: Application,
): Topology | undefined {
  if (entry === undefined || isBlank(entry.value) || written === undefined) return undefined;
  const { problems } = around;
  const raw = typeof written === 'string' ? { file: written } : written;
  const { key: source, value: tree } = entry;
  const app = appOf(tree, raw.app, source, around);
  const list = listOf(tree, typeof raw.file === 'string' ? raw.file : undefined, entry, around);
  if (list === undefined || app === undefined) return undefined;
  const listed = backendsOf(list.items, list.theirs, problems);
  const runnable = listed.flatMap((each) => each ?? []).filter((each) => isFree(each, around));
  if (runnable.length === 0) return undefined;

  // The reference begins at 9000 unless it is told otherwise, and has one checkout at a time.
  const minPort = raw.minPort ?? 0;
  const minPortAt = entryOf(tree, 'minPort')?.key ?? source;
  const counts = listed.map((each) => each?.instances ?? 1);
  const layout = portLayout(minPort, counts, app.instances);
  if (minPort > 0 && layout.apiServer > 65_535) {
    problems.push(
      problem('bad-value', child(tree, 'minPort')?.at ?? source, {
        key: 'backends.minPort',
        reason: `with ${listed.length} backends the ports would end at ${layout.apiServer}`,
        hint: 'Begin at a lower port: none is above 65535.',
      }),
    );
    return undefined;
  }
  const isFixed = minPort > 0;
  const givesPorts = isFixed && choosesPort.has(app.handshake);
  const ports = new Map<number, string>();
  const settle = (numbers: readonly number[], owner: string): void => {
    for (const number of numbers) ports.set(number, owner);
  };
  const appPorts = givesPorts && app.port === 'auto' ? layout.app : undefined;
  settle(appPorts ?? [], `"${app.name}"`);
  const backends = runnable.map((each) => {
    const at = layout.backends[each.backend.index - 1];
    if (isFixed && at !== undefined) {
      settle([at.balancer], `"${each.backend.name}"`);
      if (givesPorts) settle(at.instances, `"${each.backend.name}"`);
    }
    return backendService(app, each, runnable, minPortAt, {
      publish: isFixed && at !== undefined ? at.balancer : 'auto',
      ...(givesPorts && at !== undefined ? { ports: at.instances } : {}),
    });
  });
  return {
    spec: { app: app.name, minPort, source },
    app: {
      ...app,
      role: 'app',
      ...(appPorts === undefined ? {} : { ports: appPorts, keys: { ...app.keys, port: minPortAt } }),
    },
    backends,
    ports,
    ...(isFixed ? { apiPort: { port: layout.apiServer, at: minPortAt } } : {}),
  };
}

/** The service that is the application. */
function appOf(
  tree: Tree,
  written: string | undefined,
  source: At,
  { services, names, problems }: Application,
): ServiceSpec | undefined {
  const at = child(tree, 'app')?.at ?? source;
  if (written === undefined) {
    const [only, ...others] = services;
    if (only !== undefined && others.length === 0) return checked(only, at, problems);
    // Where it is the one service that cannot run, its own problem says so.
    if (names.size > 1 && !isMisspelt(tree))
      problems.push(
        problem('missing-key', source, {
          key: 'app',
          where: '"backends"',
          example: `backends: { app: ${[...names][0] ?? 'shop'} }`,
        }),
      );
    return undefined;
  }
  const app = services.find(({ name }) => name === written);
  if (app === undefined && !names.has(written))
    problems.push(problem('unknown-service', at, { name: written, suggestion: closest(written, names) }));
  return app && checked(app, at, problems);
}

/** A key that was most likely meant to be `app` has a problem that says so. */
function isMisspelt(tree: Tree): boolean {
  return (
    tree.kind === 'map' &&
    [...tree.entries.keys()].some((key) => closest(key, Object.keys(backendsFields.properties)) === 'app')
  );
}

function checked(app: ServiceSpec, at: At, problems: Problem[]): ServiceSpec | undefined {
  if (app.handshake !== 'none') return app;
  problems.push(
    problem('bad-value', at, {
      key: 'backends.app',
      reason: `"${app.name}" has "handshake: none", so there is no port to send requests to`,
      hint: 'Name a service that answers requests.',
    }),
  );
  return undefined;
}

/** From our file or from the one beside it, which is `backends.yaml` where nothing else is said. */
function listOf(
  tree: Tree,
  file: string | undefined,
  { key: source }: Entry,
  around: Application,
): { readonly items: ListTree; readonly theirs: boolean } | undefined {
  const list = child(tree, 'list');
  if (list !== undefined && !isBlank(list)) {
    if (file !== undefined)
      around.problems.push(
        problem('bad-value', child(tree, 'file')?.at ?? source, {
          key: 'backends.file',
          reason: 'the backends are listed here already',
          hint: 'Remove "file" or "list".',
        }),
      );
    return list.kind === 'list' ? { items: list, theirs: false } : undefined;
  }
  const at = (tree.kind === 'map' ? child(tree, 'file') : tree)?.at ?? source;
  const name = file ?? 'backends.yaml';
  const before = around.problems.length;
  const items = listBeside(
    {
      path: around.resolve(name, at.file),
      name,
      at,
      key: 'backends',
      alsoKeys: [],
      mayBeMissing: file === undefined,
    },
    around,
  );
  // Twice in one document, or in a second one: App Engine says the same of both.
  for (const [index, found] of around.problems.entries()) {
    const isSecond =
      (found.code === 'duplicate-key' && found.message.startsWith('"backends"')) ||
      (found.code === 'yaml-syntax' && found.message.startsWith('Only one document'));
    if (index < before || !isSecond) continue;
    const text = "Only one 'backends' clause is allowed.";
    around.problems[index] = problem('backends-error', found, { text, hint: 'The first one counts.' });
  }
  return items === undefined ? undefined : { items, theirs: true };
}

/** Whether no service has its name. */
function isFree({ backend, source }: ListedBackend, { names, problems }: Application): boolean {
  const rival = [...names].find((name) => name.toLowerCase() === backend.name);
  if (rival === undefined) return true;
  problems.push(
    problem('bad-value', source, {
      key: 'name',
      reason: `"${rival}" is the name of a service already`,
      hint: 'Give one of the two another name.',
    }),
  );
  return false;
}

/** The app once more, as one of its backends. */
function backendService(
  app: ServiceSpec,
  { backend, instances, concurrency, start, autostart, source, keys }: ListedBackend,
  all: readonly ListedBackend[],
  minPortAt: At,
  where: Pick<ServiceSpec, 'publish' | 'ports'>,
): ServiceSpec {
  // Its instances are as many as it says, and two services cannot write one log file.
  const { scaling: _scaling, stopRequest: _stop, logFile: _log, ports: _ports, ...same } = app;
  const { idleMs: _idle, ...requests } = app.requests;
  const { name } = backend;
  const dependsOn = Object.entries(app.dependsOn).filter(
    ([other]) => !all.some((each) => each.backend.name === other),
  );
  return {
    ...same,
    ...where,
    name,
    source,
    // Its ports are no keys of its own, whatever the app says of its own.
    keys: { ...app.keys, ...keys, port: minPortAt, publish: minPortAt },
    port: 'auto',
    instances,
    autostart: app.autostart && autostart,
    dependsOn: Object.fromEntries(dependsOn),
    role: 'backend',
    backend,
    requests: { ...requests, affinity: usualRequests.affinity, startOnRequest: false, concurrency },
    ...(app.appengine === undefined
      ? {}
      : {
          appengine: {
            ...app.appengine,
            module: name,
            handlers: [
              ...(start === undefined ? [] : [startHandler(start, source)]),
              ...app.appengine.handlers,
            ],
          },
        }),
  };
}

/** The script that a backend names has the start request, before every handler of the application. */
function startHandler(script: string, source: At): HandlerSpec {
  return {
    url: '/_ah/start',
    serves: { kind: 'script', script },
    login: 'admin',
    onAuthFail: 'redirect',
    secure: 'optional',
    redirectCode: 302,
    httpHeaders: {},
    source,
  };
}
