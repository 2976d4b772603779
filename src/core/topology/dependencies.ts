/**
 * What a start waits for: who has come far enough, who may still come, and who never will by itself. Pure.
 *
 * Knows states and health, not how either comes about. A condition is met when every instance of the service meets it.
 */

import type { DependencyCondition, ServiceSpec } from '../../config/spec.ts';
import type { InstanceView, StateName, WaitView } from '../model.ts';

/** One instance, as far as somebody waits for it. */
export interface Standing {
  /** `db.0`. */
  readonly name: string;
  readonly state: StateName;
  /** Nothing of it runs and nothing is planned, but for a start that waits. */
  readonly atRest: boolean;
  /** It is EXITED, as expected, and stays so. */
  readonly done: boolean;
  readonly health?: InstanceView['health'];
  /** How it ended, where it has: `exited with code 1`. */
  readonly ending?: string;
  /** A start of it was ordered and waits for others: its state is that of an earlier life. */
  readonly waits: boolean;
}

export interface Known {
  readonly spec: Pick<ServiceSpec, 'name' | 'dependsOn' | 'health'>;
  readonly instances: readonly Standing[];
}

/**
 * Tells for each service what its start waits for now; empty: it may start. Each is worked out once, so that a long
 * chain of services costs no more than its length.
 */
export function waitsIn(known: ReadonlyMap<string, Known>): (service: string) => readonly WaitView[] {
  const found = new Map<string, readonly WaitView[]>();
  const waitsOf = (service: string): readonly WaitView[] => {
    const before = found.get(service);
    if (before !== undefined) return before;
    // Should it depend on itself over others, it does not wait for itself.
    found.set(service, []);
    const waits = Object.entries(known.get(service)?.spec.dependsOn ?? {}).flatMap(([name, condition]) =>
      waitFor(name, condition, known.get(name), waitsOf),
    );
    found.set(service, waits);
    return waits;
  };
  return waitsOf;
}

function waitFor(
  service: string,
  condition: DependencyCondition,
  other: Known | undefined,
  waitsOf: (service: string) => readonly WaitView[],
): readonly WaitView[] {
  if (other === undefined) return [{ service, condition, reason: 'not there', stuck: true }];
  const missing = other.instances.filter((each) => !isMet(condition, each, other));
  const further = missing.some((each) => each.waits) ? waitsOf(service) : [];
  const lacks = missing.map((each) => lackOf(condition, each, other, further));
  // What cannot come says more than what is on its way.
  const shown = lacks.find((lack) => lack.stuck) ?? lacks[0];
  return shown === undefined ? [] : [{ service, condition, ...shown }];
}

/** Whether one dependency of a service is met. */
export function isDependencyMet(condition: DependencyCondition, other: Known): boolean {
  return other.instances.every((each) => isMet(condition, each, other));
}

function isMet(condition: DependencyCondition, instance: Standing, { spec }: Known): boolean {
  if (instance.waits) return false;
  // One that has done its work was started and was ready, whatever it is now.
  if (instance.done) return true;
  const { state } = instance;
  switch (condition) {
    case 'started':
      return state === 'STARTING' || state === 'RUNNING';
    case 'ready':
      return state === 'RUNNING';
    case 'healthy':
      return state === 'RUNNING' && (spec.health === undefined || instance.health === 'healthy');
    case 'exited':
      return false;
  }
}

interface Lack {
  readonly reason: string;
  readonly stuck: boolean;
}

function lackOf(
  condition: DependencyCondition,
  instance: Standing,
  { instances }: Known,
  further: readonly WaitView[],
): Lack {
  const { reason, stuck } = lackOfOne(condition, instance, further);
  return { reason: instances.length === 1 ? reason : `${instance.name} ${reason}`, stuck };
}

function lackOfOne(condition: DependencyCondition, instance: Standing, further: readonly WaitView[]): Lack {
  if (instance.waits) {
    const others = further.map((wait) => wait.service).join(', ');
    return {
      reason: others === '' ? 'about to start' : `waiting for ${others}`,
      stuck: further.some((wait) => wait.stuck),
    };
  }
  const { state, atRest } = instance;
  switch (state) {
    case 'FATAL':
      return { reason: 'FATAL', stuck: true };
    case 'UNKNOWN':
      return { reason: 'out of our hands', stuck: true };
    case 'EXITED':
      return { reason: `failed, ${instance.ending ?? 'has ended'}`, stuck: atRest };
    case 'BACKOFF':
      return { reason: 'failed, tried again', stuck: false };
    case 'RUNNING':
      if (condition === 'exited') return { reason: 'still running', stuck: false };
      return { reason: instance.health === 'unhealthy' ? 'not healthy' : 'not healthy yet', stuck: false };
    case 'STOPPED':
      return { reason: state, stuck: atRest };
    case 'STARTING':
    case 'STOPPING':
      return { reason: state, stuck: false };
  }
}

/** `db (not healthy) and migrate (still running)`. */
export function inWords(all: readonly WaitView[]): string {
  const parts = all.map(({ service, reason }) => `${service} (${reason})`);
  const last = parts.pop() ?? '';
  return parts.length === 0 ? last : `${parts.join(', ')} and ${last}`;
}

/** The two things a person can do about a start that waits for what will not come. */
export function wayOut(service: string, all: readonly WaitView[]): string {
  const stuck = all.filter((wait) => wait.stuck);
  const names = stuck.map((wait) => `"${wait.service}"`).join(' and ');
  const isOnlyStopped = stuck.every(({ reason }) => reason === 'STOPPED');
  const first = isOnlyStopped ? `Start ${names}` : `Mend what is wrong with ${names}, then start it again`;
  return `${first}, and "${service}" goes on by itself; or start "${service}" anyway, without what it depends on ("runtimes start ${service} --anyway").`;
}
