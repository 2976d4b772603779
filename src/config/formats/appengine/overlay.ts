/**
 * A service of `runtimes.yaml` that names an `app.yaml`: all that the file says, and over it the keys that are written.
 *
 * What is written is read as any service is; here is only decided which of the two says what.
 */

import type { ServiceSpec } from '../../spec.ts';
import { type At, type Entry, entryOf, type MapTree, type Tree } from '../../tree.ts';
import type { Launching } from './runtime.ts';
import { rowOf } from './runtimes.ts';

/** What is written says of how it is launched, as the flags of the local server would. */
export function launchingOf(written: MapTree): Launching {
  const runtime = entryOf(written, 'runtime')?.value;
  return {
    ...(runtime?.kind === 'scalar' && runtime.text !== '' ? { runtime: runtime.text } : {}),
    hasCommand: written.entries.has('command'),
    hasInterpreter: written.entries.has('interpreter'),
  };
}

/**
 * What is written, with what the file says at the keys that change the meaning of others: so nothing is missed, and
 * nothing is proposed.
 */
export function completed(written: MapTree, base: ServiceSpec, at: At): MapTree {
  const { appYaml: _named, ...rest } = Object.fromEntries(written.entries);
  const own = Object.entries(rest).filter(([key]) => key !== 'runtime' || base.runtime !== 'custom');
  const said: readonly (readonly [string, string])[] = [
    // Any program will do: it is not what is run.
    ['command', base.name],
    ['cwd', base.cwd],
    ['profile', base.profile],
    ['handshake', base.handshake],
  ];
  const entries = new Map<string, Entry>(
    said.map(([key, text]) => [key, { key: at, value: scalar(at, text) }]),
  );
  for (const [key, entry] of own) entries.set(key, entry);
  return { ...written, entries };
}

function scalar(at: At, text: string): Tree {
  return { kind: 'scalar', at, value: text.replaceAll('$', '$$$$'), text, plain: false };
}

/** The fields of a service that each key decides. */
const fieldsOf: Readonly<Record<string, readonly (keyof ServiceSpec)[]>> = {
  command: ['command', 'shell', 'proposed'],
  shell: ['shell'],
  runtime: ['runtime'],
  interpreter: ['interpreter'],
  build: ['build'],
  fastcgi: ['fastcgi'],
  cwd: ['cwd'],
  handshake: ['handshake'],
  port: ['port'],
  publish: ['publish'],
  instances: ['instances'],
  balance: ['balance'],
  profile: ['profile'],
  autostart: ['autostart'],
  dependsOn: ['dependsOn'],
  ready: ['ready'],
  health: ['health'],
  restart: ['restart'],
  startSeconds: ['startMs'],
  startRetries: ['startRetries'],
  exitCodes: ['exitCodes'],
  stopSignal: ['stopSignal'],
  stopSeconds: ['stopMs'],
  priority: ['priority'],
  watch: ['watch'],
  logFile: ['logFile'],
  debug: ['debug'],
  group: ['group'],
  scaling: ['scaling', 'instances', 'stopRequest'],
};

const requestFields: Readonly<Record<string, readonly (keyof ServiceSpec['requests'])[]>> = {
  concurrency: ['concurrency'],
  queueSeconds: ['queueMs'],
  affinity: ['affinity'],
  drainSeconds: ['drainMs'],
  timeouts: ['connectMs', 'responseMs', 'silenceMs'],
  startOnRequest: ['startOnRequest'],
  stopWhenIdle: ['idleMs'],
};

/** @param own The same service as if the file had said nothing of what is not written. */
export function overlaid(base: ServiceSpec, own: ServiceSpec, written: MapTree): ServiceSpec {
  const keys = [...written.entries.keys()];
  const places = Object.fromEntries([...written.entries].map(([key, entry]) => [key, entry.key]));
  const isCustom = base.runtime === 'custom';
  const fields = keys.flatMap((key) => (key === 'runtime' && isCustom ? [] : (fieldsOf[key] ?? [])));
  const requests = keys.flatMap((key) => requestFields[key] ?? []);
  const result: ServiceSpec = {
    ...base,
    ...picked(own, fields),
    name: own.name,
    source: own.source,
    keys: { ...base.keys, ...places },
    env: { ...base.env, ...own.env },
    requests: { ...base.requests, ...picked(own.requests, requests) },
  };
  const { appengine: theirs, proposed, ...others } = result;
  const kept = entryOf(written, 'command') !== undefined || proposed === undefined ? {} : { proposed };
  if (result.profile !== 'appengine' || theirs === undefined) return { ...others, ...kept };
  const appengine = { ...theirs, module: own.name, ...(own.appengine && applied(own.appengine, written)) };
  return { ...others, ...kept, ...generation(appengine, result, written), appengine };
}

/** What another generation of the reference does otherwise, where nothing is written about it. */
function generation(
  { dialect, project }: NonNullable<ServiceSpec['appengine']>,
  { requests }: ServiceSpec,
  { entries }: MapTree,
): Partial<ServiceSpec> {
  if (dialect === 'dev' || project?.row === undefined) return {};
  const { handshake, concurrency } = rowOf(project.row, dialect);
  return {
    ...(entries.has('handshake') ? {} : { handshake }),
    ...(entries.has('concurrency') ? {} : { requests: { ...requests, concurrency } }),
  };
}

/** Those keys below `appengine` that are written. */
function applied(
  said: NonNullable<ServiceSpec['appengine']>,
  written: MapTree,
): Partial<NonNullable<ServiceSpec['appengine']>> {
  const map = entryOf(written, 'appengine')?.value;
  return map?.kind === 'map' ? picked(said, [...map.entries.keys()] as (keyof typeof said)[]) : {};
}

/** A field that is absent takes the other's away: what is written says so. */
function picked<T extends object>(from: T, keys: readonly (keyof T)[]): Partial<T> {
  const pairs = keys.flatMap((key) => (key in from ? [[key, from[key]] as const] : []));
  return Object.fromEntries(pairs) as Partial<T>;
}
