/** A section `[program:x]`, `[eventlistener:x]` or `[fcgi-program:x]` as a service (spec 6.7). */

import type { Problem } from '../../../faults/fault.ts';
import { runtimeOf } from '../../recipe.ts';
import { usualRequests } from '../../requests.ts';
import { defaultsOf } from '../../schema.ts';
import { serviceSchema } from '../../schema/service.ts';
import type { ProcessSpec, ProgramSpec, ServiceSpec } from '../../spec.ts';
import { checkUser } from './accounts.ts';
import { type Names, over } from './expand.ts';
import { socketOf } from './fastcgi.ts';
import { listenerOf } from './listener.ts';
import { keyOf } from './options.ts';
import { processOf } from './process.ts';
import { SectionReader } from './reader.ts';
import { programNames, type Shared, socketNames } from './scope.ts';
import type { Section } from './sections.ts';
import { asText, boolean, exitCodes, integer, octalNumber, processName, restart, signal } from './types.ts';

/** A section and the group it is to be part of. */
export interface Member {
  readonly section: Section;
  readonly kind: ProgramSpec['kind'];
  /** Absent: a group of its own, which has the program's name and priority. */
  readonly group?: { readonly name: string; readonly priority: number };
}

/** All but the service's name, which depends on the other services. */
export interface Program {
  /** The program's own name. */
  readonly name: string;
  readonly spec: Omit<ServiceSpec, 'name'> & { readonly program: ProgramSpec };
}

const mostProcesses = 1000;
const defaults = defaultsOf(serviceSchema);

/** Undefined when something in the section is refused. */
export function programOf(
  { section, kind, group }: Member,
  shared: Shared,
  problems: Problem[],
): Program | undefined {
  const written = section.name.slice(section.name.indexOf(':') + 1);
  const nameless = new SectionReader(section, shared.environmentNames, problems);
  const name = nameless.converted('', written, processName);
  if (name === undefined) return undefined;
  if (name === '') {
    nameless.refuse(undefined, "Invalid name: ''");
    return undefined;
  }
  const groupName = group?.name ?? name;
  const names = programNames(shared, name, groupName);
  const reader = new SectionReader(section, names, problems);

  const listener = kind === 'eventlistener' ? listenerOf(reader) : undefined;
  const redirectStderr = reader.get('redirect_stderr', boolean, false) && listener === undefined;
  const user = userOf(reader, shared);
  const socket =
    kind === 'fcgi-program' ? socketOf(reader, socketNames(shared, name), shared.paths, user) : undefined;
  const processes = processesOf(reader, names, name, redirectStderr, shared);
  const priority = reader.get('priority', integer, undefined);
  const stopAsGroup = reader.get('stopasgroup', boolean, false);
  const killAsGroup = reader.get('killasgroup', boolean, stopAsGroup);
  if (stopAsGroup && !killAsGroup)
    reader.refuse('killasgroup', 'Cannot set stopasgroup=true and killasgroup=false');
  const umask = umaskOf(reader, shared);
  const serverUrl = reader.get('serverurl', asText, 'AUTO').trim();
  const url = serverUrl === '' || serverUrl.toUpperCase() === 'AUTO' ? shared.serverUrl : serverUrl;
  const common = {
    autostart: reader.get('autostart', boolean, true),
    restart: reader.get('autorestart', restart, 'unexpected'),
    startMs: seconds(reader.get('startsecs', integer, 1)),
    startRetries: Math.max(reader.get('startretries', integer, 3), 0),
    exitCodes: reader.get('exitcodes', exitCodes, [0]),
    stopSignal: reader.get('stopsignal', signal, 'TERM'),
    stopMs: seconds(reader.get('stopwaitsecs', integer, 10)),
    priority: priority ?? 999,
  };
  const [first, ...rest] = processes ?? [];
  if (reader.failed || first === undefined) return undefined;
  return {
    name,
    spec: {
      ...common,
      source: section.at,
      keys: placesOf(section),
      // Never empty: what cannot be split says so at each start, before it is looked at.
      command: first.command.length > 0 ? first.command : [name],
      shell: false,
      runtime: runtimeOf(first.command, false),
      cwd: first.cwd,
      env: first.env,
      handshake: 'none',
      role: 'service',
      requests: usualRequests,
      port: 'auto',
      publish: 'auto',
      instances: rest.length + 1,
      balance: defaults.balance ?? 'round-robin',
      profile: defaults.profile ?? 'plain',
      dependsOn: {},
      debug: defaults.debug ?? true,
      ...(group === undefined ? {} : { group: group.name }),
      program: {
        kind,
        processes: [first, ...rest],
        group: groupName,
        groupPriority: group?.priority ?? priority ?? (kind === 'eventlistener' ? -1 : 999),
        stopAsGroup,
        killAsGroup,
        redirectStderr,
        stripAnsi: shared.stripAnsi,
        ...(umask === undefined ? {} : { umask }),
        ...(user === undefined ? {} : { user }),
        ...(url === undefined ? {} : { serverUrl: url }),
        ...(listener === undefined ? {} : { listener }),
        ...(socket === undefined ? {} : { socket }),
      },
    },
  };
}

/** Milliseconds, at most what a timer can hold: past that (24 days) one would go off at once. */
function seconds(count: number): number {
  return Math.min(Math.max(count, 0) * 1000, 2 ** 31 - 1);
}

/** In the order of their names, as Supervisor sorts them. */
function processesOf(
  reader: SectionReader,
  names: Names,
  program: string,
  redirected: boolean,
  shared: Shared,
): readonly ProcessSpec[] | undefined {
  const count = reader.get('numprocs', integer, 1);
  const first = reader.get('numprocs_start', integer, 0);
  const pattern = reader.entry('process_name')?.value ?? '%(program_name)s';
  if (count > 1 && !pattern.includes('%(process_num)')) {
    reader.refuse(
      reader.entry('process_name') === undefined ? 'numprocs' : 'process_name',
      '%(process_num) must be present within process_name when numprocs > 1',
      'For example: process_name=%(program_name)s_%(process_num)02d',
    );
    return undefined;
  }
  if (count > mostProcesses) {
    reader.refuse('numprocs', `numprocs is ${count}, and at most ${mostProcesses} can be had here`);
    return undefined;
  }
  if (count < 1) reader.differ('numprocs', 'with less than one process there is nothing to run');
  const processes: ProcessSpec[] = [];
  for (let index = 0; index < count; index++) {
    const number = ['process_num', first + index] as const;
    const known = over(names, new Map([number, ['numprocs', count]]));
    const process = processOf(reader, known, program, redirected, shared);
    if (process === undefined) return undefined;
    processes.push(process);
  }
  return processes.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function userOf(reader: SectionReader, { paths }: Shared): string | undefined {
  const user = reader.get('user', asText, undefined);
  if (user === undefined) return undefined;
  if (paths.machine.windows) {
    reader.differ('user', 'on Windows a program runs as the person who started us');
    return undefined;
  }
  checkUser(reader, user, paths);
  return user;
}

function umaskOf(reader: SectionReader, { umask, paths }: Shared): number | undefined {
  const own = reader.get('umask', octalNumber, undefined);
  if (own !== undefined && paths.machine.windows) {
    reader.differ('umask', 'Windows has none');
    return undefined;
  }
  return own ?? umask;
}

function placesOf({ entries }: Section): ServiceSpec['keys'] {
  return Object.fromEntries([...entries.values()].map(({ name, key }) => [keyOf(name), key]));
}
