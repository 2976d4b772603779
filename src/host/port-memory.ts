/**
 * Remembers front-door ports in a file of ours, so that an address stays the same over sessions of one checkout.
 *
 * Losing the file costs an address, nothing else, so a file that cannot be read or written is no error.
 */

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { PortMemory } from '../core/front-door.ts';

export function createPortMemory(file: string): PortMemory {
  const ports = read(file);
  return {
    get: (name) => ports.get(name),
    set(name, port) {
      if (ports.get(name) === port) return;
      ports.set(name, port);
      write(file, ports);
    },
  };
}

function read(file: string): Map<string, number> {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof parsed !== 'object' || parsed === null) return new Map();
    return new Map(
      Object.entries(parsed).filter(
        (entry): entry is [string, number] => Number.isInteger(entry[1]) && entry[1] > 0 && entry[1] < 65_536,
      ),
    );
  } catch {
    // Not there yet, or half written by a machine that went down.
    return new Map();
  }
}

function write(file: string, ports: ReadonlyMap<string, number>): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    // Written beside and moved over, so that nobody ever reads half a file.
    const beside = `${file}.${process.pid}`;
    writeFileSync(beside, JSON.stringify(Object.fromEntries(ports), undefined, 2));
    renameSync(beside, file);
  } catch (error) {
    process.emitWarning(`Front-door ports are not remembered: ${String(error)}`);
  }
}
