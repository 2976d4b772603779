/** What Supervisor's tools are told of a process, and of a process's configuration (spec 6.13). */

import type { ConfiguredService, InstanceView } from '../api.ts';
import { describe, seconds } from './describe.ts';
import { isStopped, stateCodes } from './states.ts';
import type { Struct } from './values.ts';

/** `now` is in milliseconds since the epoch. */
export function processInfo(instance: InstanceView, now: number): Struct {
  const logFile = instance.logFile ?? '';
  return {
    name: instance.process,
    group: instance.group,
    start: seconds(instance.startedAt ?? 0),
    stop: seconds(instance.stoppedAt ?? 0),
    now: seconds(now),
    state: stateCodes[instance.state],
    statename: instance.state,
    spawnerr: instance.spawnError ?? '',
    exitstatus: exitStatus(instance),
    // The name it had before there were two.
    logfile: logFile,
    stdout_logfile: logFile,
    stderr_logfile: instance.errorLogFile ?? '',
    pid: instance.pid ?? 0,
    description: describe(instance, now),
  };
}

/** -1 for a death by signal (SV-21); 0 while it runs, and after a failed start, whose status is not kept (spec 6.4). */
function exitStatus({ state, exit }: InstanceView): number {
  if (exit === undefined || !isStopped(state) || state === 'FATAL') return 0;
  return exit.code ?? -1;
}

/**
 * One entry for each process of a configured service.
 *
 * `files` tells where an AUTO log has come to be; `signals` are the numbers of this system.
 */
export function configInfo(
  { group, groupPriority, inUse, spec }: ConfiguredService,
  files: (process: string) => Pick<InstanceView, 'logFile' | 'errorLogFile'> | undefined,
  signals: Readonly<Record<string, number>>,
): readonly (Struct & { readonly name: string })[] {
  const { program } = spec;
  const shared: Struct = {
    autostart: spec.autostart,
    uid: program?.user ?? 'none',
    exitcodes: spec.exitCodes,
    group,
    group_prio: groupPriority,
    inuse: inUse,
    killasgroup: program?.killAsGroup ?? true,
    process_prio: spec.priority,
    redirect_stderr: program?.redirectStderr ?? false,
    startretries: spec.startRetries,
    startsecs: seconds(spec.startMs),
    stopsignal: signals[`SIG${spec.stopSignal}`] ?? 0,
    stopwaitsecs: seconds(spec.stopMs),
    stdout_syslog: false,
    stderr_syslog: false,
    serverurl: program?.serverUrl ?? 'auto',
  };
  const processes = program?.processes ?? plainProcesses(spec);
  return processes.map((process) => ({
    ...shared,
    name: process.name,
    command: process.command.map(quoted).join(' '),
    directory: process.cwd,
    ...streamInfo('stdout', process.stdout, files(process.name)?.logFile),
    ...streamInfo('stderr', process.stderr, files(process.name)?.errorLogFile),
  }));
}

type Process = NonNullable<ConfiguredService['spec']['program']>['processes'][number];
type Stream = Process['stdout'];

/** A service of `runtimes.yaml`, which has one log for both streams and no events of its output. */
function plainProcesses(spec: ConfiguredService['spec']): readonly Process[] {
  const file = spec.logFile;
  const stdout: Stream = {
    log: file === undefined ? { kind: 'auto', maxBytes: 0, backups: 0 } : { kind: 'file', ...file },
    captureBytes: 0,
    events: false,
  };
  const stderr: Stream = { log: { kind: 'none' }, captureBytes: 0, events: false };
  return Array.from({ length: spec.instances }, (_, index) => ({
    name: spec.instances === 1 ? spec.name : `${spec.name}.${index}`,
    command: spec.command,
    cwd: spec.cwd,
    env: spec.env,
    stdout,
    stderr,
  }));
}

function streamInfo(
  channel: 'stdout' | 'stderr',
  { log, captureBytes, events }: Stream,
  path?: string,
): Struct {
  const named = log.kind === 'file' ? log.path : log.kind === 'auto' ? (path ?? 'auto') : 'none';
  return {
    [`${channel}_logfile`]: named,
    [`${channel}_logfile_maxbytes`]: log.kind === 'none' ? 0 : log.maxBytes,
    [`${channel}_logfile_backups`]: log.kind === 'none' ? 0 : log.backups,
    [`${channel}_capture_maxbytes`]: captureBytes,
    [`${channel}_events_enabled`]: events,
  };
}

/** A word as a shell would have to be given it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}
