/**
 * Every section and option of a `supervisord.conf`, and what becomes of it here. The manual's page and the warnings
 * about unknown options are made from this.
 */

import { closest } from '../../../base/spelling.ts';
import type { Problem } from '../../../faults/fault.ts';
import { problem } from '../../../faults/make.ts';
import type { Sections } from './sections.ts';

export interface OptionRow {
  /** As one would write it, or in several words; absent where there is none. */
  readonly standard?: string;
  /** What we do with it. */
  readonly here: string;
  /** The key of a service in `runtimes.yaml` that says the same. */
  readonly key?: string;
}

export type OptionTable = Readonly<Record<string, OptionRow>>;

/** The options of every kind of program. */
export const program: OptionTable = {
  command: {
    key: 'command',
    here: 'Split into words as Supervisor does; no shell runs. One that cannot be split is an error at its line, and each start answers as Supervisor does.',
  },
  process_name: { standard: '%(program_name)s', here: "Supervisor's name of the process." },
  numprocs: {
    key: 'instances',
    standard: '1',
    here: 'The number of instances: `web.0`, `web.1` … in the order of their process names. At most 1000.',
  },
  numprocs_start: { standard: '0', here: 'As in Supervisor.' },
  priority: { key: 'priority', standard: '999', here: 'As in Supervisor.' },
  autostart: { key: 'autostart', standard: 'true', here: 'Whether "start all" and `runtimes up` start it.' },
  startsecs: { key: 'startSeconds', standard: '1', here: 'As in Supervisor.' },
  startretries: { key: 'startRetries', standard: '3', here: 'As in Supervisor.' },
  autorestart: { key: 'restart', standard: 'unexpected', here: 'As in Supervisor.' },
  exitcodes: { key: 'exitCodes', standard: '0', here: 'As in Supervisor.' },
  stopsignal: { key: 'stopSignal', standard: 'TERM', here: 'As in Supervisor; numbers are those of Linux.' },
  stopwaitsecs: { key: 'stopSeconds', standard: '10', here: 'As in Supervisor.' },
  stopasgroup: {
    standard: 'false',
    here: 'As in Supervisor. Whatever a process leaves behind when it is gone is ended all the same.',
  },
  killasgroup: { standard: 'the value of stopasgroup', here: 'As in Supervisor.' },
  user: {
    here: 'As in Supervisor, where we run as root. A warning where only a directory service could tell whether there is such a user, and on Windows.',
  },
  redirect_stderr: { standard: 'false', here: 'As in Supervisor.' },
  stdout_logfile: {
    key: 'logFile',
    standard: 'AUTO',
    here: 'As in Supervisor. AUTO is a file in `childlogdir`, else in the storage folder. A device such as `/dev/stdout` is a warning: the lines are in the output channel.',
  },
  stdout_logfile_maxbytes: { standard: '50MB', here: 'As in Supervisor.' },
  stdout_logfile_backups: { standard: '10', here: 'As in Supervisor.' },
  stdout_capture_maxbytes: { standard: '0', here: 'As in Supervisor.' },
  stdout_events_enabled: { standard: 'false', here: 'As in Supervisor.' },
  stdout_syslog: {
    standard: 'false',
    here: 'A warning: nothing is sent to the system log; the lines are in the output channel.',
  },
  stderr_logfile: { standard: 'AUTO', here: 'As `stdout_logfile`.' },
  stderr_logfile_maxbytes: { standard: '50MB', here: 'As in Supervisor.' },
  stderr_logfile_backups: { standard: '10', here: 'As in Supervisor.' },
  stderr_capture_maxbytes: { standard: '0', here: 'As in Supervisor.' },
  stderr_events_enabled: { standard: 'false', here: 'As in Supervisor.' },
  stderr_syslog: { standard: 'false', here: 'As `stdout_syslog`.' },
  environment: {
    key: 'env',
    here: 'As in Supervisor; within quotes, quotes and backslashes can be escaped, and quotes of the other kind are kept.',
  },
  directory: { key: 'cwd', here: 'As in Supervisor; `~` is the home folder.' },
  umask: { standard: "the supervisor's own", here: 'As in Supervisor. On Windows a warning.' },
  serverurl: { standard: 'AUTO', here: 'As in Supervisor.' },
};

const listener: OptionTable = {
  events: { here: 'As in Supervisor. Required.' },
  buffer_size: { standard: '10', here: 'As in Supervisor.' },
  result_handler: {
    standard: 'supervisor.dispatchers:default_handler',
    here: 'Only the standard one; another is a warning, and the standard one is used.',
  },
};

const fastcgi: OptionTable = {
  socket: {
    here: 'As in Supervisor. Required. The front door can speak to it. On Windows a warning, and the program does not start.',
  },
  socket_owner: { here: 'As in Supervisor.' },
  socket_mode: { standard: '0700', here: 'As in Supervisor.' },
  socket_backlog: { standard: "the system's maximum", here: 'As in Supervisor.' },
};

const group: OptionTable = {
  programs: {
    here: 'As in Supervisor. One that is not there is an error at the line, and the others are a group without it.',
  },
  priority: { standard: '999', here: 'As in Supervisor.' },
};

const supervisord: OptionTable = {
  logfile: {
    standard: 'a file in the storage folder',
    here: 'As in Supervisor. A device or `syslog` is a warning.',
  },
  logfile_maxbytes: { standard: '50MB', here: 'As in Supervisor.' },
  logfile_backups: { standard: '10', here: 'As in Supervisor.' },
  loglevel: { standard: 'info', here: 'As in Supervisor.' },
  pidfile: { standard: 'none is written', here: 'As in Supervisor, where it is given.' },
  umask: { here: 'Handed on to the programs that have none of their own, where it is given.' },
  nodaemon: {
    standard: 'true',
    here: 'Nothing goes to the background by itself, so `false` is a warning.',
  },
  silent: { standard: 'false', here: '`true` is a warning: what is shown is chosen where it is shown.' },
  minfds: { standard: '1024', here: 'A warning where the machine has fewer to give.' },
  minprocs: { standard: '200', here: 'A warning where the machine has fewer to give.' },
  nocleanup: { standard: 'false', here: 'As in Supervisor.' },
  childlogdir: { standard: 'the storage folder', here: 'As in Supervisor.' },
  user: { here: 'A warning: we run as the person who started us.' },
  directory: {
    standard: 'the workspace folder',
    here: 'Where relative paths of programs begin, and where programs run that name no folder.',
  },
  strip_ansi: { standard: 'false', here: 'As in Supervisor.' },
  environment: { here: 'As in Supervisor.' },
  identifier: { standard: 'supervisor', here: 'As in Supervisor.' },
  profile_options: { here: 'A warning: there is no Python to profile.' },
};

const authentication: OptionTable = {
  username: { here: 'As in Supervisor.' },
  password: { here: 'As in Supervisor: plain, or `{SHA}` and the hash.' },
};

const inetServer: OptionTable = {
  port: {
    here: 'Opened on this machine alone: a host that is not loopback is a warning, and 127.0.0.1 is used.',
  },
  ...authentication,
};

const unixServer: OptionTable = {
  file: { here: 'As in Supervisor.' },
  chmod: { standard: '0700', here: 'As in Supervisor.' },
  chown: { here: 'As in Supervisor.' },
  ...authentication,
};

const include: OptionTable = {
  files: {
    here: 'As in Supervisor. Every file that is included is watched. Regular files alone, of 1 MiB each at most, 1000 of them and 4 MiB together.',
  },
};

export interface SectionKind {
  /** As a person writes it: `program:x`. */
  readonly title: string;
  /** How the names of such sections begin. */
  readonly prefix: string;
  /** Absent: what stands in it is not for us. */
  readonly options?: OptionTable;
  readonly here: string;
}

export const sectionKinds: readonly SectionKind[] = [
  { title: 'supervisord', prefix: 'supervisord', options: supervisord, here: 'The whole.' },
  { title: 'program:x', prefix: 'program:', options: program, here: 'A service `x`.' },
  {
    title: 'eventlistener:x',
    prefix: 'eventlistener:',
    options: { ...program, ...listener },
    here: 'A service `x` that is told of events. The options of a program, and those below.',
  },
  {
    title: 'fcgi-program:x',
    prefix: 'fcgi-program:',
    options: { ...program, ...fastcgi },
    here: 'A service `x` whose instances share one socket. The options of a program, and those below.',
  },
  { title: 'group:x', prefix: 'group:', options: group, here: 'Services that are one group.' },
  {
    title: 'unix_http_server',
    prefix: 'unix_http_server',
    options: unixServer,
    here: 'Where `supervisorctl` reaches us.',
  },
  {
    title: 'inet_http_server',
    prefix: 'inet_http_server',
    options: inetServer,
    here: 'Where `supervisorctl` reaches us over TCP.',
  },
  { title: 'include', prefix: 'include', options: include, here: 'Other files.' },
  { title: 'supervisorctl', prefix: 'supervisorctl', here: 'For `supervisorctl`; not ours to read.' },
  {
    title: 'rpcinterface:x',
    prefix: 'rpcinterface:',
    here: "Supervisor's own interface is always there; another is a warning, since it is Python.",
  },
  { title: 'ctlplugin:x', prefix: 'ctlplugin:', here: 'For `supervisorctl`; not ours to read.' },
];

/** The options that a listener or a FastCGI program has beyond those of every program. */
export const beyondPrograms: Readonly<Record<string, OptionTable>> = {
  'eventlistener:': listener,
  'fcgi-program:': fastcgi,
};

function kindOf(section: string): SectionKind | undefined {
  return sectionKinds.find(({ prefix, title }) =>
    prefix.endsWith(':')
      ? section.startsWith(prefix)
      : // Servers may be told apart by a name after a colon.
        section === title || (title.endsWith('_server') && section.startsWith(`${title}:`)),
  );
}

/** Says which sections and options nobody knows. Supervisor keeps silent about them. */
export function tellUnknown({ all, shared }: Sections, problems: Problem[]): void {
  for (const section of all.values()) {
    const kind = kindOf(section.name);
    if (kind === undefined) {
      const colon = section.name.indexOf(':');
      const before = colon === -1 ? section.name : section.name.slice(0, colon + 1);
      const rest = section.name.slice(before.length);
      const nearest = closest(
        before,
        sectionKinds.map(({ prefix }) => prefix),
      );
      problems.push(
        problem('unknown-option', section.at, {
          option: `[${section.name}]`,
          where: 'this file',
          suggestion: nearest === undefined ? undefined : nearest + rest,
        }),
      );
      continue;
    }
    const { options } = kind;
    if (options === undefined) continue;
    for (const entry of section.entries.values()) {
      const { name, key } = entry;
      // What stands under [DEFAULT] is for those that know it.
      if (Object.hasOwn(options, name) || shared.has(entry)) continue;
      problems.push(
        problem('unknown-option', key, {
          option: name,
          where: `[${section.name}]`,
          suggestion: closest(name, Object.keys(options)),
        }),
      );
    }
  }
}

/** The key of a service by which an option goes in `runtimes.yaml`, else its own name. */
export function keyOf(option: string): string {
  return (Object.hasOwn(program, option) ? program[option]?.key : undefined) ?? option;
}
