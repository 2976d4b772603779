/** The line that the access log gets of a request (spec 2.1, 10). */

import type { LogLevel } from './front.ts';

export interface Access {
  readonly module: string;
  readonly method: string;
  /** Path and query, as the client sent them. */
  readonly resource: string;
  /** `1.1`. */
  readonly version: string;
  readonly status: number;
  /** Of the body, where it is known. */
  readonly length?: number | undefined;
}

export function accessLine({ module, method, resource, version, status, length }: Access): {
  readonly level: LogLevel;
  readonly line: string;
} {
  return {
    level: resource.startsWith('/_ah/health') ? 'debug' : 'info',
    line: `${module}: "${method} ${resource} HTTP/${version}" ${status} ${length ?? '-'}`,
  };
}
