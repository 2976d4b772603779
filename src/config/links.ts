/**
 * What services say about each other and share: names, dependencies, routes, published ports.
 *
 * Knows which services there are. A service that is left out for an error of its own is still one that may be named.
 */

import { closest } from '../base/spelling.ts';
import type { Problem } from '../faults/fault.ts';
import { problem } from '../faults/make.ts';
import { didYouMean } from '../faults/suggestion.ts';
import type { FrontDoorSpec, ServiceSpec } from './spec.ts';
import { type At, child, type Entry, isBlank, type Tree } from './tree.ts';

/** A name becomes part of a host name (`api.localhost`) and of an instance's (`api.0`), so it is one label of the first. */
export const serviceName = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/;

/** Entries whose names will do. Host names know no case, so two names that differ in nothing else are one too many. */
export function wellNamed(
  services: ReadonlyMap<string, Entry>,
  problems: Problem[],
): ReadonlyMap<string, Entry> {
  const taken = new Map<string, string>();
  const result = new Map<string, Entry>();
  for (const [name, entry] of services) {
    const rival = taken.get(name.toLowerCase());
    if (!serviceName.test(name)) {
      const hint =
        'Use letters, digits, - and _, at most 63 of them, with a letter or digit at both ends: the name becomes part of an address.';
      problems.push(
        problem('bad-value', entry.key, { key: name, reason: 'this cannot be the name of a service', hint }),
      );
    } else if (rival !== undefined) {
      problems.push(
        problem('bad-value', entry.key, {
          key: name,
          reason: `it differs from "${rival}" only in case`,
          hint: 'Addresses know no case: choose another name.',
        }),
      );
    } else {
      taken.set(name.toLowerCase(), name);
      result.set(name, entry);
    }
  }
  return result;
}

function unknownService(name: string, at: At, known: Iterable<string>): Problem {
  return problem('unknown-service', at, { name, suggestion: closest(name, known) });
}

/** Where each dependency of a service is written. */
function dependencyPlaces(service: Tree): ReadonlyMap<string, At> {
  const tree = child(service, 'dependsOn');
  if (tree?.kind === 'map') return new Map([...tree.entries].map(([name, entry]) => [name, entry.key]));
  if (tree?.kind !== 'list') return new Map();
  return new Map(
    tree.items.flatMap((item) =>
      item.kind === 'scalar' && !isBlank(item) ? [[item.text, item.at] as const] : [],
    ),
  );
}

/**
 * The services without dependencies that cannot be met: on services that do not exist, and the one that closes a
 * circle. The rest of a service stands, so that it can run.
 */
export function linked(
  specs: readonly ServiceSpec[],
  services: ReadonlyMap<string, Entry>,
  problems: Problem[],
  /** Services of files in other formats, which may be named too. */
  others: ReadonlySet<string> = new Set(),
): readonly ServiceSpec[] {
  const dropped = new Map<string, Set<string>>();
  const drop = (service: string, dependency: string): void => {
    dropped.set(service, (dropped.get(service) ?? new Set()).add(dependency));
  };
  const places = (service: string): ReadonlyMap<string, At> => {
    const entry = services.get(service);
    return entry === undefined ? new Map() : dependencyPlaces(entry.value);
  };

  for (const [name, { value }] of services) {
    for (const [dependency, at] of dependencyPlaces(value)) {
      if (services.has(dependency) || others.has(dependency)) continue;
      problems.push(unknownService(dependency, at, [...services.keys(), ...others]));
      drop(name, dependency);
    }
  }
  const always = new Set(specs.filter(({ restart }) => restart === 'always').map(({ name }) => name));
  for (const spec of specs) {
    for (const [dependency, condition] of Object.entries(spec.dependsOn)) {
      const at = places(spec.name).get(dependency);
      if (condition !== 'exited' || !always.has(dependency) || at === undefined) continue;
      problems.push(
        problem('bad-value', at, {
          key: 'dependsOn',
          reason: `"${dependency}" is always restarted, so it is never over`,
          hint: `Set "restart: never" for "${dependency}", or wait for "ready".`,
        }),
      );
      drop(spec.name, dependency);
    }
  }
  for (const path of circles(new Map(specs.map((spec) => [spec.name, Object.keys(spec.dependsOn)])))) {
    const [last = '', first = ''] = [path.at(-2), path.at(-1)];
    const at = places(last).get(first) ?? specs.find((spec) => spec.name === last)?.source;
    if (at !== undefined) problems.push(problem('dependency-cycle', at, { path }));
    drop(last, first);
  }
  return specs.map((spec) => {
    const gone = dropped.get(spec.name);
    if (gone === undefined) return spec;
    const kept = Object.entries(spec.dependsOn).filter(([name]) => !gone.has(name));
    return { ...spec, dependsOn: Object.fromEntries(kept) };
  });
}

/** Each circle as the path around it (`a`, `b`, `a`); without the last step of each there are none left. */
function circles(edges: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const found: string[][] = [];
  const finished = new Set<string>();
  // A stack of our own: a chain may be longer than the engine's.
  for (const root of edges.keys()) {
    const path: { readonly name: string; next: number }[] = [{ name: root, next: 0 }];
    const open = new Map([[root, 0]]);
    if (finished.has(root)) continue;
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const to = edges.get(top.name)?.[top.next++];
      if (to === undefined) {
        finished.add(top.name);
        open.delete(top.name);
        path.pop();
        continue;
      }
      const since = open.get(to);
      if (since !== undefined) found.push([...path.slice(since).map((step) => step.name), to]);
      else if (!finished.has(to) && edges.has(to)) {
        open.set(to, path.length);
        path.push({ name: to, next: 0 });
      }
    }
  }
  return found;
}

/** The routes that lead somewhere. */
export function routesOf(
  tree: Tree | undefined,
  routes: Readonly<Record<string, string>>,
  specs: readonly ServiceSpec[],
  services: ReadonlyMap<string, Entry>,
  problems: Problem[],
): FrontDoorSpec['routes'] {
  const known = new Map(specs.map((spec) => [spec.name, spec]));
  const result: [string, string][] = [];
  for (const [prefix, name] of Object.entries(routes)) {
    const entry = tree?.kind === 'map' ? tree.entries.get(prefix) : undefined;
    if (entry === undefined) continue;
    const spec = known.get(name);
    if (!prefix.startsWith('/')) {
      problems.push(
        problem('bad-value', entry.key, {
          key: 'frontDoor.routes',
          reason: `"${prefix}" does not begin with /`,
          hint: didYouMean(`/${prefix}`),
        }),
      );
    } else if (!services.has(name) && spec === undefined) {
      problems.push(unknownService(name, entry.value.at, [...services.keys(), ...known.keys()]));
    } else if (spec?.handshake === 'none' && spec.program?.socket === undefined) {
      problems.push(
        problem('bad-value', entry.value.at, {
          key: 'frontDoor.routes',
          reason: `"${name}" has "handshake: none", so there is no port to send requests to`,
          hint: undefined,
        }),
      );
    } else if (spec !== undefined) {
      result.push([prefix, name]);
    }
  }
  return Object.fromEntries(result);
}

/**
 * Services whose ports are still free; the second to ask for one is told who has it. `settled` are ports that a layout
 * or the front door has, and whose they are.
 */
export function publishedOnce(
  specs: readonly ServiceSpec[],
  settled: ReadonlyMap<number, string>,
  services: ReadonlyMap<string, Entry>,
  problems: Problem[],
): readonly ServiceSpec[] {
  const taken = new Map(settled);
  return specs.filter(({ name, publish, port, role, source }) => {
    const own = services.get(name)?.value;
    const object = (key: 'publish' | 'port', wanted: number, rival: string): false => {
      problems.push(
        problem('bad-value', child(own, key)?.at ?? source, {
          key,
          reason: `${wanted} is already the port of ${rival}`,
          hint: 'Give one of the two another number.',
        }),
      );
      return false;
    };
    const inLayout = port === 'auto' ? undefined : settled.get(port);
    if (port !== 'auto' && inLayout !== undefined) return object('port', port, inLayout);
    // A backend's is its balancer's, from the layout.
    if (publish === 'auto' || role === 'backend') return true;
    const rival = taken.get(publish);
    if (rival !== undefined) return object('publish', publish, rival);
    taken.set(publish, `"${name}"`);
    return true;
  });
}
