/** Snapshots in a few words, for the tables of this folder. */

import type { Fault } from '../../src/faults/fault.ts';
import type { InstanceView, ServiceView, Snapshot } from '../../src/protocol/api.ts';

export const now = Date.parse('2030-01-02T03:04:05Z');

export function instance(name: string, more: Partial<InstanceView> = {}): InstanceView {
  const [service = name, index = '0'] = name.split('.');
  return {
    name,
    service,
    index: Number(index),
    process: service,
    group: service,
    state: 'STOPPED',
    since: now,
    ...more,
  };
}

export function running(name: string, port: number, more: Partial<InstanceView> = {}): InstanceView {
  return instance(name, {
    state: 'RUNNING',
    pid: 4242,
    host: '127.0.0.1',
    port,
    since: now - 180_000,
    ...more,
  });
}

export function service(
  name: string,
  instances: readonly InstanceView[],
  more: Partial<ServiceView> = {},
): ServiceView {
  return {
    name,
    source: { file: '/shop/runtimes.yaml', line: 3, column: 3, endLine: 3, endColumn: 3 + name.length },
    runtime: 'node',
    handshake: 'port',
    autostart: true,
    oneShot: false,
    dependsOn: {},
    debuggable: false,
    cwd: '/shop',
    faults: [],
    instances,
    ...more,
  };
}

export function snapshot(services: readonly ServiceView[], more: Partial<Snapshot> = {}): Snapshot {
  return {
    folder: '/shop',
    files: ['/shop/runtimes.yaml'],
    trusted: true,
    problems: [],
    groups: [],
    services,
    ...more,
  };
}

export function fault(more: Partial<Fault> = {}): Fault {
  return {
    code: 'instance-died',
    severity: 'error',
    message: 'api.0 exited with code 3.',
    places: [],
    ...more,
  };
}
