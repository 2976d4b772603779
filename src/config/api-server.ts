/** `api`: the server that starts before every service and stops after all of them (spec 5.4, 5.9). */

import type { Problem } from '../faults/fault.ts';
import { problem } from '../faults/make.ts';
import type { LaidOut } from './backends/topology.ts';
import { choosesPort } from './combinations.ts';
import { defaultsOf } from './schema.ts';
import { apiSchema, notForApiServer } from './schema/api.ts';
import { checkSchema } from './schema/maps.ts';
import { serviceOf, type Surroundings } from './service.ts';
import type { Check, ServiceSpec } from './spec.ts';
import { child, type Entry, isBlank } from './tree.ts';
import { milliseconds } from './units.ts';

export const apiServerName = 'api-server';

/** How long it may take to end by itself (MP-25). */
const quitMs = 5000;

/** Why it cannot have a key that other services have. */
const because: Readonly<Record<(typeof notForApiServer)[number], string>> = {
  dependsOn: 'every service waits for the API server, so it can wait for none',
  instances: 'there is one API server',
  scaling: 'there is one API server',
  startOnRequest: 'the API server starts before everything else',
  stopWhenIdle: 'the API server runs as long as anything else',
  autostart: 'the API server starts with whatever needs it, which is everything',
};

/** @param laidOut Where a layout puts it. */
export function apiServerOf(
  entry: Entry | undefined,
  around: Surroundings,
  laidOut: LaidOut | undefined,
  problems: Problem[],
): ServiceSpec | undefined {
  if (entry === undefined) return undefined;
  const own: Problem[] = [];
  const spec = serviceOf(apiServerName, withoutForeign(entry, own), around, own, {
    schema: apiSchema,
    where: '"api"',
    owner: '"api"',
  });
  if (spec?.handshake === 'none')
    own.push(
      problem('bad-value', child(entry.value, 'handshake')?.at ?? entry.key, {
        key: 'api.handshake',
        reason: 'with "none" there is no address to tell the others',
        hint: 'Remove it, or set "handshake: port".',
      }),
    );
  problems.push(...own);
  if (spec === undefined || spec.handshake === 'none') return undefined;
  const quit = child(entry.value, 'quit');
  const path = quit?.kind === 'scalar' && typeof quit.value === 'string' ? quit.text : '/quit';
  const isAsked = quit?.kind !== 'scalar' || quit.value !== false;
  const isLaidOut = laidOut !== undefined && spec.port === 'auto' && choosesPort.has(spec.handshake);
  return {
    ...spec,
    role: 'api-server',
    ready: spec.ready ?? tcp,
    ...(isAsked ? { stopRequest: { path, withinMs: quitMs } } : {}),
    ...(isLaidOut ? { ports: [laidOut.port], keys: { ...spec.keys, port: laidOut.at } } : {}),
  };
}

const usual = defaultsOf(checkSchema);
const tcp: Check = {
  tcp: true,
  intervalMs: milliseconds(usual.interval ?? 0) ?? 0,
  timeoutMs: milliseconds(usual.timeout ?? 0) ?? 0,
  failures: usual.failures ?? 1,
};

function withoutForeign({ key, value }: Entry, problems: Problem[]): Entry {
  if (value.kind !== 'map') return { key, value };
  const entries = [...value.entries].filter(([name, entry]) => {
    const foreign = notForApiServer.find((each) => each === name);
    if (foreign === undefined) return true;
    problems.push(problem('unknown-key', entry.key, { key: name, where: `"api": ${because[foreign]}` }));
    return false;
  });
  return { key, value: { ...value, entries: new Map(entries) } };
}

/** Services whose names are not the API server's; it is told where one of them has it. */
export function besidesApiServer(
  services: ReadonlyMap<string, Entry>,
  api: Entry | undefined,
  problems: Problem[],
): ReadonlyMap<string, Entry> {
  if (api === undefined || isBlank(api.value)) return services;
  const rivals = [...services].filter(([name]) => name.toLowerCase() === apiServerName);
  for (const [name, { key }] of rivals)
    problems.push(
      problem('bad-value', key, {
        key: name,
        reason: 'this is the name of the service that "api" makes',
        hint: 'Give it another name, or remove "api".',
      }),
    );
  return new Map([...services].filter(([name]) => !rivals.some(([rival]) => rival === name)));
}

/** The services as they are where there is an API server: each needs it first. */
export function needingApiServer(services: readonly ServiceSpec[]): readonly ServiceSpec[] {
  return services.map((spec) =>
    spec.name === apiServerName || spec.dependsOn[apiServerName] !== undefined
      ? spec
      : { ...spec, dependsOn: { [apiServerName]: 'ready', ...spec.dependsOn } },
  );
}
