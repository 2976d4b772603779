/**
 * Who runs what from which folder on this machine: each host tells it in a small file of its own, and everybody reads
 * all of them.
 *
 * A file that was left behind is known by its process, which has ended or is another by now; it is cleared away by
 * whoever reads it. Nothing is done because of what a file says but to show it.
 */

import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Stranger } from '../core/outside.ts';
import type { RuntimeApi, Neighbour, Snapshot } from '../protocol/api.ts';
import { applyMessage } from '../protocol/snapshot.ts';
import { livesSince, startOf } from './process-start.ts';
import { asCount, asLine, namesIn, readFields, writeWhole } from './state.ts';
import { realFolder, stateFolder } from './storage.ts';
import type { HostKind } from './who-runs.ts';

const kinds: Readonly<Record<HostKind, Neighbour['kind']>> = { editor: 'window', up: 'up', daemon: 'daemon' };

/** So often what a host tells of itself is written anew at most, in milliseconds. */
const pauseMs = 1000;
/** Of one host; nobody reads a longer list. */
const mostServices = 500;
/** Of all hosts; more are not looked at. */
const mostHosts = 1000;

const fileName = /^\d{1,10}-[0-9a-f]{12}\.json$/;

function folderOfHosts(): string {
  return join(stateFolder(), 'hosts');
}

export interface Announced {
  /** By this, `neighbours` knows it again. */
  readonly file: string;
  /** It is in nobody's list any more. */
  end(): void;
}

/** Has a host stand in everybody's list until its end. Failing to is no reason not to run. */
export function announce(api: Pick<RuntimeApi, 'subscribe'>, folder: string, kind: HostKind): Announced {
  const { pid } = process;
  const name = `${pid}-${randomBytes(6).toString('hex')}.json`;
  const file = join(folderOfHosts(), name);
  const start = startOf(pid);
  const fixed = { folder: realFolder(folder), kind: kinds[kind], pid, start, since: Date.now() };
  let present: Snapshot | undefined;
  let written = '';
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const write = (): void => {
    if (present === undefined || isOver) return;
    const text = JSON.stringify({ ...fixed, ...shownOf(present) });
    if (text === written) return;
    try {
      writeWhole(file, text);
      written = text;
    } catch {
      // The next change tries again; until then it is not in the list, or as it was.
    }
  };
  const subscription = api.subscribe((message) => {
    const before = present;
    if (message.kind === 'snapshot') present = message.snapshot;
    else if (present !== undefined) present = applyMessage(present, message);
    if (present === before) return;
    if (before === undefined) write();
    else
      timer ??= setTimeout(() => {
        timer = undefined;
        write();
      }, pauseMs).unref();
  });
  return {
    file,
    end() {
      isOver = true;
      clearTimeout(timer);
      subscription.dispose();
      rmSync(file, { force: true });
    },
  };
}

function shownOf({ frontDoor, services }: Snapshot): Pick<Neighbour, 'frontDoor' | 'services'> {
  return {
    ...(frontDoor === undefined ? {} : { frontDoor }),
    services: services.slice(0, mostServices).map(({ name, url, instances }) => ({
      name,
      ...(url === undefined ? {} : { url }),
      running: instances.filter(({ state }) => state === 'RUNNING').length,
      instances: instances.length,
      ...asleepAmong(instances.filter(({ asleep }) => asleep === true).length),
    })),
  };
}

function asleepAmong(asleep: number): { readonly asleep?: number } {
  return asleep === 0 ? {} : { asleep };
}

/** All hosts that live, by folder. `own` is the file of the one who asks. */
export function neighbours(own?: string): readonly Neighbour[] {
  const folder = folderOfHosts();
  const found = namesIn(folder)
    .filter((name) => fileName.test(name))
    .slice(0, mostHosts)
    .flatMap((name): readonly Neighbour[] => {
      const path = join(folder, name);
      const told = toldIn(path);
      // Only what its process has left behind is taken away: what cannot be read may be on its way.
      if (!livesSince(Number(name.split('-')[0]), told?.start)) {
        rmSync(path, { force: true });
        return [];
      }
      return told === undefined ? [] : [{ ...told.neighbour, self: path === own }];
    });
  return found.toSorted((a, b) => order(a.folder, b.folder) || a.since - b.since || a.pid - b.pid);
}

/** A program that has what we want, by what its host tells of itself where it is one of ours. */
export function familiar(stranger: Stranger | undefined): Stranger | undefined {
  const host = stranger && neighbours().find(({ pid }) => pid === stranger.pid);
  if (stranger === undefined || host === undefined) return stranger;
  return { ...stranger, command: `${hostKinds[host.kind]} in ${host.folder}` };
}

const hostKinds: Readonly<Record<Neighbour['kind'], string>> = {
  window: 'the editor',
  up: '"runtimes up"',
  daemon: 'the daemon',
};

interface Told {
  readonly start: string | undefined;
  readonly neighbour: Omit<Neighbour, 'self'>;
}

/** What a file says, where all of it makes sense. */
function toldIn(path: string): Told | undefined {
  const told = readFields(path);
  const folder = asLine(told?.['folder']);
  const kind = Object.values(kinds).find((each) => each === told?.['kind']);
  const pid = asCount(told?.['pid'], 2 ** 32);
  const since = asCount(told?.['since'], Number.MAX_SAFE_INTEGER);
  const services = told?.['services'];
  if (folder === undefined || !isAbsolute(folder) || kind === undefined) return undefined;
  if (pid === undefined || since === undefined || !Array.isArray(services)) return undefined;
  const frontDoor = asAddress(told?.['frontDoor']);
  return {
    start: asLine(told?.['start'], 200),
    neighbour: {
      folder,
      kind,
      pid,
      since,
      ...(frontDoor === undefined ? {} : { frontDoor }),
      services: services.slice(0, mostServices).flatMap(serviceIn),
    },
  };
}

function serviceIn(told: unknown): Neighbour['services'] {
  if (typeof told !== 'object' || told === null) return [];
  const fields = told as Partial<Record<string, unknown>>;
  const name = asLine(fields['name'], 200);
  const running = asCount(fields['running']);
  const instances = asCount(fields['instances']);
  const asleep = asCount(fields['asleep']) ?? 0;
  const url = asAddress(fields['url']);
  return name === undefined || running === undefined || instances === undefined
    ? []
    : [{ name, ...(url === undefined ? {} : { url }), running, instances, ...asleepAmong(asleep) }];
}

/** It is shown, and may be clicked. */
function asAddress(value: unknown): string | undefined {
  const line = asLine(value, 300);
  return line !== undefined && /^https?:\/\/[\w.:[\]-]+\/?$/.test(line) ? line : undefined;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
