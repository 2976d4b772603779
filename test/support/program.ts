/** A service as a `supervisord.conf` makes it, for tests that care about a few keys. */

import type { ProcessSpec, ProgramSpec, ServiceSpec } from '../../src/config/spec.ts';
import { specOf } from './spec.ts';

export interface ProgramParts {
  readonly name: string;
  readonly group?: string;
  readonly groupPriority?: number;
  /** Names of its processes; one of its own name without. */
  readonly processes?: readonly string[];
  readonly kind?: ProgramSpec['kind'];
  readonly program?: Partial<ProgramSpec>;
  readonly process?: Partial<ProcessSpec>;
}

const stream = { log: { kind: 'auto', maxBytes: 1000, backups: 1 }, captureBytes: 0, events: false } as const;

/** As loaded from `[program:name]` with `command=serve` and `startsecs=0`. */
export function programSpec(parts: ProgramParts, more: Partial<ServiceSpec> = {}): ServiceSpec {
  const { name, group = name, processes = [name], kind = 'program' } = parts;
  const made = processes.map((process) => ({
    name: process,
    command: ['serve'],
    cwd: '/w',
    env: {},
    stdout: stream,
    stderr: stream,
    ...parts.process,
  }));
  const [first] = made;
  if (first === undefined) throw new Error('A program has at least one process.');
  const base = specOf({ name, handshake: 'none', instances: made.length, ...more });
  return {
    ...base,
    program: {
      kind,
      processes: [first, ...made.slice(1)],
      group,
      groupPriority: parts.groupPriority ?? base.priority,
      stopAsGroup: false,
      killAsGroup: false,
      redirectStderr: false,
      stripAnsi: false,
      ...parts.program,
    },
  };
}
