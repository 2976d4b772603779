/** A service definition with every default, for tests that care about one key. */

import { usualRequests } from '../../src/config/requests.ts';
import type { ServiceSpec } from '../../src/config/spec.ts';

export function specOf(part: Partial<ServiceSpec>): ServiceSpec {
  const source = { file: '/w/runtimes.yaml', line: 2, column: 3, endLine: 2, endColumn: 6 };
  return {
    name: 'api',
    source,
    keys: { command: { ...source, line: 3 } },
    command: ['serve'],
    shell: false,
    runtime: 'custom',
    cwd: '/w',
    env: {},
    handshake: 'port',
    port: 'auto',
    publish: 'auto',
    instances: 1,
    balance: 'round-robin',
    profile: 'plain',
    autostart: true,
    dependsOn: {},
    restart: 'unexpected',
    startMs: 0,
    startRetries: 3,
    exitCodes: [0],
    stopSignal: 'TERM',
    stopMs: 10_000,
    priority: 999,
    debug: true,
    role: 'service',
    requests: usualRequests,
    ...part,
  };
}
