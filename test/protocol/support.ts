/** Supervisor's methods over a whole runtime in the hand-turned world, called by name as a tool calls them. */

import assert from 'node:assert/strict';
import { constants } from 'node:os';
import type { ProgramSpec, ServiceSpec } from '../../src/config/spec.ts';
import { RpcFault } from '../../src/protocol/supervisor/faults.ts';
import { Methods } from '../../src/protocol/supervisor/methods.ts';
import type { Value } from '../../src/protocol/supervisor/values.ts';
import { Stage } from '../support/stage.ts';

export interface Section extends Partial<Omit<ServiceSpec, 'program'>> {
  readonly name: string;
  readonly program?: Partial<ProgramSpec>;
}

/** A service as `[program:name]` gives it; `instances` processes, in a group of its own unless one is named. */
export function section({ name, program, ...more }: Section): Partial<ServiceSpec> {
  const count = more.instances ?? 1;
  const stream = (channel: string, process: string) => ({
    log: {
      kind: 'file' as const,
      path: `/logs/${process}-${channel}.log`,
      maxBytes: 50 * 1024 ** 2,
      backups: 10,
    },
    captureBytes: 0,
    events: false,
  });
  const processes = Array.from({ length: count }, (_, index) => {
    const process = count === 1 ? name : `${name}_${index}`;
    return {
      name: process,
      command: ['/bin/serve'],
      cwd: '/w',
      env: {},
      stdout: stream('stdout', process),
      stderr: stream('stderr', process),
    };
  });
  return {
    handshake: 'none',
    startMs: 1_000,
    command: ['/bin/serve'],
    ...more,
    name,
    program: {
      kind: 'program',
      processes: processes as unknown as ProgramSpec['processes'],
      group: name,
      groupPriority: 999,
      stopAsGroup: false,
      killAsGroup: false,
      redirectStderr: false,
      stripAnsi: false,
      ...program,
    },
  };
}

export class Tool {
  readonly stage: Stage;
  readonly methods: Methods;
  readonly failures: string[] = [];

  constructor(sections: readonly Section[]) {
    this.stage = new Stage(sections.map(section));
    this.methods = new Methods({
      api: this.stage.runtime,
      signals: constants.signals,
      now: () => this.stage.world.clock.wall(),
      failed: (reason) => this.failures.push(reason),
    });
  }

  /** Calls `supervisor.<method>`; time passes only as `pass` says. */
  call(method: string, ...parameters: readonly Value[]): Promise<Value> {
    const full = method.includes('.') ? method : `supervisor.${method}`;
    return this.methods.call({ method: full, parameters });
  }

  /** The same, while so much time passes. */
  async within(ms: number, method: string, ...parameters: readonly Value[]): Promise<Value> {
    const answer = this.call(method, ...parameters);
    // Whoever looks at the answer hears of its fault.
    answer.catch(() => undefined);
    // A call takes many turns before its order is given, and the order a moment before it is carried out.
    for (let turn = 0; turn < 5; turn += 1) await this.stage.world.settle();
    await this.stage.world.pass(ms + 1);
    return answer;
  }

  async started(): Promise<this> {
    await this.within(1_001, 'startAllProcesses');
    return this;
  }

  /** Every child that is told to stop does, at once. */
  obey(): this {
    const { world } = this.stage;
    for (const child of world.children) {
      const signal = child.signal.bind(child);
      child.signal = (name, to) => {
        const sent = signal(name, to);
        if (name === 'TERM') child.end({ code: 0 });
        return sent;
      };
    }
    return this;
  }

  states(): readonly string[] {
    return this.stage.names().map((name) => `${name} ${this.stage.view(name).state}`);
  }
}

/** The call is answered with this fault: its code and its whole text. */
export async function faults(answer: Promise<Value>, code: number, text: string): Promise<void> {
  await assert.rejects(answer, (error) => {
    assert.ok(error instanceof RpcFault, String(error));
    assert.deepEqual([error.code, error.message], [code, text]);
    return true;
  });
}

export function resultOf(group: string, name: string, status = 80, description = 'OK'): Value {
  return { name, group, status, description };
}
