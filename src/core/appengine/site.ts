/** What all requests to one service have in common: worked out once, when its definition is taken up. */

import type { AppEngineSpec } from '../../config/spec.ts';
import { type Dialect, dialects } from './dialect.ts';
import { type Environment, fixedPart, placed, sendable } from './environment.ts';
import { errorFileOf } from './error-handlers.ts';
import type { Addresses, FrontLayerOptions, InstanceAt } from './front.ts';
import { isLogged } from './request-ids.ts';

export interface Site {
  readonly options: FrontLayerOptions;
  readonly app: AppEngineSpec;
  readonly dialect: Dialect;
  /** Shown in place of what a child that failed has answered. */
  readonly errorFile: string | undefined;
  readonly fixed: readonly (readonly [string, string])[];
  /** Absent with automatic scaling, whose instances nobody tells apart. */
  readonly backendId: string | undefined;
}

export function siteOf(options: FrontLayerOptions, app: AppEngineSpec): Site {
  const { spec, clock } = options;
  return {
    options,
    app,
    dialect: dialects[app.dialect],
    errorFile: errorFileOf(app),
    fixed: fixedPart({ ...app, minor: String(Math.floor(clock.wall() / 1000)) }),
    backendId:
      spec.scaling?.kind === 'automatic'
        ? undefined
        : sendable(spec.backend?.name ?? app.version.replace(/\..*$/su, '')),
  };
}

/** Adds to a request what does not depend on the instance. */
export function furnish({ options, fixed, backendId }: Site, environment: Map<string, string>): void {
  const { ids } = options;
  for (const [key, value] of fixed) environment.set(key, value);
  if (backendId !== undefined) environment.set('BACKEND_ID', backendId);
  environment.set('REQUEST_ID_HASH', ids.hash());
  if (isLogged(environment.get('PATH_INFO') ?? '')) environment.set('REQUEST_LOG_ID', ids.logId());
}

/** Adds what depends on where it goes: the instance's own port only for who asked for that very instance (HP-42). */
export function place(
  { options }: Site,
  environment: Map<string, string>,
  at: InstanceAt,
  directed: boolean,
): void {
  const addresses = options.addresses();
  placed(environment, addresses, portFor(options, addresses, at, directed));
}

/** `SERVER_PORT`: instances that scale by themselves have no port that anybody could know. */
export function portFor(
  { spec }: FrontLayerOptions,
  { balanced }: Addresses,
  { port }: InstanceAt,
  directed: boolean,
): number {
  return directed && spec.scaling?.kind !== 'automatic' ? port : balanced;
}

/** Under which the request came: `http://localhost:8080`. */
export function originOf({ options }: Site, environment: Environment, scheme: 'http' | 'https'): string {
  const { host, balanced } = options.addresses();
  return `${scheme}://${environment.get('HTTP_HOST') ?? `${host}:${balanced}`}`;
}
