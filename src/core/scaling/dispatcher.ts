/**
 * Which service a request is for where a `dispatch.yaml`, a name, a version or a port says so (spec 3.13).
 *
 * Pure: rules and names go in, a service comes out.
 */

import type { DispatchRule } from '../../config/spec.ts';

// ------------------------------------------------------------------------------------------------- rules

export interface Dispatched {
  readonly service?: string;
  /** It would have had the request, had its path not been one of the reserved ones. */
  readonly skipped?: DispatchRule;
}

interface Rule {
  readonly written: DispatchRule;
  readonly host: (name: string) => boolean;
  readonly path: (path: string) => boolean;
}

/** Reserved paths that rules are for all the same. */
const open = ['/_ah/queue/deferred', '/_ah/api'];

/**
 * The first rule that matches says which service. What is reserved (`/_ah/`) goes past the rules, but for two prefixes.
 *
 * The reference looks at the path alone; here a rule that names a host is for that host alone, since a rule for
 * `api.example.com/*` would otherwise have everything.
 *
 * @returns A function of the host's name (lower case, without port) and the path.
 */
export function dispatchRules(rules: readonly DispatchRule[]): (host: string, path: string) => Dispatched {
  const compiled = rules.map((each) => compile(each));
  return (host, path) => {
    const rule = compiled.find((each) => each.path(path) && each.host(host));
    if (rule === undefined) return {};
    const isReserved = path.startsWith('/_ah/') && !open.some((prefix) => path.startsWith(prefix));
    return isReserved ? { skipped: rule.written } : { service: rule.written.service };
  };
}

function compile(written: DispatchRule): Rule {
  const slash = written.url.indexOf('/');
  const host = (slash === -1 ? written.url : written.url.slice(0, slash)).toLowerCase();
  const path = slash === -1 ? '/*' : written.url.slice(slash);
  return { written, host: hostMatcher(host), path: pathMatcher(path) };
}

/** A star at the beginning stands for anything, nothing among it. */
function hostMatcher(pattern: string): Rule['host'] {
  if (pattern === '*' || pattern === '') return () => true;
  if (!pattern.startsWith('*')) return (name) => name === pattern;
  const end = pattern.slice(1);
  return (name) => name.endsWith(end);
}

/** A star at the end stands for anything; without one the path is that path alone. */
function pathMatcher(pattern: string): Rule['path'] {
  if (!pattern.endsWith('*')) return (path) => path === pattern;
  const prefix = pattern.slice(0, -1);
  return (path) => path.startsWith(prefix);
}

// ---------------------------------------------------------------------------------------- names and versions

export interface Module {
  readonly name: string;
  /** Absent: it has none, so any will do. */
  readonly version?: string;
}

/** Why nobody was found, in words. */
export interface NotFound {
  readonly reason: string;
}

const defaultName = 'default';

/** The service of that name and version, or none. Without a name: the default one. */
export function findStrictly<T extends Module>(
  modules: readonly T[],
  name: string | undefined,
  version?: string,
): T | NotFound {
  const wanted = name ?? defaultName;
  const found = modules.find((each) => each.name === wanted);
  return found === undefined ? { reason: `there is no service "${wanted}"` } : ofVersion(found, version);
}

/** The same, but an unknown name means the default one, and without that any. */
export function findSoftly<T extends Module>(
  modules: readonly T[],
  name: string | undefined,
  version?: string,
): T | NotFound {
  const found =
    modules.find((each) => each.name === name) ??
    modules.find((each) => each.name === defaultName) ??
    modules[0];
  return found === undefined ? { reason: 'there are no services' } : ofVersion(found, version);
}

function ofVersion<T extends Module>(module: T, version: string | undefined): T | NotFound {
  const isOther = version !== undefined && module.version !== undefined && module.version !== version;
  return isOther
    ? { reason: `service "${module.name}" has version "${module.version}", not "${version}"` }
    : module;
}

// ---------------------------------------------------------------------------------------------- host names

export interface Listening {
  /** The address of the default service: a name with its port. */
  readonly host: string;
  readonly port: number;
  /** What listens on each port: a service, or the rules. */
  readonly ports: ReadonlyMap<number, { readonly service: string } | 'rules'>;
}

export type Resolved = 'rules' | { readonly service: string } | NotFound;

/** What the `Host` of a request asks for: the rules, or one service. */
export function resolveHost(host: string | undefined, at: Listening): Resolved {
  if (host === undefined || host === '') return 'rules';
  const written = host.toLowerCase();
  const address = at.port === 80 ? at.host : `${at.host}:${at.port}`;
  if (written === address || written === `${at.host}:${at.port}`) return 'rules';
  if (written.endsWith(`.${address}`)) {
    const prefix = written.slice(0, -address.length - 1);
    return { service: prefix.slice(prefix.lastIndexOf('.') + 1) };
  }
  const port = /:(\d+)$/u.exec(written)?.[1];
  const found = at.ports.get(port === undefined ? 80 : Number(port));
  return found ?? { reason: `nothing is served at "${host}"` };
}

// --------------------------------------------------------------------------------------------------- ports

/** The first port from `first` on that nobody has, in order; 0 leaves the choice to the system. */
export function nextPort(service: string, first: number, taken: ReadonlySet<number>): number | NotFound {
  if (first === 0) return 0;
  for (let port = first; port <= 65_535; port += 1) if (!taken.has(port)) return port;
  return { reason: `Cannot find port for service ${service}` };
}
