/**
 * What each process of an application with backends is, and how it is called (spec 5.1). Pure.
 *
 * A process has its type from the role of its service: nothing sets it, so it can neither be set twice nor be unknown.
 */

import type { Config, ServiceSpec } from '../../config/spec.ts';

export type ProcessType = 'Master' | 'App Instance' | 'Backend Instance' | 'Backend Balancer' | 'API Server';

/** One process; the master and the balancers are ours, so they have no instance. */
export interface TypedProcess {
  readonly type: ProcessType;
  /** The service it belongs to; the master's is the application's own. */
  readonly service: string;
  readonly index?: number;
}

/** What an instance is; undefined without backends, and for services that are no part of the application. */
export function typeOf(spec: Pick<ServiceSpec, 'role'>, hasBackends: boolean): ProcessType | undefined {
  if (spec.role === 'api-server') return 'API Server';
  if (!hasBackends || spec.role === 'service') return undefined;
  return spec.role === 'app' ? 'App Instance' : 'Backend Instance';
}

/** Who writes a line: `[Backend Instance] [worker.0]`. Before lines of an application without backends stands nothing. */
export function textForm({ type, service, index }: TypedProcess): string {
  switch (type) {
    case 'Master':
    case 'API Server':
      return `[${type}]`;
    case 'App Instance':
      return `[${type}] [${index ?? 0}]`;
    case 'Backend Balancer':
      return `[${type}] [${service}]`;
    case 'Backend Instance':
      return `[${type}] [${service}.${index ?? 0}]`;
  }
}

/** What a process is called among those that were set up: `Backend Instance: worker.0 [http://localhost:9100]`. */
export function named({ type, service, index }: TypedProcess, at: string): string {
  switch (type) {
    case 'Master':
    case 'App Instance':
      return `${type} [${at}]`;
    case 'API Server':
      return `Remote API Server [${at}]`;
    case 'Backend Balancer':
      return `${type}: ${service} [${at}]`;
    case 'Backend Instance':
      return `${type}: ${service}.${index ?? 0} [${at}]`;
  }
}

/**
 * All processes in the order in which they are defined (spec 5.4): the API server, the application's instances, and for
 * each backend its instances and then its balancer. Empty without backends.
 */
export function processesOf({
  services,
  topology,
}: Pick<Config, 'services' | 'topology'>): readonly TypedProcess[] {
  if (topology === undefined) return [];
  const backends = services
    .filter(({ role }) => role === 'backend')
    .toSorted((a, b) => (a.backend?.index ?? 0) - (b.backend?.index ?? 0));
  const instancesOf = ({ role, name, instances }: ServiceSpec): readonly TypedProcess[] => {
    const type = typeOf({ role }, true);
    if (type === undefined) return [];
    return Array.from({ length: instances }, (_, index) => ({ type, service: name, index }));
  };
  return [
    ...services.filter(({ role }) => role === 'api-server').flatMap(instancesOf),
    ...services.filter(({ role }) => role === 'app').flatMap(instancesOf),
    ...backends.flatMap((spec) => [
      ...instancesOf(spec),
      { type: 'Backend Balancer', service: spec.name } as const,
    ]),
  ];
}
