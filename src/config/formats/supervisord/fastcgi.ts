/** The socket of an `[fcgi-program:x]` (spec 6.7 and 6.12). Opens nothing. */

import { isAbsolutePath } from '../../../base/path.ts';
import type { Problem } from '../../../faults/fault.ts';
import { problem } from '../../../faults/make.ts';
import type { ServiceSpec, SocketSpec } from '../../spec.ts';
import { checkOwner } from './accounts.ts';
import { expand, type Names } from './expand.ts';
import type { Paths } from './paths.ts';
import type { SectionReader } from './reader.ts';
import { asText, integer, octalNumber, Unfit } from './types.ts';

/** `user` is whom the processes run as: the socket is theirs if the file does not say otherwise. */
export function socketOf(
  reader: SectionReader,
  names: Names,
  paths: Paths,
  user: string | undefined,
): SocketSpec | undefined {
  const { name } = reader.section;
  const backlog = reader.get('socket_backlog', integer, undefined);
  if (backlog !== undefined && (backlog < 1 || backlog > 65_535))
    reader.refuse('socket_backlog', `Invalid socket_backlog value ${backlog}`);
  const owner = reader.get('socket_owner', asText, undefined);
  if (owner !== undefined) checkOwner(reader, 'socket_owner', owner, 'socket_owner', paths);
  const mode = reader.get('socket_mode', modeOf('socket_mode'), undefined);
  const entry = reader.entry('socket');
  if (paths.machine.windows && entry !== undefined)
    reader.differ(
      'socket',
      'on Windows no program can be handed a listening socket, so this one does not start',
      'Let the program listen by itself, in a section [program:name].',
    );
  const url = entry && reader.expanded('socket', expand(entry, names, `${name}.socket`));
  if (url === undefined || url === '') {
    if (entry === undefined || url === '')
      reader.refuse('socket', `[${name}] section requires a "socket" line`);
    return undefined;
  }
  const refuse = (reason: string, option = 'socket'): undefined => {
    reader.refuse(option, `${reason} in [${name}] socket`);
  };
  const shared = backlog === undefined ? {} : { backlog };
  if (url.startsWith('unix://')) {
    const written = url.slice('unix://'.length);
    if (!isAbsolutePath(written)) return refuse(`Unix socket path ${written} is not an absolute path`);
    const path = paths.ofSupervisor(written);
    const whose = owner ?? user;
    const at = { kind: 'unix' as const, path, mode: mode ?? 0o700 };
    return { url: `unix://${path}`, at: whose === undefined ? at : { ...at, owner: whose }, ...shared };
  }
  if (owner !== undefined || mode !== undefined) {
    return refuse(
      'socket_owner and socket_mode params should only be used with a Unix domain socket',
      owner === undefined ? 'socket_mode' : 'socket_owner',
    );
  }
  const [, written, number] = /^tcp:\/\/([^\s:]+):(\d+)$/.exec(url) ?? [];
  if (written === undefined) return refuse(`Bad socket format ${url}`);
  const host = written.toLowerCase();
  const port = Number(number);
  if (port < 1) return refuse(`${port} is below lower bound (1)`);
  if (port > 65_535) return refuse(`${port} is above upper bound (65535)`);
  return { url: `tcp://${host}:${port}`, at: { kind: 'tcp', host, port }, ...shared };
}

/** A file's mode; Supervisor names the option when it is none. */
export function modeOf(what: string): (text: string) => number {
  return (text) => {
    try {
      return octalNumber(text);
    } catch (error) {
      if (error instanceof Unfit) throw new Unfit(`Invalid ${what} value ${text}`);
      throw error;
    }
  };
}

/** Supervisor reads two programs with one socket, and the second one to start fails, or takes it from the first. */
export function tellSharedSockets(services: readonly ServiceSpec[], problems: Problem[]): void {
  const first = new Map<string, string>();
  for (const { name, keys, source, program } of services) {
    if (program?.socket === undefined) continue;
    const { url } = program.socket;
    const owner = first.get(url);
    if (owner === undefined) {
      first.set(url, name);
      continue;
    }
    problems.push(
      problem('supervisord-warning', keys['socket'] ?? source, {
        text: `"${name}" has the socket of "${owner}", ${url}, so only one of the two can run at a time.`,
        hint: 'Give one of the two another socket.',
      }),
    );
  }
}
