/** The sections `[unix_http_server]` and `[inet_http_server]`: where tools reach the supervisor. Opens nothing. */

import { folderOf } from '../../../base/path.ts';
import type { Problem } from '../../../faults/fault.ts';
import type { ControlServerSpec } from '../../spec.ts';
import { checkOwner } from './accounts.ts';
import type { Names } from './expand.ts';
import { modeOf } from './fastcgi.ts';
import type { Paths } from './paths.ts';
import { SectionReader } from './reader.ts';
import type { Sections } from './sections.ts';
import { asText, inetAddress } from './types.ts';

export interface Servers {
  readonly servers: readonly ControlServerSpec[];
  /** What programs are told as `SUPERVISOR_SERVER_URL`: the first on a socket, else the first on a port. */
  readonly url?: string;
}

export function serversOf(sections: Sections, names: Names, paths: Paths, problems: Problem[]): Servers {
  const servers: ControlServerSpec[] = [];
  const urls = { unix: [] as string[], inet: [] as string[] };
  for (const section of sections.all.values()) {
    const reader = new SectionReader(section, names, problems);
    if (/^unix_http_server(?::|$)/.test(section.name)) {
      const server = unixServer(reader, paths);
      if (server === undefined) continue;
      servers.push(server);
      if (server.at.kind === 'unix') urls.unix.push(`unix://${server.at.path}`);
    } else if (/^inet_http_server(?::|$)/.test(section.name)) {
      const server = inetServer(reader);
      if (server === undefined) continue;
      servers.push(server.spec);
      urls.inet.push(server.url);
    }
  }
  const url = urls.unix[0] ?? urls.inet[0];
  return url === undefined ? { servers } : { servers, url };
}

function unixServer(reader: SectionReader, paths: Paths): ControlServerSpec | undefined {
  const { section } = reader;
  const file = reader.get('file', asText, undefined);
  if (reader.entry('file') === undefined)
    reader.refuse(undefined, `section [${section.name}] has no file value`);
  const owner = reader.get('chown', asText, undefined);
  if (owner !== undefined) checkOwner(reader, 'chown', owner, 'sockchown', paths);
  const mode = reader.get('chmod', modeOf('chmod'), 0o700);
  const authentication = authenticationOf(reader);
  if (reader.failed || file === undefined) return undefined;
  const path = paths.ofSupervisor(file.trim());
  if (!paths.machine.isFolder(folderOf(path)))
    reader.differ('file', `there is no folder ${folderOf(path)}, so the socket cannot be made`);
  const at = { kind: 'unix' as const, path, mode };
  return { at: owner === undefined ? at : { ...at, owner }, ...authentication, source: section.at };
}

function inetServer(reader: SectionReader): { spec: ControlServerSpec; url: string } | undefined {
  const { section } = reader;
  const address = reader.get('port', inetAddress, undefined);
  if (reader.entry('port') === undefined)
    reader.refuse(undefined, `section [${section.name}] has no port value`);
  const authentication = authenticationOf(reader);
  if (reader.failed || address === undefined) return undefined;
  const { host, port } = address;
  const isLoopback = host === 'localhost' || /^127(?:\.\d{1,3}){3}$/.test(host);
  if (!isLoopback) {
    const asked = host === '' ? 'every interface' : host;
    reader.differ('port', `nothing is opened on ${asked}; 127.0.0.1 is used`, `Write 127.0.0.1:${port}.`);
  }
  // A name may mean an address of another family, which no tool of Supervisor's would try.
  const bound = isLoopback && host !== 'localhost' ? host : '127.0.0.1';
  const shown = isLoopback ? host : 'localhost';
  return {
    spec: { at: { kind: 'inet', host: bound, port }, ...authentication, source: section.at },
    url: `http://${shown}:${port}`,
  };
}

function authenticationOf(reader: SectionReader): { readonly username?: string; readonly password?: string } {
  const username = reader.get('username', asText, undefined);
  const password = reader.get('password', asText, undefined);
  if (username === undefined && password === undefined) return {};
  if (username === undefined || password === undefined) {
    reader.refuse(
      username === undefined ? 'password' : 'username',
      `Section [${reader.section.name}] contains incomplete authentication: If a username or a password is specified, both the username and password must be specified`,
    );
    return {};
  }
  return { username, password };
}
