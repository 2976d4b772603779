/** What follows from `backends` and `api`, among the services that are written: their order, their names, their ports. */

import type { Problem } from '../../faults/fault.ts';
import { problem } from '../../faults/make.ts';
import { apiServerName } from '../api-server.ts';
import type { ServiceSpec } from '../spec.ts';
import { type At, child, type Entry, isBlank } from '../tree.ts';
import type { Topology } from './topology.ts';

/** The services of the file with those that follow from it, the API server first and the backends behind their app. */
export function withTopology(
  specs: readonly ServiceSpec[],
  topology: Topology | undefined,
  apiServer: ServiceSpec | undefined,
): readonly ServiceSpec[] {
  const own = specs.flatMap((spec) =>
    spec.name === topology?.app.name ? [topology.app, ...topology.backends] : [spec],
  );
  return apiServer === undefined ? own : [apiServer, ...own];
}

/** What may be named: services that are written, and those that follow from them. */
export function withEntries(
  written: ReadonlyMap<string, Entry>,
  topology: Topology | undefined,
  api: Entry | undefined,
): ReadonlyMap<string, Entry> {
  const nowhere = (at: At): Entry => ({ key: at, value: { kind: 'map', at, entries: new Map() } });
  return new Map([
    ...written,
    ...(topology?.backends ?? []).map(({ name, source }) => [name, nowhere(source)] as const),
    ...(api === undefined || isBlank(api.value) ? [] : [[apiServerName, api] as const]),
  ]);
}

/** The ports that are nobody else's to publish, and whose they are. */
export function settledPorts(
  topology: Topology | undefined,
  apiServer: ServiceSpec | undefined,
  door: { readonly port: number | 'auto'; readonly entry: Entry | undefined },
  problems: Problem[],
): ReadonlyMap<number, string> {
  const taken = new Map(topology?.ports);
  for (const port of apiServer?.ports ?? []) taken.set(port, 'the API server');
  if (door.port === 'auto') return taken;
  const rival = taken.get(door.port);
  const at = child(door.entry?.value, 'port')?.at ?? door.entry?.key;
  if (rival !== undefined && at !== undefined)
    problems.push(
      problem('bad-value', at, {
        key: 'frontDoor.port',
        reason: `${door.port} is already the port of ${rival}`,
        hint: 'Give one of the two another number; "minPort" of "backends" moves the others.',
      }),
    );
  return taken.set(door.port, rival ?? 'the front door');
}
