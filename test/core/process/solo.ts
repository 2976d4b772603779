/** One instance in the world whose clock is turned by hand, under a supervision that remembers what it was told. */

import type { ProcessSpec, ProgramSpec, ServiceSpec } from '../../../src/config/spec.ts';
import { Instance, type TransitionFacts } from '../../../src/core/instance.ts';
import type { StateName } from '../../../src/core/model.ts';
import type { Child } from '../../../src/core/outside.ts';
import { logsOf } from '../../../src/core/process/logs.ts';
import { SocketClaims } from '../../../src/core/process/socket-claims.ts';
import { Journal } from '../../../src/core/supervisor/journal.ts';
import {
  type Supervised,
  Supervision,
  type TransitionNote,
} from '../../../src/core/supervisor/supervision.ts';
import type { Fault } from '../../../src/faults/fault.ts';
import { specOf } from '../../support/spec.ts';
import { World } from '../../support/world.ts';

const quiet = {
  log: { kind: 'none' },
  captureBytes: 0,
  events: false,
} as const;

/** A program section with every default of spec 6.7, for tests that care about one key. */
export function programOf(
  part: Partial<Omit<ProgramSpec, 'processes'>> & { readonly process?: Partial<ProcessSpec> } = {},
): ProgramSpec {
  const { process, ...rest } = part;
  return {
    kind: 'program',
    processes: [
      { name: 'cat', command: ['/bin/cat'], cwd: '/w', env: {}, stdout: quiet, stderr: quiet, ...process },
    ],
    group: 'cat',
    groupPriority: 999,
    stopAsGroup: false,
    killAsGroup: false,
    redirectStderr: false,
    stripAnsi: false,
    ...rest,
  };
}

/** The service that such a section comes down to. */
export function programService(
  part: Partial<ServiceSpec> = {},
  program: ProgramSpec = programOf(),
): ServiceSpec {
  return specOf({
    name: 'cat',
    command: program.processes[0].command,
    handshake: 'none',
    startMs: 1000,
    instances: program.processes.length,
    program,
    ...part,
  });
}

/** Everything in the order in which it was told: state changes, births, ends, and lines of the journal. */
export class Memory extends Supervision {
  readonly heard: string[] = [];
  readonly notes: { readonly to: StateName; readonly seen: StateName; readonly note: TransitionNote }[] = [];

  override moved(instance: Supervised, from: StateName, to: StateName, note: TransitionNote): void {
    this.heard.push(`${from} -> ${to}`);
    this.notes.push({ to, seen: instance.stateName, note });
  }

  override born(_instance: Supervised, child: Child): void {
    this.heard.push(`born ${child.pid}`);
  }

  override gone(instance: Supervised): void {
    this.heard.push(`gone ${instance.pid} in ${instance.stateName}`);
  }
}

export class Solo {
  readonly world = new World();
  readonly instance: Instance;
  readonly supervision: Memory;
  readonly claims: SocketClaims;
  /** What the journal would hold: level and text. */
  readonly said: string[] = [];
  readonly faults: Fault[] = [];
  readonly told: { readonly to: StateName; readonly facts: TransitionFacts }[] = [];
  /** How long it takes until the requests of an instance that is stopped are answered; undefined: there are none. */
  parting: (() => Promise<void> | undefined) | undefined;
  /** What else happens whenever the runtime is told of a transition. */
  onTransition: ((to: StateName) => void) | undefined;

  constructor(spec: ServiceSpec = programService(), index = 0) {
    const { world } = this;
    const journal = new Journal({
      clock: world.clock,
      level: () => 'debug',
      file: () => undefined,
      append: () => undefined,
    });
    // The time does not matter here, and the level is the first word behind it.
    journal.onLine((line) => this.said.push(line.slice(24).trimEnd()));
    journal.onLine((line) => this.supervision.heard.push(line.slice(24).trimEnd()));
    this.supervision = new Memory({ clock: world.clock, journal, identifier: () => 'supervisor' });
    this.claims = new SocketClaims(world.sharedSockets, (text) => journal.say('info', text));
    this.instance = new Instance(spec, index, {
      outside: world,
      inherited: { PATH: '/bin', HOME: '/home/me', PORT: '1' },
      windows: false,
      urls: () => ({}),
      logsOf: (instance, effective) =>
        logsOf(effective, {
          ours: () => ({ path: `/logs/${instance}.log`, maxBytes: 0, backups: 0 }),
          auto: (process, stream) => `/logs/${process}-${stream}.log`,
        }),
      socketOf: (service, socket) => this.claims.claim(service, socket),
      supervision: this.supervision,
      part: () => this.parting?.(),
      transition: (_instance, _from, to, facts) => {
        this.told.push({ to, facts });
        this.onTransition?.(to);
      },
      portKnown: () => undefined,
      faulted: (fault) => this.faults.push(fault),
      changed: () => undefined,
    });
  }

  /** State changes alone, as supervision heard of them. */
  get moves(): readonly string[] {
    return this.supervision.heard.filter((each) => each.includes(' -> '));
  }

  /** Starts it, and lets it stay up for `ms`. */
  async started(ms = 0): Promise<this> {
    this.instance.start(false);
    await this.world.pass(ms);
    return this;
  }

  async ends(exit: { code?: number; signal?: string }): Promise<void> {
    this.world.child.end(exit);
    await this.world.settle();
  }
}
