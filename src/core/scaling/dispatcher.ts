/** Which service a request is for where the rules of a `dispatch.yaml` say so (spec 3.13). Pure. */

import { dispatchUrl } from '../../config/dispatch-url.ts';
import type { DispatchRule, ServiceSpec } from '../../config/spec.ts';

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

/**
 * The default module, which has what no rule is for (spec 3.13), the login page among it: the application of the
 * backends, or the one that is called so, or the only one of App Engine, or the only one at all. Backends are none.
 */
export function defaultModule(specs: readonly ServiceSpec[]): string | undefined {
  const modules = specs.filter(({ role }) => role === 'app' || role === 'service');
  const found =
    modules.find(({ role }) => role === 'app') ??
    modules.find(({ appengine }) => appengine?.module === 'default') ??
    modules.find(({ name }) => name === 'default') ??
    only(modules.filter(({ profile }) => profile === 'appengine')) ??
    only(modules);
  return found?.name;
}

function only<T>(items: readonly T[]): T | undefined {
  return items.length === 1 ? items[0] : undefined;
}

function compile(written: DispatchRule): Rule {
  const url = dispatchUrl(written.url);
  // The config has told of such a rule already.
  if (typeof url === 'string') return { written, host: () => false, path: () => false };
  const { host, hostIsExact, path, pathIsExact } = url;
  return {
    written,
    host: hostIsExact ? (name) => name === host : (name) => name.endsWith(host),
    path: pathIsExact ? (asked) => asked === path : (asked) => asked.startsWith(path),
  };
}
