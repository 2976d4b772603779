/** A recipe asked about a machine that is a map of files, and what comes of it. */

import assert from 'node:assert/strict';
import type { ServiceSpec } from '../../../src/config/spec.ts';
import { environmentOf } from '../../../src/core/handshake/environment.ts';
import type { Aims, Plan, Recipe, Unfit } from '../../../src/core/runtimes/recipe.ts';
import type { Fault } from '../../../src/faults/fault.ts';
import { fault } from '../../../src/faults/make.ts';
import { aimsOf } from '../../support/aims.ts';
import { lookAt, type PretendedMachine } from '../../support/look.ts';
import { specOf } from '../../support/spec.ts';

export interface Asked {
  /** Words as they are split at spaces. */
  readonly command: string;
  readonly spec?: Partial<ServiceSpec>;
  readonly aims?: Partial<Aims>;
}

/** The same machine for many questions. */
export class Machine {
  readonly #recipe: Recipe;
  readonly #machine: PretendedMachine;

  constructor(recipe: Recipe, machine: PretendedMachine) {
    this.#recipe = recipe;
    this.#machine = machine;
  }

  ask({ command, spec = {}, aims = {} }: Asked): Promise<Plan | Unfit> {
    const words = spec.shell === undefined || spec.shell === false ? command.split(' ') : [command];
    const service = specOf({ runtime: this.#recipe.name, command: words, ...spec });
    const env = { PATH: '/usr/bin', ...this.#machine.env, ...service.env };
    return this.#recipe.plan(service, lookAt({ ...this.#machine, env }), aimsOf(aims));
  }

  async plan(asked: Asked): Promise<Plan> {
    const made = await this.ask(asked);
    if (made.kind === 'plan') return made;
    return assert.fail(`${asked.command}: ${said(made).message}`);
  }

  /** What is run, as it would be typed. */
  async runs(asked: Asked): Promise<string> {
    return (await this.plan(asked)).command.join(' ');
  }

  async fault(asked: Asked): Promise<Fault> {
    const made = await this.ask(asked);
    return made.kind === 'unfit' ? said(made) : assert.fail(`${asked.command} is started`);
  }

  /** The environment of the child, where ours is this. */
  async environment(
    asked: Asked,
    inherited: Readonly<Record<string, string>> = { PATH: '/usr/bin' },
  ): Promise<Readonly<Record<string, string>>> {
    const { environment, path } = await this.plan(asked);
    return environmentOf(specOf({ command: ['x'], ...asked.spec }), {
      inherited,
      port: 4000,
      ...(environment === undefined ? {} : { rule: environment }),
      ...(path === undefined ? {} : { path }),
    });
  }
}

function said({ problem, places = [] }: Unfit): Fault {
  return fault(problem.code, problem.params, { places: [...places] });
}
