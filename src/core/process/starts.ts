/**
 * The starts of one instance: performs them, follows the child to its end, and has cleared away what it left.
 *
 * Each start has a `Run`; what belongs to an earlier one is dropped by comparing identities, since every await may
 * come back to a changed world.
 */

import type { ServiceSpec } from '../../config/spec.ts';
import { clipped } from '../log/clip.ts';
import { lastError } from '../log/last-error.ts';
import type { InstanceLog } from '../log/instance-log.ts';
import type { ExitView } from '../model.ts';
import type { Child, Exit, Line, SpawnFailure, SpawnPlan } from '../outside.ts';
import { cannotConnect, unexpectedlyQuit } from '../proxy/sentences.ts';
import { fromLayout } from '../topology/settled-ports.ts';
import { Clearing } from './clearing.ts';
import { complain } from './hindrance-words.ts';
import type { Complaints, SaidLast } from './complaints.ts';
import type { Lifecycle } from './lifecycle.ts';
import { filesOf } from './logs.ts';
import type { Hindrance } from './planning.ts';
import { type Obstacle, Preparation } from './preparation.ts';
import { ReadinessWatch } from './readiness.ts';
import type { ProcessRecord } from './record.ts';
import type { Run } from './run.ts';
import { isExpected } from './policy.ts';
import { spawnErrorOf } from './supervisor-words.ts';
import type { Surroundings } from './surroundings.ts';
import { whenAll } from '../when-all.ts';
import { becauseOf, exitWords, withoutStop } from './words.ts';

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
  /** The instance id of the present run (spec 3.1). */
  id(): string;
  /** Requests can be sent there. */
  readonly portKnown: (host: string, port: number) => void;
  readonly changed: () => void;
}

/** What came of one try to have a child. */
type Outcome =
  | { readonly kind: 'born'; readonly child: Child; readonly env: SpawnPlan['env'] }
  | Obstacle
  /** It was stopped before anything was spawned. */
  | { readonly kind: 'called-off' };

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
  /** Why the last start was not even tried. */
  hindrance: Hindrance | undefined;

  constructor(options: StartsOptions) {
    const { instance, index, around, complaints, changed } = options;
    this.#options = options;
    this.#run = { spec: options.spec() };
    this.#preparation = new Preparation({
      instance,
      index,
      around,
      id: () => options.id(),
      said: (run, lines) => this.#said(run, lines),
      changed,
    });
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

  /** The tail of stderr, as long as the reference keeps it (RP-34); of stdout, where nothing came on stderr. */
  lastWords(): SaidLast | undefined {
    for (const stream of ['stderr', 'stdout'] as const) {
      const tail = this.#run.child?.output.tail(100, stream) ?? [];
      if (tail.length === 0) continue;
      const { instance, around } = this.#options;
      const { logFile, errorLogFile = logFile } = filesOf(around.logsOf(instance, this.#run.spec));
      const file = stream === 'stdout' ? logFile : errorLogFile;
      return {
        stream,
        lines: clipped(tail.map((line) => line.text)),
        ...(file === undefined ? {} : { file }),
      };
    }
    return undefined;
  }

  /** Why it could not be run, in Supervisor's words, without running it; undefined when it could (SV-83). */
  async examine(): Promise<SpawnFailure | undefined> {
    const examined = await this.#preparation.examine(this.#options.spec());
    if (examined === undefined) return undefined;
    const { failure, command } = examined;
    return command === undefined ? failure : { ...failure, reason: this.#spawnError(failure, command) };
  }

  // --------------------------------------------------------------------------------------------- the start

  async launch(): Promise<void> {
    const run: Run = { spec: this.#options.spec() };
    this.#run = run;
    this.hindrance = undefined;
    const outcome = await this.#spawn(run);
    this.#survive(() => this.#came(run, outcome));
  }

  #came(run: Run, outcome: Outcome): void {
    switch (outcome.kind) {
      case 'born':
        this.#born(run, outcome.child, outcome.env);
        break;
      case 'failed':
        this.#cannotSpawn(run, outcome.failure, outcome.text);
        break;
      case 'port-taken':
        this.#portTaken(run, outcome.owner);
        break;
      case 'unfit':
      case 'build-failed':
        this.#hindered(run, outcome);
        break;
      case 'called-off':
        this.#calledOff(run);
        break;
    }
  }

  /** It is stopped before there is a child: whatever is done for it ends. */
  callOff(): void {
    const run = this.#run;
    if (run.child !== undefined) return;
    run.isCalledOff = true;
    run.callOff?.resolve(undefined);
  }

  /** Never rejects. */
  async #spawn(run: Run): Promise<Outcome> {
    try {
      // What an earlier life left behind may still hold the port.
      await this.clearing.free();
      const obstacle = await this.#preparation.prepare(run, this.debug);
      if (this.#run !== run || run.isCalledOff === true || this.#options.life.state.kind !== 'starting')
        return { kind: 'called-off' };
      if (obstacle !== undefined) return obstacle;
      const plan = this.#planned(run);
      const born = await this.#options.around.outside.spawner.spawn(plan);
      if ('pid' in born) return { kind: 'born', child: born, env: plan.env };
      return { kind: 'failed', failure: born, text: this.#spawnError(born, plan) };
    } catch (error) {
      // Ports and temporary files can run out; that is a failed start like any other.
      const failure = {
        reason: reasonOf(error),
        way: 'Try again; if it fails again, please report it.',
        stage: 'pipes',
      } as const;
      return {
        kind: 'failed',
        failure,
        text: this.#spawnError(failure, { argv: [''], cwd: run.spec.cwd }),
      };
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

  /** Stopped before the child was born: there is nothing to wait for. */
  #calledOff(run: Run): void {
    const { life } = this.#options;
    this.#clear(run);
    if (this.#run === run && life.state.kind === 'stopping') life.dispatch({ kind: 'spawnFailed' });
  }

  #portTaken(run: Run, owner: string): void {
    const { instance, index, complaints, record, life } = this.#options;
    const port = run.port ?? 0;
    const laidOut = fromLayout(run.spec, index);
    this.#clear(run);
    const reason = `port ${port} is used by ${owner}`;
    complaints.reason = reason;
    inTurn(
      () => complaints.raise('port-taken', { what: instance, port, owner, laidOut }, 'port'),
      () => record.spawnFailed(reason),
      // A failed start that is tried again: the other program may leave.
      () => life.dispatch({ kind: 'spawnFailed' }),
    );
  }

  #hindered(run: Run, hindrance: Hindrance): void {
    const { complaints, record, life, instance, around } = this.#options;
    this.#clear(run);
    if (this.#run !== run) return;
    this.hindrance = hindrance;
    const { logFile } = filesOf(around.logsOf(instance, run.spec));
    inTurn(
      () => complain(complaints, run.spec.name, hindrance, logFile),
      () => {
        complaints.reason = withoutStop(complaints.fault?.message ?? '');
      },
      () => record.spawnFailed(complaints.reason ?? ''),
      () => life.dispatch({ kind: 'unfit' }),
    );
  }

  /** Printed by what is run before there is a child. */
  #said(run: Run, lines: readonly Line[]): Promise<void> | undefined {
    const { instance, around, log } = this.#options;
    if (this.#run !== run || run.child !== undefined) return undefined;
    const logs = around.logsOf(instance, run.spec);
    const plan = 'log' in logs ? logs.log : logs.stdout;
    if (plan !== undefined) around.outside.logs.append(plan, lines.map(({ text }) => `${text}\n`).join(''));
    const rooms = [log.say(lines), plan === undefined ? undefined : around.outside.logs.room(plan.path)];
    return whenAll(rooms);
  }

  #cannotSpawn(run: Run, failure: SpawnFailure, text: string): void {
    const { complaints, record, life } = this.#options;
    this.#clear(run);
    if (this.#run !== run) return;
    const { reason, way } = failure;
    complaints.reason = reason;
    inTurn(
      () => {
        if (life.state.kind === 'starting')
          complaints.raise('cannot-spawn', { service: run.spec.name, reason, way }, 'command');
      },
      () => record.spawnFailed(text),
      () => life.dispatch({ kind: 'spawnFailed' }),
    );
  }

  // --------------------------------------------------------------------------------------------- the child

  #born(run: Run, child: Child, env: Readonly<Record<string, string>>): void {
    const { log, record, life } = this.#options;
    run.child = child;
    void child.exited.then((exit) => this.#survive(() => this.#ended(run, child, exit)));
    const watch = this.#watchOf(run, child, env);
    this.#watch = watch;
    inTurn(
      () => log.attach(child.output),
      () => watch.begin(),
      () => record.spawned(child),
      () => life.dispatch({ kind: 'spawned', pid: child.pid }),
      () => record.born(child),
    );
  }

  #watchOf(run: Run, child: Child, env: Readonly<Record<string, string>>): ReadinessWatch {
    const { instance, index, around, life, record, complaints, portKnown, changed } = this.#options;
    return new ReadinessWatch({
      instance,
      index,
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
    const { life, record } = this.#options;
    this.#preparation.ended(child);
    this.#clear(run, child);
    inTurn(
      () => record.gone(),
      // It did not wait to be put down.
      () => this.#watch?.refuse(),
      () => this.#explain(run, exit),
      () => life.dispatch({ kind: 'exited', exit }),
    );
  }

  /** What an exit means is the state machine's to say: too early, expected, or a crash. */
  #explain(run: Run, exit: Exit): void {
    const { life, complaints } = this.#options;
    const expected = isExpected(exit, life.policy);
    // A signal that we sent ourselves is as expected as an end can be.
    this.exit = { ...exit, expected: expected || run.killed === true || life.state.kind === 'stopping' };
    const { states } = life.foresee({ kind: 'exited', exit });
    const early = life.state.kind === 'starting' && states[0]?.kind === 'backoff';
    const ended = states.some((state) => state.kind === 'exited');
    if (run.killed === true) complaints.reason = exitWords(exit);
    else if (early || (ended && !expected)) this.#died(run, exit, early);
    else if (ended) complaints.reason = exitWords(exit);
  }

  #died(run: Run, exit: Exit, early: boolean): void {
    const { instance, complaints, life } = this.#options;
    const said = this.lastWords();
    const isAwaited = early && life.policy.proof;
    // While it is waited for, a child that is gone is one that cannot be connected to (RP-30).
    const isUnheard = isAwaited && run.host === undefined && run.spec.handshake !== 'none';
    const errors = early && exit.code !== 0 && said?.stream === 'stderr' ? said.lines : [];
    const haste = isAwaited ? ' before it was ready' : ' too quickly';
    const ending =
      exitWords(exit) + (early ? haste + becauseOf(lastError(errors, run.spec.cwd), run.spec.env) : '');
    complaints.reason = ending;
    const gone = isUnheard ? cannotConnect.bind(undefined, 'localhost') : unexpectedlyQuit;
    const sentence = run.sentence ?? (run.port === undefined ? undefined : gone(run.port));
    complaints.raise(
      'instance-died',
      { instance, ending, words: said?.stream, unheard: isUnheard && exit.code === 0 },
      'command',
      sentence === undefined ? {} : { sentence },
    );
  }

  /** What fails is told as a fault of ours. */
  #survive(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#options.complaints.raise('internal', { reason: reasonOf(error) }, 'command');
    }
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

/** Does all of it, whether or not one of them fails, and then throws what the first one threw. */
function inTurn(...acts: readonly (() => void)[]): void {
  const errors: unknown[] = [];
  for (const act of acts) {
    try {
      act();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
