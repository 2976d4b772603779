/** What the `url` of a dispatch rule means (spec 3.13). */

/** The two halves of a rule's `url`, without their stars. */
export interface DispatchUrl {
  readonly host: string;
  /** Without a star at its beginning; with one, hosts that end like this match. */
  readonly hostIsExact: boolean;
  readonly path: string;
  /** Without a star at its end; with one, paths that begin like this match. */
  readonly pathIsExact: boolean;
}

const label = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
const exactHost = new RegExp(String.raw`^(?:${label}\.)*${label}$`);
const hostEnd = new RegExp(
  String.raw`^(?:|[a-z0-9-]*[a-z0-9]|(?:\.|[a-z0-9-]*[a-z0-9]\.)(?:${label}\.)*${label})$`,
);
/** Nobody writes a longer one, and looking at it would cost more than its length. */
const longestUrl = 1000;
const address = /^\d+\.\d+\.\d+\.\d+$/;

/** What a rule's `url` means, or why it means nothing, as a clause. */
export function dispatchUrl(url: string): DispatchUrl | string {
  if (url.length > longestUrl) return `it is longer than ${longestUrl} letters`;
  const slash = url.indexOf('/');
  if (slash === -1) return 'it has no path: a host and a path are needed, such as */api/*';
  if (slash === 0) return 'it has no host before its path';
  const hostIsExact = !url.startsWith('*');
  const host = url.slice(hostIsExact ? 0 : 1, slash);
  const pathIsExact = !url.endsWith('*');
  const path = url.slice(slash, pathIsExact ? undefined : -1);
  if (host.includes('*')) return 'a star in the host may only stand at its beginning';
  if (path.includes('*')) return 'a star in the path may only stand at its end';
  // A star takes the place of the path's only letter in "host/*" too: the slash stays.
  if (!(hostIsExact ? exactHost : hostEnd).test(host)) return `"${url.slice(0, slash)}" is no name of a host`;
  if (hostIsExact && address.test(host)) return 'an address of numbers cannot stand for a host';
  return { host, hostIsExact, path, pathIsExact };
}
