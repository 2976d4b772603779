/**
 * Remembers front-door ports in a file of ours, so that an address stays the same over sessions of one checkout, and
 * leases them, so that no other checkout is given them meanwhile.
 *
 * Losing the file costs an address, nothing else, so a file that cannot be read or written is no error.
 */

import type { PortMemory } from '../core/front-door.ts';
import type { PortLeases } from './port-leases.ts';
import { readFields, writeWhole } from './state.ts';

/** @param file Of this home's own; what is leased to the checkout, by whichever home, counts more. */
export function createPortMemory(file: string, leases: PortLeases): Required<PortMemory> {
  const ports = read(file);
  return {
    get(name) {
      const port = leases.own.get(name) ?? ports.get(name);
      // What was remembered before there were leases may be another's by now.
      return port !== undefined && leases.take(name, port) ? port : undefined;
    },
    set(name, port) {
      leases.take(name, port);
      if (ports.get(name) === port) return;
      ports.set(name, port);
      write(file, ports);
    },
    isFree: (name, port) => leases.isFree(name, port),
  };
}

function read(file: string): Map<string, number> {
  return new Map(
    Object.entries(readFields(file) ?? {}).filter(
      (entry): entry is [string, number] =>
        typeof entry[1] === 'number' && Number.isInteger(entry[1]) && entry[1] > 0 && entry[1] < 65_536,
    ),
  );
}

function write(file: string, ports: ReadonlyMap<string, number>): void {
  try {
    writeWhole(file, JSON.stringify(Object.fromEntries(ports), undefined, 2));
  } catch (error) {
    process.emitWarning(`Front-door ports are not remembered: ${String(error)}`);
  }
}
