/**
 * What the processes of an application are told about each other: the API server's address, the ports of all backends,
 * and who they are themselves (spec 5.2, 5.8). Pure.
 */

import type { ServiceSpec } from '../../config/spec.ts';

/** Where everything listens, or will. */
export interface Whereabouts {
  readonly specs: readonly ServiceSpec[];
  readonly api?: { readonly host: string; readonly port: number };
  portOf(service: string, index: number): number | undefined;
  /** Of the door in front of a service's instances. */
  balancerOf(service: string): number | undefined;
}

/** What one child is told. */
export interface Given {
  /** For `{api_host}` and `{api_port}`; the API server itself has nobody to ask. */
  readonly api?: { readonly host: string; readonly port: number };
  /** For `{frontend_port}`: where the application's own instance listens. */
  readonly frontendPort?: number;
  readonly env: Readonly<Record<string, string>>;
  /** Whether a variable that we have inherited ourselves is one of these, and would mislead the child. */
  readonly misleads: (variable: string) => boolean;
}

const ofBackends = /^(?:BACKEND_PORT|BACKEND_ID$|INSTANCE_ID$|FRONTEND_PORT$)/;
const ofApi = /^API_(?:HOST|PORT)$/;

export function givenTo(spec: ServiceSpec, index: number, where: Whereabouts): Given {
  const backends = where.specs.filter(({ role }) => role === 'backend');
  const api = spec.role === 'api-server' ? undefined : where.api;
  const app = where.specs.find(({ role }) => role === 'app');
  const frontendPort = spec.role === 'backend' && app !== undefined ? where.portOf(app.name, 0) : undefined;
  return {
    ...(api === undefined ? {} : { api }),
    ...(frontendPort === undefined ? {} : { frontendPort }),
    env: {
      ...(api === undefined ? {} : { API_HOST: api.host, API_PORT: String(api.port) }),
      ...(frontendPort === undefined ? {} : { FRONTEND_PORT: String(frontendPort) }),
      ...portsOf(backends, where),
      ...(spec.role === 'backend'
        ? { BACKEND_ID: spec.backend?.name ?? spec.name, INSTANCE_ID: String(index) }
        : {}),
    },
    misleads: (variable) =>
      (backends.length > 0 && ofBackends.test(variable)) || (api !== undefined && ofApi.test(variable)),
  };
}

/**
 * `BACKEND_PORT.worker` for the balancer and `BACKEND_PORT.worker.0` for an instance. Shells know no names with dots and
 * drop them from what they hand on, so each stands there a second time as `BACKEND_PORT_WORKER` and `_WORKER_0`.
 */
function portsOf(backends: readonly ServiceSpec[], where: Whereabouts): Readonly<Record<string, string>> {
  const env: Record<string, string> = {};
  const tell = (parts: readonly (string | number)[], port: number | undefined): void => {
    if (port === undefined) return;
    env[['BACKEND_PORT', ...parts].join('.')] = String(port);
    const plain = parts.map((part) =>
      String(part)
        .toUpperCase()
        .replaceAll(/[^A-Z0-9]/g, '_'),
    );
    env[['BACKEND_PORT', ...plain].join('_')] = String(port);
  };
  for (const { name, backend, instances } of backends) {
    const id = (backend?.name ?? name).toLowerCase();
    tell([id], where.balancerOf(name));
    for (let index = 0; index < instances; index += 1) tell([id, index], where.portOf(name, index));
  }
  return env;
}
