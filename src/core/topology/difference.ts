/** What has to happen when a config file has changed. Pure. */

import type { Config, ServiceSpec } from '../../config/spec.ts';
import { effectiveSpec } from '../process/effective.ts';
import { outlivesChanges, restartWorthy } from '../scaling/changes.ts';
import { sameText } from './groups.ts';

export interface Difference {
  readonly added: readonly ServiceSpec[];
  readonly removed: readonly string[];
  /** What it runs, or how, is another thing now: those of its instances that are others have to start again. */
  readonly changed: readonly ServiceSpec[];
  /** The same process would be started: places, names of groups, the number of instances may differ. */
  readonly kept: readonly ServiceSpec[];
}

/**
 * Compares what runs with a newly read file.
 *
 * A file with errors never takes a running service away: somebody is in the middle of typing, and the service is
 * most likely the one being typed at.
 */
export function difference(old: readonly ServiceSpec[], next: Config): Difference {
  const before = new Map(old.map((spec) => [spec.name, spec]));
  const after = new Set(next.services.map((spec) => spec.name));
  const hasErrors = next.problems.some((problem) => problem.severity === 'error');
  const added: ServiceSpec[] = [];
  const changed: ServiceSpec[] = [];
  const kept: ServiceSpec[] = [];
  for (const spec of next.services) {
    const was = before.get(spec.name);
    if (was === undefined) added.push(spec);
    else if (hasSameProcesses(was, spec)) kept.push(spec);
    else changed.push(spec);
  }
  const missing = old.filter((spec) => !after.has(spec.name));
  return {
    added,
    removed: hasErrors ? [] : missing.map((spec) => spec.name),
    changed,
    kept: hasErrors ? [...kept, ...missing] : kept,
  };
}

/** What stays of the processes is the same; more or fewer of them are no change of the others. */
function hasSameProcesses(was: ServiceSpec, now: ServiceSpec): boolean {
  // Where nothing sets its processes apart, the first one stands for all.
  const both = now.program === undefined ? 1 : Math.min(was.instances, now.instances);
  return Array.from({ length: both }, (_, index) => index).every((index) =>
    isSameProcess(effectiveSpec(was, index), effectiveSpec(now, index)),
  );
}

/** Of two effective definitions of one instance: a process made from either is the same. */
export function isSameProcess(was: ServiceSpec, now: ServiceSpec): boolean {
  return was === now || outlivesChanges(now) || essence(was) === essence(now);
}

/** All that a running process was made from; key order does not matter, since `loadConfig` fixes it. */
function essence(spec: ServiceSpec): string {
  const {
    source: _source,
    keys: _keys,
    instances: _instances,
    balance: _balance,
    priority: _priority,
    ...rest
  } = spec;
  const { group: _group, autostart: _autostart, publish: _publish, dependsOn: _dependsOn, ...others } = rest;
  // What looks after a process, or gives it requests, is renewed beside it.
  const { health: _health, watch: _watch, requests: _requests, scaling: _scaling, ...made } = others;
  // How it is asked to end counts at its end, and what kind of backend it is only for its requests.
  const { appengine, stopRequest: _stopRequest, backend: _backend, ...process } = made;
  return sameText({ ...process, appengine: restartWorthy(appengine) });
}
