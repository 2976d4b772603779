/**
 * The catalogue of faults: one row per failure, and every mouth speaks from the same row.
 *
 * The front door answers with `http`, the command line leaves with `exit`, the editor underlines with
 * `severity`, people read `message` and `hint`. `docs/faults.md` is printed from it.
 */

import type { Severity } from './fault.ts';
import { didYouMean } from './suggestion.ts';

export interface FaultRow<P> {
  readonly severity: Severity;
  /** What the front door answers with while this fault stands. */
  readonly http: number;
  /** What `runtimes` exits with when this is the end of the story. */
  readonly exit: 0 | 1 | 2;
  /** One sentence for the manual: when a person meets this. */
  readonly when: string;
  message(params: P): string;
  hint(params: P): string | undefined;
}

const row = <P>(value: FaultRow<P>): FaultRow<P> => value;

/** Rows about a config file. They are problems with a place; nothing has been run. */
export const configFaults = {
  'file-unreadable': row<{ file: string; reason: string }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'A config file, or a file it names, cannot be read.',
    message: ({ file, reason }) => `Cannot read ${file}: ${reason}.`,
    hint: () => 'Check that the file exists and that you may read it.',
  }),
  'yaml-syntax': row<{ reason: string }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'The text is not YAML.',
    message: ({ reason }) => reason,
    hint: () => undefined,
  }),
  'unknown-key': row<{ key: string; where: string; suggestion?: string | undefined }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'A key that we do not know, most often a slip of the fingers.',
    message: ({ key, where }) => `"${key}" is not a key of ${where}.`,
    hint: ({ suggestion }) => (suggestion === undefined ? undefined : didYouMean(suggestion)),
  }),
  'missing-key': row<{
    key: string;
    where: string;
    example: string;
    /** A sentence without its stop, on what else was tried. */
    looked?: string;
  }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'A key that must be there is not.',
    message: ({ key, where }) => `${where} needs "${key}".`,
    hint: ({ example, looked }) => `${looked === undefined ? '' : `${looked}. `}For example: ${example}`,
  }),
  'wrong-type': row<{ key: string; expected: string; found: string; hint?: string | undefined }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'A value of another kind than its key takes.',
    message: ({ key, expected, found }) => `"${key}" takes ${expected}, not ${found}.`,
    hint: ({ hint }) => hint,
  }),
  'bad-value': row<{ key: string; reason: string; hint?: string | undefined }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'A value of the right kind that makes no sense for its key.',
    message: ({ key, reason }) => `"${key}": ${reason}.`,
    hint: ({ hint }) => hint,
  }),
  'duplicate-key': row<{ key: string }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'The same key twice in one map.',
    message: ({ key }) => `"${key}" is here twice.`,
    hint: () => 'Keep one of them; the first one counts.',
  }),
  'unset-variable': row<{ name: string; key: string }>({
    severity: 'warning',
    http: 503,
    exit: 0,
    when: 'A `${NAME}` that is set nowhere and has no default.',
    message: ({ name, key }) => `"${key}" uses \${${name}}, which is not set; it is taken as empty.`,
    hint: ({ name }) => `Set it under env or envFile, or write \${${name}:-default}.`,
  }),
  'no-shell': row<{ key: string; word: string }>({
    severity: 'warning',
    http: 503,
    exit: 0,
    when: 'A command uses what only a shell understands, and no shell runs it.',
    message: ({ key, word }) =>
      `"${key}": no shell runs this, so "${word}" is handed to the program as it stands.`,
    hint: () => 'Write {port} or ${NAME}, put variables under "env", or set "shell: true".',
  }),
  'unknown-service': row<{ name: string; suggestion?: string | undefined }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'A service is named that is not in the file.',
    message: ({ name }) => `There is no service "${name}".`,
    hint: ({ suggestion }) => (suggestion === undefined ? undefined : didYouMean(suggestion)),
  }),
  'env-file-line': row<{ file: string; lines: string }>({
    severity: 'warning',
    http: 503,
    exit: 0,
    when: 'Lines of an environment file that are not KEY=VALUE; they are skipped.',
    message: ({ file, lines }) => `In ${file}, ${lines} cannot be read as KEY=VALUE.`,
    hint: () => 'Write KEY=VALUE, with a # before a comment and every quote closed.',
  }),
  'port-overridden': row<{ example: string }>({
    severity: 'warning',
    http: 503,
    exit: 0,
    when: 'PORT is set under env, where the handshake sets it anew at each start.',
    message: () => 'PORT is set by the handshake at each start, so this value does not count.',
    hint: ({ example }) => `Write "${example}" to fix the port, or remove the line.`,
  }),
  'no-effect': row<{ key: string; reason: string; hint: string }>({
    severity: 'warning',
    http: 503,
    exit: 0,
    when: 'Something is written that changes nothing, because of what stands beside it.',
    message: ({ key, reason }) => `"${key}": ${reason}.`,
    hint: ({ hint }) => hint,
  }),
  'missing-file': row<{ key: string; what: 'file' | 'folder'; path: string; meanwhile: string }>({
    severity: 'warning',
    http: 503,
    exit: 0,
    when: 'A file or a folder is to be served, and is not there.',
    message: ({ key, what, path }) => `"${key}": there is no ${what} ${path}.`,
    hint: ({ meanwhile }) => meanwhile,
  }),
  'open-door': row<{ host: string }>({
    severity: 'warning',
    http: 503,
    exit: 0,
    when: 'The front door listens on more than this machine.',
    message: ({ host }) =>
      `With "host: ${host}" everybody on the network can reach the services of this file.`,
    hint: () => 'Unless that is meant, remove it: then only programs on this machine can.',
  }),
  'dependency-cycle': row<{ path: readonly string[] }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'Services wait for each other in a circle.',
    message: ({ path }) => `These services wait for each other: ${path.join(' → ')}.`,
    hint: () => 'Take one of them out of "dependsOn"; until then, this one is left out.',
  }),
  'supervisord-error': row<{ text: string; hint?: string | undefined }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'Something in a supervisord.conf that Supervisor refuses, in its words. What the rest of the file says still runs.',
    message: ({ text }) => text,
    hint: ({ hint }) => hint,
  }),
  'supervisord-warning': row<{ text: string; hint?: string | undefined }>({
    severity: 'warning',
    http: 503,
    exit: 0,
    when: 'Something in a supervisord.conf that Supervisor warns of, in its words.',
    message: ({ text }) => text,
    hint: ({ hint }) => hint,
  }),
  'supervisord-differs': row<{ key: string; reason: string; hint?: string | undefined }>({
    severity: 'warning',
    http: 503,
    exit: 0,
    when: 'Something in a supervisord.conf that is done otherwise here, or not at all.',
    message: ({ key, reason }) => `"${key}": ${reason}.`,
    hint: ({ hint }) => hint,
  }),
  'unknown-option': row<{ option: string; where: string; suggestion?: string | undefined }>({
    severity: 'warning',
    http: 503,
    exit: 0,
    when: 'A section or an option of a supervisord.conf that Supervisor does not know either; it has no effect.',
    message: ({ option, where }) => `"${option}" is not known in ${where}, so it has no effect.`,
    hint: ({ suggestion }) => (suggestion === undefined ? undefined : didYouMean(suggestion)),
  }),
  'backends-error': row<{ text: string; hint?: string | undefined }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'Something said of backends that App Engine refuses, in its words. The other backends still run.',
    message: ({ text }) => text,
    hint: ({ hint }) => hint,
  }),
  'app-yaml-error': row<{ text: string; hint?: string | undefined }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'Something in an app.yaml that App Engine refuses, in its words. The other services still run.',
    message: ({ text }) => text,
    hint: ({ hint }) => hint,
  }),
  'app-yaml-differs': row<{ key: string; reason: string; hint?: string | undefined }>({
    severity: 'info',
    http: 503,
    exit: 0,
    when: 'Something in an app.yaml that means nothing on a machine of your own, or is done otherwise.',
    message: ({ key, reason }) => `"${key}" means nothing here: ${reason}.`,
    hint: ({ hint }) => hint,
  }),
  'retired-runtime': row<{ runtime: string; because: string; way: string }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'An app.yaml names a runtime that needs a launcher of an SDK that is not to be had any more.',
    message: ({ runtime, because }) => `The runtime "${runtime}" cannot be run: ${because}.`,
    hint: ({ way }) => way,
  }),
  'no-services': row<{ file: string }>({
    severity: 'warning',
    http: 503,
    exit: 2,
    when: 'A config file in which there is nothing to run.',
    message: ({ file }) => `${file} names no service.`,
    hint: ({ file }) =>
      /\.(?:conf|ini)$/i.test(file)
        ? 'Add a section [program:name] with a "command".'
        : 'Add one under "services:", with a name and a "command".',
  }),
};

/** Rows about something that was asked to run. */
export const runFaults = {
  'missing-program': row<{
    what: string;
    programs: readonly string[];
    looked: readonly string[];
    install: string;
  }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'The interpreter, compiler or tool that a service needs is not there.',
    message: ({ what, programs, looked }) =>
      `${what} is not there: ${programs.join(' or ')} ${looked.length === 0 ? 'does not exist' : `is in none of ${looked.join(', ')}`}.`,
    hint: ({ install }) => install,
  }),
  'wrong-version': row<{
    what: string;
    found: string;
    path: string;
    wanted: string;
    by: string;
    install: string;
  }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'The interpreter or compiler that was found is of another version than the project asks for.',
    message: ({ what, found, path, wanted, by }) =>
      `${by} asks for ${what} ${wanted}, and ${path} is ${found}.`,
    hint: ({ install }) => install,
  }),
  'missing-entry': row<{ service: string; entry: string; looked: string; way: string }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'The file that a service begins with is not there.',
    message: ({ service, entry, looked }) => `"${service}" begins with ${entry}, and there is no ${looked}.`,
    hint: ({ way }) => way,
  }),
  'missing-dependencies': row<{ service: string; because: string; looked: string; command: string }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'What a service depends on has not been installed.',
    message: ({ service, because, looked }) =>
      `What "${service}" depends on is not installed: ${because}, and there is no ${looked}.`,
    hint: ({ command }) => `Run: ${command}`,
  }),
  unfit: row<{ service: string; text: string; way: string }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'A check before the start found the machine unfit for a service; the text is the one App Engine users know.',
    message: ({ service, text }) => `"${service}" cannot be started: ${text}`,
    hint: ({ way }) => way,
  }),
  'build-failed': row<{ service: string; command: string; ending: string }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'A service has to be built before it starts, and that failed.',
    message: ({ service, command, ending }) => `"${service}" could not be built: ${command} ${ending}.`,
    hint: () => 'Its log has all of what was printed. It is built again, and started, once a file changes.',
  }),
  'bad-port': row<{ service: string; sentence: string; how: string }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'The child was to tell its port and told something that is no port.',
    message: ({ service, sentence, how }) => `"${service}" gave no usable port: ${sentence} (${how}).`,
    hint: () =>
      'Let it print or write just the port number and a newline, or set "handshake: port" and listen on $PORT.',
  }),
  'instance-died': row<{ instance: string; ending: string; words?: 'stdout' | 'stderr' | undefined }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'A child ended that was not asked to.',
    message: ({ instance, ending }) => `${instance} ${ending}.`,
    hint: ({ words }) =>
      words === undefined
        ? 'It printed nothing. Run its command in a terminal to see more.'
        : `Its last words are in its ${words === 'stderr' ? 'stderr' : 'output'}; its log has the rest.`,
  }),
  'cannot-connect': row<{ instance: string; host: string; port: number; ending: string }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'The child is alive, but nothing accepts a connection on its port.',
    message: ({ instance, host, port, ending }) =>
      `Cannot connect to the instance on ${host}:${port}: ${instance} ${ending}.`,
    hint: () => 'Is the service listening on the port it was given, and on the loopback address?',
  }),
  'wrong-port': row<{ instance: string; port: number; actual: readonly string[] }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'The child was given a port and listens on another one.',
    message: ({ instance, port, actual }) =>
      `${instance} was given port ${port} but listens on ${actual.join(' and ')}.`,
    hint: () => 'Set "handshake: discover", or let the command use $PORT or {port}.',
  }),
  'port-taken': row<{
    what: string;
    port: number;
    owner?: string | undefined;
    /** It follows from where the layout of an application with backends begins. */
    laidOut?: boolean;
  }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'A port that was asked for belongs to another program.',
    message: ({ what, port, owner }) =>
      `${what} wants port ${port}, but ${owner === undefined ? 'another program' : owner} is using it.`,
    hint: ({ owner = 'the other program', laidOut = false }) =>
      laidOut
        ? `Stop ${owner}, or set "minPort: 0" to let us choose free ones.`
        : `Stop ${owner}, or remove the fixed port to let us choose a free one.`,
  }),
  'cannot-listen': row<{ what: string; host: string; port: number; reason: string }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'A front door cannot be opened where the config wants it, for a reason other than a taken port.',
    message: ({ what, host, port, reason }) => `${what} cannot listen on ${host}, port ${port}: ${reason}.`,
    hint: () => 'Use an address of this machine, such as 127.0.0.1, and a port above 1023.',
  }),
  'socket-taken': row<{ what: string; path: string }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'A socket file that was asked for belongs to a program that listens there.',
    message: ({ what, path }) => `${what} wants ${path}, but another program listens there.`,
    hint: () => 'Stop the other program, or name another file.',
  }),
  'cannot-open-socket': row<{ what: string; path: string; reason: string }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'A socket file cannot be made where the config wants it.',
    message: ({ what, path, reason }) => `${what} cannot listen at ${path}: ${reason}.`,
    hint: () =>
      'Name a file in a folder that exists and that you may write to, with a path below 100 characters.',
  }),
  'socket-left': row<{ what: string; path: string; reason: string }>({
    severity: 'warning',
    http: 503,
    exit: 0,
    when: 'A socket file of ours cannot be taken away after its use.',
    message: ({ what, path, reason }) => `${what} cannot take its ${path} away: ${reason}.`,
    hint: () =>
      'Nobody listens there any more. Whoever listens there next takes its place, where that may be written to.',
  }),
  'port-stranger': row<{ instance: string; port: number; owner: string }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'Something answers on the port of an instance, but it is not that instance.',
    message: ({ instance, port, owner }) =>
      `Port ${port} of ${instance} is answered by ${owner}, which is not one of its processes.`,
    hint: ({ owner }) => `Stop ${owner}, then start the service again.`,
  }),
  'cannot-spawn': row<{ service: string; reason: string; way: string }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'The command cannot be run at all: it is missing, a folder, or not executable.',
    message: ({ service, reason }) => `"${service}" cannot be started: ${reason}.`,
    hint: ({ way }) => way,
  }),
  'no-socket': row<{ text: string }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'The socket that the processes of an fcgi-program share cannot be created, in Supervisor’s words.',
    message: ({ text }) => text,
    hint: () => 'Stop what uses that address, or change "socket".',
  }),
  'slow-start': row<{ instance: string; seconds: number; awaited: string }>({
    severity: 'warning',
    http: 503,
    exit: 1,
    when: 'A child has been starting for long; we go on waiting.',
    message: ({ instance, seconds, awaited }) =>
      `${instance} has been starting for ${seconds} s and ${awaited}.`,
    hint: () =>
      'We go on waiting. If it listens on nothing, set "handshake: none"; if it chooses its own port, "handshake: discover".',
  }),
  'api-server-late': row<{ service: string; seconds: number }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'The API server, which all others wait for, does not serve in time.',
    message: ({ service, seconds }) =>
      `"${service}" has not served within ${seconds} s, so nothing that needs it is started.`,
    hint: () => 'Look at what it printed; it has to listen on the port that it is given ({port}, PORT).',
  }),
  'log-file': row<{ file: string; reason: string }>({
    severity: 'warning',
    http: 503,
    exit: 1,
    when: 'The log file cannot be written; output still reaches the channel and the tail.',
    message: ({ file, reason }) => `Cannot write the log file ${file}: ${reason}.`,
    hint: () => 'Set "logFile" to a place you may write to.',
  }),
  'no-such-service': row<{ name: string; suggestion?: string | undefined }>({
    severity: 'error',
    http: 404,
    exit: 2,
    when: 'Something was to be done with a service or instance that does not exist.',
    message: ({ name }) => `There is no service or instance "${name}".`,
    hint: ({ suggestion }) => (suggestion === undefined ? undefined : didYouMean(suggestion)),
  }),
  'no-such-group': row<{ name: string; suggestion?: string | undefined }>({
    severity: 'error',
    http: 404,
    exit: 2,
    when: 'Something was to be done with a group that does not exist.',
    message: ({ name }) => `There is no group "${name}".`,
    hint: ({ suggestion }) => (suggestion === undefined ? undefined : didYouMean(suggestion)),
  }),
  'dependency-failed': row<{ service: string; waits: string; way: string }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'A service waits for another one that will not come far enough by itself.',
    message: ({ service, waits }) => `"${service}" cannot start: it is waiting for ${waits}.`,
    hint: ({ way }) => way,
  }),
  unhealthy: row<{ instance: string; times: number; seen: string; way: string }>({
    severity: 'warning',
    http: 503,
    exit: 1,
    when: 'The health check of a running instance has failed as often in a row as its "failures" allows.',
    message: ({ instance, times, seen }) =>
      `${instance} is not healthy: ${times === 1 ? 'its check' : `${times} checks in a row`} failed; ${seen}.`,
    hint: ({ way }) => way,
  }),
  'cannot-watch': row<{ service: string; reason: string }>({
    severity: 'warning',
    http: 503,
    exit: 1,
    when: 'Files that a service watches cannot be watched.',
    message: ({ service, reason }) =>
      `The files of "${service}" cannot be watched, so it is not restarted when they change: ${reason}.`,
    hint: () => 'Watch fewer files with "watch", or restart the service yourself after a change.',
  }),
  'not-running': row<{ instance: string }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'A signal or input is meant for an instance without a process.',
    message: ({ instance }) => `${instance} does not run.`,
    hint: () => 'Start it first.',
  }),
  'bad-signal': row<{ name: string }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'A signal was named that there is none of.',
    message: ({ name }) => `There is no signal "${name}".`,
    hint: () => 'Name one such as HUP, SIGHUP or 1.',
  }),
  'order-failed': row<{ instance: string; reason: string }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'An order to an instance could not be carried out, such as a signal that the system refuses.',
    message: ({ instance, reason }) => `${instance}: ${reason}.`,
    hint: () => undefined,
  }),
  'background-refused': row<{ instance: string; reason: string; limit?: number | undefined }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'A background thread is asked of an instance that cannot have one, or none more.',
    message: ({ instance, reason, limit }) => {
      const words =
        limit === undefined
          ? ''
          : ` (limit reached: "backgroundThreads" is ${limit}${limit === 0 ? ', which allows none' : ''})`;
      return `${instance} begins no background thread: ${reason}${words}.`;
    },
    hint: ({ limit }) =>
      limit === undefined ? undefined : 'Allow more with "backgroundThreads" below "appengine".',
  }),
  'background-unscaled': row<{ instance: string; isBackend: boolean }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'A background thread is asked of an instance whose service has no "scaling".',
    message: ({ instance, isBackend }) =>
      `${instance} has no background threads: ${isBackend ? 'it is a backend' : 'its service has no "scaling"'}.`,
    hint: ({ isBackend }) =>
      isBackend
        ? 'Ask one of a service with "scaling".'
        : 'Give the service "scaling", for example "scaling: manual".',
  }),
  'no-input': row<{ instance: string; outcome: 'none' | 'closed' | 'full' }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'Input is meant for an instance whose standard input is not open.',
    message: ({ instance, outcome }) =>
      ({
        none: `${instance} has no standard input that is open.`,
        closed: `${instance} has closed its standard input.`,
        full: `${instance} does not read its standard input: what it was given before still waits.`,
      })[outcome],
    hint: () => undefined,
  }),
  'no-log': row<{ what: string }>({
    severity: 'error',
    http: 404,
    exit: 1,
    when: 'A log is to be read or emptied that is not written to a file.',
    message: ({ what }) => `${what} has no log file.`,
    hint: () => undefined,
  }),
  'log-unreadable': row<{ file: string; reason: string }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'A log file cannot be read or emptied.',
    message: ({ file, reason }) => `Cannot use the log file ${file}: ${reason}.`,
    hint: () => undefined,
  }),
  'bad-range': row<{ offset: number; length: number }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'A part of a log was asked for that makes no sense.',
    message: ({ offset, length }) => `There is no part of a log at ${offset} with a length of ${length}.`,
    hint: () => 'An offset before the end takes no length; a length is never negative.',
  }),
  'cannot-scale': row<{ service: string; reason: string }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'A service cannot have the number of instances that was asked for.',
    message: ({ service, reason }) => `"${service}" cannot be scaled: ${reason}.`,
    hint: () => undefined,
  }),
  'already-added': row<{ group: string }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'A group is to be added that is there.',
    message: ({ group }) => `The group "${group}" is there already.`,
    hint: () => undefined,
  }),
  'still-running': row<{ group: string; instances: readonly string[] }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'A group is to be removed of which something still runs.',
    message: ({ group, instances }) =>
      `The group "${group}" cannot be removed: ${instances.join(', ')} ${instances.length === 1 ? 'is' : 'are'} not stopped.`,
    hint: () => 'Stop it first.',
  }),
  'cannot-reread': row<{ reason: string }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'The config files were to be read again and have errors; nothing is changed.',
    message: ({ reason }) => `The config cannot be read: ${reason}`,
    hint: () => undefined,
  }),
  'shutting-down': row<unknown>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'Something was asked for while everything is being stopped.',
    message: () => 'This runtime has been shut down.',
    hint: () => undefined,
  }),
  untrusted: row<unknown>({
    severity: 'warning',
    http: 503,
    exit: 2,
    when: 'The workspace is not trusted, so nothing is run.',
    message: () => 'This workspace is not trusted, so none of its commands is run.',
    hint: () => 'Trust the workspace to start its services.',
  }),
  'not-found': row<{ path: string; services: readonly string[] }>({
    severity: 'info',
    http: 404,
    exit: 1,
    when: 'The front door has no service for an address.',
    message: ({ path }) => `No service answers for ${path}.`,
    hint: ({ services }) => (services.length === 0 ? undefined : `Services here: ${services.join(', ')}.`),
  }),
  'bad-response': row<{ instance: string; reason: string }>({
    severity: 'warning',
    http: 502,
    exit: 1,
    when: 'The child answered a request with something that is not HTTP.',
    message: ({ instance, reason }) => `${instance} gave a bad HTTP response: ${reason}.`,
    hint: () => undefined,
  }),
  'timed-out': row<{ instance: string; reason: string }>({
    severity: 'warning',
    http: 504,
    exit: 1,
    when: 'An instance took longer over a request than its "timeouts" allow.',
    message: ({ instance, reason }) => `${instance} did not answer in time: ${reason}.`,
    hint: () => 'If it only needs longer, raise its "timeouts".',
  }),
  full: row<{ service: string; queueMs: number }>({
    severity: 'warning',
    http: 503,
    exit: 1,
    when: 'Each instance has as many requests as its "concurrency" allows, and none came free in time.',
    message: ({ service, queueMs }) =>
      `Every instance of ${service} has as many requests as it may have at once, and none came free within ${queueMs / 1000} s.`,
    hint: () => 'Raise "concurrency", "instances" or "queueSeconds", or look what takes it so long.',
  }),
  internal: row<{ reason: string }>({
    severity: 'error',
    http: 500,
    exit: 1,
    when: 'A mistake of ours.',
    message: ({ reason }) => `Local Runtimes made a mistake: ${reason}.`,
    hint: () => 'Please report it with the log of the "Local Runtimes" output channel.',
  }),
};

export const catalogue = { ...configFaults, ...runFaults };

export type ConfigFaultCode = keyof typeof configFaults;
export type RunFaultCode = keyof typeof runFaults;
export type FaultCode = keyof typeof catalogue;
export type FaultParams<C extends FaultCode> = Parameters<(typeof catalogue)[C]['message']>[0];
