/**
 * The starts of one instance: performs them, follows the child to its end, and has cleared away what it left.
 *
 * Each start has a `Run`; what belongs to an earlier one is dropped by comparing identities, since every await may
 * come back to a changed world.
 */

import type { ServiceSpec } from '../../config/spec.ts';
import { clipped } from '../log/clip.ts';
import type { InstanceLog } from '../log/instance-log.ts';
import type { ExitView } from '../model.ts';
import type { Child, Exit, SpawnFailure, SpawnPlan } from '../outside.ts';
import { unexpectedlyQuit } from '../proxy/sentences.ts';
import { Clearing } from './clearing.ts';
import type { Complaints } from './complaints.ts';
import type { Lifecycle } from './lifecycle.ts';
import { cannotBeParsed, type Obstacle, Preparation } from './preparation.ts';
import { ReadinessWatch } from './readiness.ts';
import type { ProcessRecord } from './record.ts';
import type { Run } from './run.ts';
import { isExpected } from './policy.ts';
import { spawnErrorOf } from './supervisor-words.ts';
import type { Surroundings } from './surroundings.ts';
import { exitWords } from './words.ts';

export interface StartsOptions {
  readonly instance: string;
  readonly index: number;
  readonly around: Surroundings;
  readonly life: Lifecycle;
  readonly record: ProcessRecord;
  readonly complaints: Complaints;
  readonly log: InstanceLog;
  /** The effective definition, for the next start. */
  spec(): ServiceSpec;
  /** Supervisor's name of the process. */
  process(): string;
  /** Requests can be sent there. */
  readonly portKnown: (host: string, port: number) => void;
  readonly changed: () => void;
}

export class Starts {
  readonly clearing: Clearing;
  readonly #options: StartsOptions;
  readonly #preparation: Preparation;
  #run: Run;
  #watch: ReadinessWatch | undefined;
  /** The next start is one under the debugger. */
  debug = false;
  /** How the last child ended, as long as that is of interest. */
  exit: ExitView | undefined;

  constructor(options: StartsOptions) {
    const { instance, index, around, complaints } = options;
    this.#options = options;
    this.#run = { spec: options.spec() };
    this.#preparation = new Preparation({ instance, index, around });
    this.clearing = new Clearing(around.outside, (reason) => {
      complaints.reason ??= reason;
    });
  }

  /** The present one, or the last. */
  get run(): Run {
    return this.#run;
  }

  /** The port of the present or last run. */
  get lastPort(): number | undefined {
    return this.#run.port ?? this.#preparation.port;
  }

  /** The tail of stderr, as long as the reference keeps it (RP-34). */
  lastWords(): readonly string[] {
    const tail = this.#run.child?.output.tail(100, 'stderr') ?? [];
    return clipped(tail.map((line) => line.text));
  }

  /** Why it could not be run, in Supervisor's words, without running it; undefined when it could (SV-83). */
  async examine(): Promise<SpawnFailure | undefined> {
    const spec = this.#options.spec();
    const unrunnable = spec.program?.processes[0].unrunnable;
    if (unrunnable !== undefined) return cannotBeParsed(unrunnable).failure;
    const { argv, cwd, env } = this.#preparation.plan({ spec });
    const failure = await this.#options.around.outside.spawner.examine({ argv, cwd, env });
    return failure === undefined
      ? undefined
      : { ...failure, reason: this.#spawnError(failure, { argv, cwd }) };
  }

  // --------------------------------------------------------------------------------------------- the start

  async launch(): Promise<void> {
    const run: Run = { spec: this.#options.spec() };
    this.#run = run;
    try {
      // What an earlier life left behind may still hold the port.
      await this.clearing.free();
      const obstacle = await this.#preparation.prepare(run, this.debug);
      if (!this.#isWanted(run)) return;
      if (obstacle !== undefined) {
        this.#hindered(run, obstacle);
        return;
      }
      const plan = this.#planned(run);
      const born = await this.#options.around.outside.spawner.spawn(plan);
      if ('pid' in born) this.#born(run, born, plan.env);
      else this.#cannotSpawn(run, born, this.#spawnError(born, plan));
    } catch (error) {
      // Ports and temporary files can run out; that is a failed start like any other.
      const failure = {
        reason: error instanceof Error ? error.message : String(error),
        way: 'Try again; if it fails again, please report it.',
        stage: 'pipes',
      } as const;
      this.#cannotSpawn(run, failure, this.#spawnError(failure, { argv: [''], cwd: run.spec.cwd }));
    }
  }

  #planned(run: Run): SpawnPlan {
    const { instance, around } = this.#options;
    const logs = around.logsOf(instance, run.spec);
    return { ...this.#preparation.plan(run), ...('log' in logs ? logs : { logs }) };
  }

  #spawnError(failure: SpawnFailure, { argv, cwd }: Pick<SpawnPlan, 'argv' | 'cwd'>): string {
    return spawnErrorOf(failure, { name: this.#options.process(), program: argv[0], cwd });
  }

  /** Whether the child is still to be born. */
  #isWanted(run: Run): boolean {
    const { life } = this.#options;
    if (this.#run !== run) return false;
    if (life.state.kind === 'starting') return true;
    this.#clear(run);
    // Stopped before the child was born: there is nothing to wait for.
    if (life.state.kind === 'stopping') life.dispatch({ kind: 'spawnFailed' });
    return false;
  }

  #hindered(run: Run, obstacle: Obstacle): void {
    if (obstacle.kind === 'unrunnable') {
      this.#cannotSpawn(run, obstacle.failure, obstacle.text);
      return;
    }
    const { instance, complaints, record, life } = this.#options;
    const { owner } = obstacle;
    const port = run.port ?? 0;
    this.#clear(run);
    complaints.reason = `port ${port} is used by ${owner}`;
    complaints.raise('port-taken', { what: instance, port, owner }, 'port');
    record.spawnFailed(complaints.reason);
    // A failed start that is tried again: the other program may leave.
    life.dispatch({ kind: 'spawnFailed' });
  }

  #cannotSpawn(run: Run, failure: SpawnFailure, text: string): void {
    const { complaints, record, life } = this.#options;
    this.#clear(run);
    if (this.#run !== run) return;
    const { reason, way } = failure;
    complaints.reason = reason;
    if (life.state.kind === 'starting')
      complaints.raise('cannot-spawn', { service: run.spec.name, reason, way }, 'command');
    record.spawnFailed(text);
    life.dispatch({ kind: 'spawnFailed' });
  }

  // --------------------------------------------------------------------------------------------- the child

  #born(run: Run, child: Child, env: Readonly<Record<string, string>>): void {
    const { log, record, life } = this.#options;
    run.child = child;
    log.attach(child.output);
    this.#watch = this.#watchOf(run, child, env);
    this.#watch.begin();
    record.spawned(child);
    life.dispatch({ kind: 'spawned', pid: child.pid });
    record.born(child);
    void child.exited.then((exit) => this.#ended(run, child, exit));
  }

  #watchOf(run: Run, child: Child, env: Readonly<Record<string, string>>): ReadinessWatch {
    const { instance, around, life, record, complaints, portKnown, changed } = this.#options;
    return new ReadinessWatch({
      instance,
      run,
      child,
      env,
      outside: around.outside,
      complaints,
      isCurrent: () => this.#run === run,
      isStarting: () => life.state.kind === 'starting',
      isUp: () => life.state.kind === 'starting' || life.state.kind === 'running',
      reachable: (host, port) => {
        this.#preparation.port = port;
        portKnown(host, port);
      },
      portLost: () => {
        this.#preparation.port = undefined;
      },
      ready: life.policy.proof ? () => life.dispatch({ kind: 'ready' }) : undefined,
      failed: () => {
        record.spawnFailed(complaints.reason ?? '');
        life.dispatch({ kind: 'handshakeFailed' });
      },
      changed,
    });
  }

  #ended(run: Run, child: Child, exit: Exit): void {
    const { life, record, complaints } = this.#options;
    this.#preparation.ended(child);
    this.#clear(run, child);
    record.gone();
    if (this.#run !== run) return;
    // It did not wait to be put down.
    this.#watch?.refuse();
    const expected = isExpected(exit, life.policy);
    // A signal that we sent ourselves is as expected as an end can be.
    this.exit = { ...exit, expected: expected || life.state.kind === 'stopping' };
    // What this exit means is the state machine's to say: too early, expected, or a crash.
    const { states } = life.foresee({ kind: 'exited', exit });
    const early = life.state.kind === 'starting' && states[0]?.kind === 'backoff';
    const ended = states.some((state) => state.kind === 'exited');
    if (early || (ended && !expected)) this.#died(run, exit, early);
    else if (ended) complaints.reason = exitWords(exit);
    life.dispatch({ kind: 'exited', exit });
  }

  #died(run: Run, exit: Exit, early: boolean): void {
    const { instance, complaints } = this.#options;
    const ending = exitWords(exit) + (early ? this.#unready(run) : '');
    complaints.reason = ending;
    const sentence = run.sentence ?? (run.port === undefined ? undefined : unexpectedlyQuit(run.port));
    complaints.raise(
      'instance-died',
      { instance, ending, silent: this.lastWords().length === 0 },
      'command',
      sentence === undefined ? {} : { sentence },
    );
  }

  #unready(run: Run): string {
    if (!this.#options.life.policy.proof) return ' too quickly';
    if (run.port === undefined) return ' before it was ready';
    // RP-30's words, since that is what the waiting was for.
    return ` before it was ready: Cannot connect to the instance on localhost:${run.port}`;
  }

  /** Ends what a run left behind. */
  #clear(run: Run, child?: Child): void {
    const urgent = leavesOthers(child) || this.#options.life.state.kind === 'stopping';
    this.clearing.clear(run, child, urgent);
  }
}

/** Kills what a child that is gone has left in its group; true when there was something. */
function leavesOthers(child: Child | undefined): boolean {
  try {
    return child?.signal('KILL') === true;
  } catch {
    // Somebody is there who has become another user. The end of the child itself is no less seen for that.
    return true;
  }
}
