/** Makes a runtime for one folder out of real parts: where its config is, where its files go, what it inherits. */

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { findConfig } from '../config/find.ts';
import { loadConfig } from '../config/load.ts';
import type { RecipeDefinition } from '../config/registered.ts';
import type { Config, ControlServerSpec } from '../config/spec.ts';
import { Runtime, type RuntimeOptions } from '../core/runtime.ts';
import { fault, problem } from '../faults/make.ts';
import { folderNames } from '../node/folder-names.ts';
import { createOutside, type RealOutside } from '../node/outside.ts';
import { kindOfPath } from '../node/path-kind.ts';
import { readRegularFile } from '../node/regular-file.ts';
import type { RuntimeApi } from '../protocol/api.ts';
import { openControlSocket } from './control-socket.ts';
import { inheritedEnvironment } from './environment.ts';
import type { HostKind } from './who-runs.ts';
import { realMachine } from './machine.ts';
import { type Announced, announce, familiar, neighbours } from './neighbours.ts';
import { portLeases, unleased } from './port-leases.ts';
import { createPortMemory } from './port-memory.ts';
import { createServedDoor, type ServedDoor } from './served-door.ts';
import { realFolder, stateFolder } from './storage.ts';
import { noteFolder, sweepOnce } from './storage-sweep.ts';

export interface HomeOptions {
  readonly folder: string;
  readonly storage: string;
  readonly trusted: boolean;
  /** Chosen config files, laid over each other; else the folder's own is found. */
  readonly files?: readonly string[];
  /** Front door given on the command line; wins over the file. */
  readonly frontDoor?: { readonly host: string; readonly port: number };
  readonly tap?: RuntimeOptions['tap'];
  /** A tool of Supervisor's that shuts down stops everything, and the home goes on: an editor's. */
  readonly resident?: boolean;
  /** Whether terminals find it at the folder's control socket. */
  readonly control?: boolean;
  /** What it is to others; without it `runtimes up`. */
  readonly kind?: HostKind;
}

/** Its door's `shutdown` ends everything of the home. */
export interface Home extends ServedDoor {
  /** Has it stand in the list of all that run on this machine, until it is shut down. With `control` it does from the beginning. */
  readonly announce: () => void;
  /** What the config was last read from. */
  sources(): Sources;
  readonly runtime: Runtime;
  readonly outside: RealOutside;
}

/** Where a config comes from. */
export interface Sources {
  readonly files: readonly string[];
  /** Absolute patterns of files that are included, whether or not there are any now. */
  readonly patterns: readonly string[];
}

/**
 * The config of a folder as it is on disk now. Never throws. `searched` hears of each pattern that files are looked for
 * by; `recipes` are those of other extensions.
 */
export function readConfig(
  folder: string,
  files: readonly string[] | undefined,
  searched?: (pattern: string) => void,
  recipes: readonly RecipeDefinition[] = [],
): Config {
  const environment = inheritedEnvironment(process.env);
  const found = files ?? findOwn(folder);
  const texts: { path: string; text: string }[] = [];
  const unreadable: Config['problems'][number][] = [];
  for (const file of found) {
    const path = isAbsolute(file) ? file : resolve(folder, file);
    const text = readRegularFile(path);
    if (typeof text === 'string') {
      texts.push({ path, text });
    } else {
      const at = { file: path, line: 1, column: 1, endLine: 1, endColumn: 1 };
      unreadable.push(problem('file-unreadable', at, { file: path, reason: text.reason }));
    }
  }
  const machine = realMachine();
  const config = loadConfig({
    folder,
    files: texts,
    environment,
    readFile: readRegularFile,
    kindOf: kindOfPath,
    list: folderNames,
    recipes,
    machine: {
      ...machine,
      glob(pattern) {
        searched?.(pattern);
        return machine.glob(pattern);
      },
    },
  });
  return unreadable.length === 0 ? config : { ...config, problems: [...unreadable, ...config.problems] };
}

export function findOwn(folder: string): readonly string[] {
  const found = findConfig(folder, existsSync, folderNames);
  return found === undefined ? [] : [found];
}

export function createHome(options: HomeOptions): Home {
  const { folder, storage } = options;
  const outside = createOutside({
    // Output still reaches the tail and whoever listens; that the file lacks it must be known.
    onLogFailure: (file, reason) => runtime.tellFault(fault('log-file', { file, reason })),
  });
  let servers: readonly ControlServerSpec[] = [];
  let sources: Sources = { files: [], patterns: [] };
  const load = (recipes: readonly RecipeDefinition[]): Config => {
    const patterns: string[] = [];
    const config = readConfig(folder, options.files, (pattern) => patterns.push(pattern), recipes);
    sources = { files: [...config.files, ...(config.consulted ?? [])], patterns };
    // A slip in the file takes no tool's way in from it.
    const hasErrors = config.problems.some(({ severity }) => severity === 'error');
    if (!hasErrors || servers.length === 0) servers = config.supervisor?.servers ?? [];
    return options.frontDoor === undefined
      ? config
      : { ...config, frontDoor: { ...config.frontDoor, ...options.frontDoor } };
  };
  noteFolder(storage, folder);
  sweepOnce();
  let announced: Announced | undefined;
  const leases = portLeases(join(stateFolder(), 'ports'), realFolder(folder));
  const sockets = {
    ...outside.sockets,
    // A stranger that is one of us is known by its folder, not by how it was started.
    strangerOn: async (port: number) => familiar(await outside.sockets.strangerOn(port)),
    freePort: unleased((preferred) => outside.sockets.freePort(preferred), leases),
  };
  const runtime = new Runtime({
    folder,
    outside: { ...outside, sockets },
    memory: createPortMemory(join(storage, 'ports.json'), leases),
    neighbours: () => Promise.resolve(neighbours(announced?.file)),
    environment: inheritedEnvironment(process.env),
    windows: process.platform === 'win32',
    trusted: options.trusted,
    pid: process.pid,
    tag: randomBytes(4).toString('hex'),
    load,
    logPath: (name) => join(storage, 'logs', `${name}.log`),
    workFolder: (service) => join(storage, 'work', service),
    platform: process.platform,
    ...(options.tap === undefined ? {} : { tap: options.tap }),
  });
  const door = apiOf(runtime, outside);
  const unannounce = (): void => {
    announced?.end();
    announced = undefined;
  };
  const announceIt = (): void => {
    announced ??= announce(runtime, folder, options.kind ?? 'up');
  };
  if (options.control === true) announceIt();
  const served = createServedDoor({
    door: {
      ...door,
      async shutdown(graceMs) {
        await door.shutdown(graceMs);
        unannounce();
      },
    },
    servers: () => servers,
    tellFault: (raised) => runtime.tellFault(raised),
    resident: options.resident === true,
    openControl:
      options.control === true
        ? (clients) => openControlSocket(folder, clients, options.kind ?? 'up')
        : undefined,
  });
  return {
    ...served,
    runtime,
    outside,
    sources: () => sources,
    announce: announceIt,
    async close() {
      unannounce();
      await served.close();
    },
  };
}

function apiOf(runtime: Runtime, outside: RealOutside): RuntimeApi {
  return {
    subscribe: (listener) => runtime.subscribe(listener),
    reload: () => runtime.reload(),
    start: (target, options) => runtime.start(target, options),
    stop: (target) => runtime.stop(target),
    restart: (target) => runtime.restart(target),
    trust: () => runtime.trust(),
    follow: (instance, lines) => runtime.follow(instance, lines),
    unfollow: (instance) => runtime.unfollow(instance),
    signal: (target, name) => runtime.signal(target, name),
    sendInput: (instance, text) => runtime.sendInput(instance, text),
    scale: (service, instances) => runtime.scale(service, instances),
    background: (instance) => runtime.background(instance),
    examine: (instance) => runtime.examine(instance),
    readLog: (request) => runtime.readLog(request),
    clearLogs: (target) => runtime.clearLogs(target),
    reopenLogs: () => runtime.reopenLogs(),
    compare: () => runtime.compare(),
    addGroup: (group) => runtime.addGroup(group),
    removeGroup: (group) => runtime.removeGroup(group),
    configured: () => runtime.configured(),
    sendEvent: (type, data) => runtime.sendEvent(type, data),
    equip: (equipment) => runtime.equip(equipment),
    neighbours: () => runtime.neighbours(),
    async shutdown(graceMs) {
      await runtime.shutdown(graceMs);
      await outside.close();
    },
  };
}
