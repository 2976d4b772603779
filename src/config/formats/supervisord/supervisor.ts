/** The section `[supervisord]` (spec 6.7), and what it gives to every program. */

import { folderOf } from '../../../base/path.ts';
import type { Problem } from '../../../faults/fault.ts';
import { problem } from '../../../faults/make.ts';
import type { LoadInput } from '../../input.ts';
import type { LogFileSpec, SupervisorSpec } from '../../spec.ts';
import { environmentNames, expandTwice, type Names, over } from './expand.ts';
import { isDevice, noFolder, noSyslog } from './logs.ts';
import { pairs } from './pairs.ts';
import { type Paths, pathsFrom, withHome } from './paths.ts';
import { SectionReader } from './reader.ts';
import { machineOf, type Shared } from './scope.ts';
import type { Section, Sections } from './sections.ts';
import { serversOf } from './servers.ts';
import { asText, boolean, integer, logLevel, octalNumber, size } from './types.ts';

export interface Supervisor {
  readonly spec: SupervisorSpec;
  readonly shared: Shared;
}

/** `source` is where the section would be, were it there. */
export function supervisorOf(
  sections: Sections,
  source: SupervisorSpec['source'],
  names: Names,
  input: LoadInput,
  problems: Problem[],
): Supervisor {
  const written = sections.all.get('supervisord');
  if (written === undefined) {
    const text = '.ini file does not include supervisord section';
    const hint = 'Supervisor does not run without one; we do.';
    problems.push(problem('supervisord-error', source, { text, hint }));
  }
  const section: Section = written ?? { name: 'supervisord', at: source, entries: new Map() };
  const reader = new SectionReader(section, names, problems);
  const machine = machineOf(input);
  const directory = directoryOf('directory', reader, pathsFrom(input.folder, undefined, machine));
  const paths = pathsFrom(input.folder, directory, machine);
  const environment = environmentOf(reader, names);
  const known = over(names, environmentNames(environment));
  const { servers, url } = serversOf(sections, known, paths, problems);
  const umask = reader.get('umask', octalNumber, undefined);
  tellDifferences(reader, machine.windows);
  const shared: Shared = {
    paths,
    environment,
    environmentNames: known,
    stripAnsi: reader.get('strip_ansi', boolean, false),
    ...(umask === undefined || machine.windows ? {} : { umask }),
    ...(url === undefined ? {} : { serverUrl: url }),
  };
  return { shared, spec: specOf(reader, paths, servers) };
}

function specOf(reader: SectionReader, paths: Paths, servers: SupervisorSpec['servers']): SupervisorSpec {
  const logFile = logFileOf(reader, paths);
  const pidFile = fileOf('pidfile', reader, paths);
  const childLogDir = directoryOf('childlogdir', reader, paths);
  const { limits } = paths.machine;
  return {
    identifier: reader.get('identifier', asText, 'supervisor'),
    ...(logFile === undefined ? {} : { logFile }),
    logLevel: reader.get('loglevel', logLevel, 'info'),
    ...(pidFile === undefined ? {} : { pidFile }),
    ...(childLogDir === undefined ? {} : { childLogDir: paths.ofSupervisor(childLogDir) }),
    noCleanup: reader.get('nocleanup', boolean, false),
    minFds: atMost('minfds', 1024, limits?.files, 'open files', reader),
    minProcs: atMost('minprocs', 200, limits?.processes, 'processes', reader),
    servers,
    source: reader.section.at,
  };
}

function environmentOf(reader: SectionReader, names: Names): Readonly<Record<string, string>> {
  const entry = reader.entry('environment');
  if (entry === undefined) return {};
  const text = reader.expanded('environment', expandTwice(entry, names, 'supervisord.environment'));
  return text === undefined ? {} : (reader.converted('environment', text, pairs) ?? {});
}

function directoryOf(option: string, reader: SectionReader, paths: Paths): string | undefined {
  const written = reader.get(option, asText, undefined);
  if (written === undefined) return undefined;
  if (paths.machine.isFolder(paths.ofSupervisor(written))) return written;
  reader.refuse(option, `${written} is not an existing directory`);
  return undefined;
}

function fileOf(option: string, reader: SectionReader, paths: Paths): string | undefined {
  const written = reader.get(option, asText, undefined);
  if (written === undefined) return undefined;
  const path = paths.ofSupervisor(written);
  if (!withHome(written, paths.machine).includes('/') || paths.machine.isFolder(folderOf(path))) return path;
  reader.refuse(option, noFolder(written));
  return undefined;
}

function logFileOf(reader: SectionReader, paths: Paths): LogFileSpec | undefined {
  const maxBytes = reader.get('logfile_maxbytes', size, 50 * 1024 * 1024);
  const backups = Math.max(reader.get('logfile_backups', integer, 10), 0);
  const path = fileOf('logfile', reader, paths);
  const written = reader.get('logfile', asText, '');
  if (written === 'syslog') noSyslog('logfile', reader);
  else if (isDevice(written)) reader.differ('logfile', 'it is written to a file in the storage folder');
  else if (path !== undefined && written !== '/dev/null') return { path, maxBytes, backups };
  return undefined;
}

function atMost(
  option: string,
  standard: number,
  limit: number | undefined,
  what: string,
  reader: SectionReader,
): number {
  const asked = reader.get(option, integer, standard);
  if (reader.entry(option) !== undefined && limit !== undefined && asked > limit)
    reader.differ(option, `this machine gives ${limit} ${what} at most`);
  return asked;
}

function tellDifferences(reader: SectionReader, windows: boolean): void {
  if (reader.entry('nodaemon') !== undefined && !reader.get('nodaemon', boolean, true))
    reader.differ('nodaemon', 'nothing goes to the background by itself');
  if (reader.get('silent', boolean, false))
    reader.differ('silent', 'what is shown is chosen where it is shown');
  if (reader.entry('user') !== undefined)
    reader.differ('user', 'we run as the person who started us', 'Set "user" in the sections of programs.');
  if (reader.entry('profile_options') !== undefined)
    reader.differ('profile_options', 'there is no Python to profile');
  if (windows && reader.entry('umask') !== undefined) reader.differ('umask', 'Windows has none');
}
