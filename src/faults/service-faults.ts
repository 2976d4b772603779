/** What can befall a service that was asked to run: before its start, at it, and as long as it runs. */

import { row } from './row.ts';

/** ` (the compiler of a JDK)`; nothing where the program's name says it: `python3`, `node`. */
function calledToo(what: string, programs: readonly string[]): string {
  const name = what.replace(/,$/, '').replace(/^The /, 'the ');
  const [one, ...others] = [name, ...programs].map((each) => each.toLowerCase());
  const isSaid = others.some((each) => each.startsWith(one ?? '') || one?.startsWith(each) === true);
  return isSaid ? '' : ` (${name})`;
}

export const serviceFaults = {
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
    message: ({ what, programs }) =>
      `${programs.join(' or ').replace(/^the /, 'The ')} is not there${calledToo(what, programs)}.`,
    // A PATH is long, and what to do stands before it.
    hint: ({ install, looked }) =>
      looked.length === 0 ? install : `${install}\nIt was looked for in ${looked.join(', ')}.`,
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
    hint: () =>
      'Its log has all of what was printed. As long as its host runs, it is built again, and started, once a file changes.',
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
  'instance-died': row<{
    instance: string;
    ending: string;
    words?: 'stdout' | 'stderr' | undefined;
    /** It ended with code 0, and its port was still waited for. */
    unheard?: boolean;
  }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'A child ended that was not asked to.',
    message: ({ instance, ending }) => `${instance} ${ending}${/[.!?…]$/.test(ending) ? '' : '.'}`,
    hint: ({ words, unheard = false }) => {
      if (unheard)
        return 'It ended by itself with code 0 before it listened. If it listens on nothing, write "handshake: none".';
      return words === undefined
        ? 'It printed nothing. Run its command in a terminal to see more.'
        : `Its last words are in its ${words === 'stderr' ? 'stderr' : 'output'}; its log has the rest.`;
    },
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
};
