/**
 * Makes what one start needs before anything is spawned: a port, temporary files, a hold on a shared socket; and
 * the plan that is made of them.
 *
 * Remembers the port, so that an instance keeps its address over restarts.
 */

import type { ServiceSpec } from '../../config/spec.ts';
import { handshakes, launchPlan, type RuntimeConfiguration, serialise } from '../handshake/launch.ts';
import type { Child, SpawnFailure, SpawnPlan } from '../outside.ts';
import { fixedPort } from '../topology/settled-ports.ts';
import { unfitFault } from './hindrance-words.ts';
import { type Hindrance, Planning, type PlanningOptions } from './planning.ts';
import type { Run } from './run.ts';
import { noSocket } from './supervisor-words.ts';
import { withoutStop } from './words.ts';

/** Why there will be no spawn. */
export type Obstacle =
  | Hindrance
  /** Somebody else listens on the fixed port; the owner is named. */
  | { readonly kind: 'port-taken'; readonly owner: string }
  /** `text` is the spawn error in Supervisor's words. */
  | { readonly kind: 'failed'; readonly text: string; readonly failure: SpawnFailure };

interface Examined {
  readonly failure: SpawnFailure;
  readonly command?: Pick<SpawnPlan, 'argv' | 'cwd'>;
}

export class Preparation {
  readonly #options: PlanningOptions;
  readonly #planning: Planning;
  /** The port of the present or last run. */
  port: number | undefined;
  /** The child of the last run that ended. */
  #last: Child | undefined;
  #lastEndedAt = Number.NEGATIVE_INFINITY;

  constructor(options: PlanningOptions) {
    this.#options = options;
    this.#planning = new Planning(options);
  }

  /** A child has ended: its port may be free for the next. */
  ended(child: Child): void {
    this.#last = child;
    this.#lastEndedAt = this.#options.around.outside.clock.now();
  }

  /** Rejects when ports or files run out. */
  async prepare(run: Run, debug: boolean): Promise<Obstacle | undefined> {
    const { spec } = run;
    const { sockets } = this.#options.around.outside;
    const unrunnable = spec.program?.processes[0].unrunnable;
    if (unrunnable !== undefined) return cannotBeParsed(unrunnable);
    const hindrance = await this.#plan(run, debug);
    if (hindrance !== undefined || run.isCalledOff === true) return hindrance;
    const traits = handshakes[spec.handshake];
    const fixed = fixedPort(spec, this.#options.index);
    // Whatever starts is told where all of its application listens.
    await this.#options.around.topology?.settle();
    if (traits.givesPort) run.port = fixed ?? (await this.#choosePort(spec.name));
    if (traits.givesPort && fixed !== undefined && (await sockets.canConnect('localhost', fixed))) {
      const owner = await sockets.strangerOn(fixed);
      return {
        kind: 'port-taken',
        owner: owner === undefined ? 'another program' : `${owner.command} (pid ${owner.pid})`,
      };
    }
    if (traits.configuration === 'file') await this.#writeFiles(run);
    if (run.port !== undefined) this.port = run.port;
    return this.#claimSocket(run);
  }

  /** What comes from a `supervisord.conf` is started as it is written. */
  async #plan(run: Run, debug: boolean): Promise<Hindrance | undefined> {
    const { workshop, outside } = this.#options.around;
    if (workshop === undefined || run.spec.program !== undefined) return undefined;
    if (debug && workshop.isDebuggable(run.spec)) run.inspectorPort = await outside.sockets.freePort();
    return this.#planning.plan(run, workshop, run.inspectorPort);
  }

  /**
   * What would stand in the way of a start now, without anything being made or run for it. With the command where that
   * is to blame.
   */
  async examine(spec: ServiceSpec): Promise<Examined | undefined> {
    const { workshop, outside } = this.#options.around;
    const unrunnable = spec.program?.processes[0].unrunnable;
    if (unrunnable !== undefined) return { failure: cannotBeParsed(unrunnable).failure };
    const run: Run = { spec };
    if (workshop !== undefined && spec.program === undefined) {
      const unfit = await this.#planning.foresee(run, workshop);
      if (unfit !== undefined) {
        const { message, hint = '' } = unfitFault(unfit, spec, this.#options.instance);
        return { failure: { reason: withoutStop(message), way: hint } };
      }
      // What is built first may be the very program.
      if ((run.plan?.builds ?? []).length > 0) return undefined;
    }
    const { argv, cwd, env } = this.plan(run);
    const failure = await outside.spawner.examine({ argv, cwd, env });
    return failure === undefined ? undefined : { failure, command: { argv, cwd } };
  }

  /** Everything about the child, but for where its output is written. */
  plan(run: Run): SpawnPlan {
    const { spec } = run;
    const { around, index } = this.#options;
    const traits = handshakes[spec.handshake];
    const stdin = traits.configuration === 'stdin-base64' || traits.configuration === 'stdin-raw';
    const given = around.topology?.given(spec, index);
    if (given !== undefined) run.told = given.env;
    const plan = launchPlan(spec, {
      index,
      ...(given === undefined ? {} : { given }),
      inherited: around.inherited,
      windows: around.windows,
      ...(run.port === undefined ? {} : { port: run.port }),
      ...(run.files === undefined ? {} : { files: run.files }),
      ...(stdin ? { configuration: serialise(this.#configuration(run)) } : {}),
      ...(run.plan === undefined ? {} : { plan: run.plan }),
    });
    return run.claim === undefined ? plan : { ...plan, socket: run.claim.socket };
  }

  /** A free one: the last one again, so that an instance keeps its address over restarts. */
  async #choosePort(service: string): Promise<number> {
    const { around, index } = this.#options;
    const settled = around.topology?.portOf(service, index);
    if (settled === undefined) return this.#freePort();
    // The others of its application have been told of it.
    if (!(await around.outside.sockets.canConnect('localhost', settled))) return settled;
    await this.#last?.sweep();
    if (!(await around.outside.sockets.canConnect('localhost', settled))) return settled;
    const port = await around.outside.sockets.freePort();
    around.topology?.portMoved(service, index, port);
    return port;
  }

  async #freePort(): Promise<number> {
    const { sockets, clock } = this.#options.around.outside;
    // Its own port was its own a moment ago, so a free one need not be looked for.
    if (this.port !== undefined && clock.now() - this.#lastEndedAt < 1000) {
      if (!(await sockets.canConnect('localhost', this.port))) return this.port;
      // The last life left something behind that still listens, outside of its group.
      await this.#last?.sweep();
    }
    return sockets.freePort(this.port);
  }

  async #writeFiles(run: Run): Promise<void> {
    const { files } = this.#options.around.outside;
    const text = serialise(this.#configuration(run));
    run.files = {
      configuration: await files.temporary(new TextEncoder().encode(text)),
      port: await files.temporary(new Uint8Array()),
    };
  }

  async #claimSocket(run: Run): Promise<Obstacle | undefined> {
    const socket = run.spec.program?.socket;
    if (socket === undefined) return undefined;
    try {
      run.claim = await this.#options.around.socketOf(run.spec.name, socket);
      return undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return {
        kind: 'failed',
        text: noSocket(socket.url, reason),
        failure: {
          reason: `its socket ${socket.url} cannot be created: ${reason}`,
          way: 'Stop what uses that address, or change "socket".',
        },
      };
    }
  }

  #configuration(run: Run): RuntimeConfiguration {
    const { spec } = run;
    return {
      version: 1,
      service: spec.name,
      instance: this.#options.instance,
      index: this.#options.index,
      applicationRoot: spec.cwd,
      ...(run.port === undefined ? {} : { port: run.port }),
      environ: spec.env,
      services: this.#options.around.urls(),
    };
  }
}

/** There is nothing to run, and Supervisor says so at each start (SV-3). */
function cannotBeParsed(text: string): Extract<Obstacle, { kind: 'failed' }> {
  return { kind: 'failed', text, failure: { reason: text, way: 'Correct its "command".' } };
}
