/**
 * Starts children: each the leader of a session and a process group of its own, and marked in its environment,
 * so that it and all it starts can be found again.
 *
 * `node:child_process` is used directly: a supervised child wants neither execa's promises nor its buffers, and
 * a spawn takes 1.7 to 1.9 ms of the loop instead of 2.0 to 2.7 when many start at once.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { setImmediate as turn } from 'node:timers/promises';
import type { Child, LogPlan, SpawnFailure, Spawner, SpawnPlan, Stream } from '../core/outside.ts';
import { makePipes, type Pipes } from './child-pipes.ts';
import { couldNotExecute, type Launch, launchOf } from './child-side.ts';
import { ChildStdin } from './child-stdin.ts';
import { RealChild } from './child.ts';
import { codeOf } from './error-words.ts';
import { createFifoPool } from './fifo-pool.ts';
import { createGuard, type Guard } from './guard.ts';
import { signalGroup, signalProcess } from './kill.ts';
import type { LogHandle } from './log-file.ts';
import { LogFiles } from './log-files.ts';
import { ChildOutput } from './output.ts';
import { childMark, hostMark, type ProcessTable } from './process-table.ts';
import { createProcessTable } from './processes.ts';
import { descriptorOf } from './shared-sockets.ts';
import { examineCommand, explainSpawnFailure } from './spawn-failure.ts';
import { sweep } from './sweep.ts';

export interface SpawnerOptions {
  /** Tells the children of this host from everybody else's; long and random. */
  readonly mark: string;
  readonly table?: ProcessTable;
  /** Where children print to; without it they get FIFOs where that is tried, and what Node makes elsewhere. */
  readonly pipes?: 'fifo' | 'ordinary';
  /** A log file cannot be written; said once for each file, and output goes on without it. */
  onLogFailure?(path: string, reason: string): void;
}

export interface RealSpawner extends Spawner {
  /** The files its children write to. */
  readonly logs: LogFiles;
  /** Kills every child and all they left behind, writes out the logs, and lets the guard go. */
  close(): Promise<void>;
}

export function createSpawner(options: SpawnerOptions): RealSpawner {
  const table = options.table ?? createProcessTable();
  const guard = createGuard({ mark: options.mark });
  const logs = new LogFiles((path, reason) => options.onLogFailure?.(path, reason));
  const fifos = (options.pipes ?? defaultPipes()) === 'fifo' ? createFifoPool() : undefined;
  const children = new Map<number, RealChild>();
  const household: Household = { table, guard, logs, children };
  let count = 0;
  let queued = 0;
  let queue: Promise<unknown> = Promise.resolve();
  let closed = false;

  // The last chance: `exit` handlers may only do what needs no waiting. The guard sees to the rest.
  const killNow = (): void => {
    // Families are looked for before the first blow, since orphans have lost their tree.
    const families = [...children.keys()].flatMap((pid) => table.familyNow(pid));
    for (const pid of children.keys()) signalGroup(pid, 'SIGKILL');
    for (const pid of families) signalProcess(pid, 'SIGKILL');
  };
  process.on('exit', killNow);

  const start = async (plan: SpawnPlan): Promise<Child | SpawnFailure> => {
    if (closed) return { reason: 'the runtime host is closing', way: 'Start it again afterwards.' };
    guard.start();
    count += 1;
    const mark = `${options.mark}.${count}`;
    const marks = { [hostMark]: options.mark, [childMark]: mark };
    let pipes: Pipes;
    try {
      const socket = plan.socket === undefined ? undefined : descriptorOf(plan.socket);
      pipes = await makePipes(plan, fifos, socket);
    } catch (error) {
      return { ...explainSpawnFailure(error, plan), stage: 'pipes' };
    }
    // Whatever stands in the way, looking at the command included, the pipes are given back.
    const started = await begin(plan, { ...plan.env, ...marks }, pipes).catch(errorOf);
    if (!(started instanceof Error)) return adopt(started, pipes, plan, mark, household);
    pipes.dispose();
    return explainSpawnFailure(started, plan);
  };

  return {
    logs,
    examine: (command) => Promise.resolve(examineCommand(command)),
    spawn(plan) {
      // One after the other, with a turn of the loop between two, so that fifty starts at once do not hold up
      // the requests that pass through the same thread. The first waits for nothing.
      queued += 1;
      const result = queue.then(() => {
        queued -= 1;
        fifos?.expect(2 * queued);
        return start(plan);
      });
      queue = result.then(
        () => turn(),
        () => turn(),
      );
      return result;
    },
    async close() {
      closed = true;
      await queue;
      const exits = [...children.values()].map((child) => child.exited);
      const left = await sweep(table, { leaders: [...children.keys()], mark: options.mark });
      // One that cannot be killed is left to the system; waiting for it would hold up the window.
      if (left.length === 0) await Promise.all(exits);
      await Promise.all([logs.close(), fifos?.close()]);
      process.off('exit', killNow);
      guard.dispose();
    },
  };
}

/** Elsewhere FIFOs were not tried. */
function defaultPipes(): 'fifo' | 'ordinary' {
  return process.platform === 'linux' ? 'fifo' : 'ordinary';
}

interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
}

interface Household {
  readonly table: ProcessTable;
  readonly guard: Guard;
  readonly logs: LogFiles;
  readonly children: Map<number, RealChild>;
}

type Environment = Readonly<Record<string, string>>;

/** Spawns, and waits for the system to say whether the program could be run. */
async function begin(plan: SpawnPlan, env: Environment, pipes: Pipes): Promise<Started | Error> {
  const started = await attempt(await launchOf(plan, pipes.joinsItself), env, pipes);
  if (!(started instanceof Error) || plan.asSupervisor !== true) return started;
  const errno = codeOf(started) ?? '';
  if (parentsErrors.has(errno) || examineCommand(plan) !== undefined) return started;
  return attempt(couldNotExecute(plan, errno), env, pipes);
}

/** What keeps us from having a child, and not the child from running its program. */
const parentsErrors = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM']);

function attempt(launch: Launch, env: Environment, pipes: Pipes): Promise<Started | Error> {
  const { promise, resolve } = Promise.withResolvers<Started | Error>();
  try {
    const [program, ...args] = launch.argv;
    const child = spawn(program, args, {
      cwd: launch.cwd,
      env,
      stdio: pipes.stdio,
      // A session of its own: no signal of a terminal reaches it, and its group can be signalled as a whole.
      // On Windows it would get a console window instead.
      detached: process.platform !== 'win32',
      windowsHide: true,
      ...launch.user,
    });
    // Later errors are failed signals, which we send ourselves and elsewhere.
    child.on('error', resolve);
    if (child.pid !== undefined) resolve({ child, pid: child.pid });
  } catch (error) {
    resolve(errorOf(error));
  }
  return promise;
}

function errorOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function adopt(
  { child, pid }: Started,
  pipes: Pipes,
  plan: SpawnPlan,
  mark: string,
  household: Household,
): RealChild {
  const { table, guard, logs, children } = household;
  const ends = pipes.join(child);
  guard.add(pid);
  const output = new ChildOutput({
    stdout: ends.stdout,
    stderr: ends.stderr,
    logs: handlesOf(plan, logs),
    ...(plan.stripAnsi === undefined ? {} : { stripAnsi: plan.stripAnsi }),
    ...(plan.capture === undefined ? {} : { capture: plan.capture }),
  });
  const onEmpty = (): void => {
    children.delete(pid);
    guard.remove(pid);
  };
  const stdin = new ChildStdin(ends.stdin, plan.openStdin === true, plan.stdin);
  const real = new RealChild({ process: child, pid, output, stdin, mark, table, onEmpty });
  children.set(pid, real);
  return real;
}

/** A file for each stream, or one that both share. */
function handlesOf(plan: SpawnPlan, logs: LogFiles): Readonly<Partial<Record<Stream, LogHandle>>> {
  if (plan.logs === undefined) {
    const both = plan.log === undefined ? undefined : logs.open(plan.log);
    return both === undefined ? {} : { stdout: both, stderr: both };
  }
  // Whoever follows the file of a program that says nothing yet finds it, as with Supervisor.
  const begun = (log: LogPlan | undefined): LogHandle | undefined => {
    if (log === undefined) return undefined;
    const handle = logs.open(log);
    handle.begin();
    return handle;
  };
  const stdout = begun(plan.logs.stdout);
  const stderr = plan.redirectStderr === true ? undefined : begun(plan.logs.stderr);
  return { ...(stdout === undefined ? {} : { stdout }), ...(stderr === undefined ? {} : { stderr }) };
}
