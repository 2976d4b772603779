/** The pipes between a child and us: which ends it gets, and what we read and write. */

import { closeSync } from 'node:fs';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { SpawnPlan } from '../core/outside.ts';
import type { FifoPool } from './fifo-pool.ts';
import { type Intake, intakeOfFifo, intakeOfStream } from './intake.ts';

/** Our ends. */
export interface Ends {
  readonly stdin: Writable | undefined;
  readonly stdout: Intake;
  /** Absent: it is the same pipe as stdout. */
  readonly stderr: Intake | undefined;
}

/** Made before a spawn; either `join` or `dispose` is called afterwards, once. */
export interface Pipes {
  readonly stdio: StdioOptions;
  /** Whether what runs has to join its own stderr to its stdout, since two pipes were made. */
  readonly joinsItself: boolean;
  /** The child is there: its ends are closed on our side. */
  join(child: ChildProcess): Ends;
  /** There is no child: nothing is left of them (SV-8). */
  dispose(): void;
}

type Wanted = Pick<SpawnPlan, 'stdin' | 'openStdin' | 'redirectStderr'>;

/**
 * @param socket A listening socket to be the child's descriptor 0.
 * @throws Error (EMFILE) when there are no descriptors left.
 */
export async function makePipes(
  plan: Wanted,
  pool: FifoPool | undefined,
  socket: number | undefined,
): Promise<Pipes> {
  const opensStdin = plan.stdin !== undefined || plan.openStdin === true;
  const stdin = socket ?? (opensStdin ? 'pipe' : 'ignore');
  const redirects = plan.redirectStderr === true;
  const fifos = await pool?.take(redirects ? 1 : 2);
  const [out] = fifos ?? [];
  if (fifos === undefined || out === undefined) return ordinary(stdin, redirects);
  const error = redirects ? out : (fifos[1] ?? out);
  const closeWriters = (): void => {
    for (const { write } of fifos) closeSync(write);
  };
  return {
    stdio: [stdin, out.write, error.write],
    joinsItself: false,
    join({ stdin: writable }) {
      closeWriters();
      return {
        stdin: writable ?? undefined,
        stdout: intakeOfFifo(out.read),
        stderr: redirects ? undefined : intakeOfFifo(error.read),
      };
    },
    dispose() {
      closeWriters();
      for (const { read } of fifos) closeSync(read);
    },
  };
}

/** The pipes that Node makes, where there are no FIFOs. */
function ordinary(stdin: number | 'pipe' | 'ignore', redirects: boolean): Pipes {
  return {
    stdio: [stdin, 'pipe', 'pipe'],
    joinsItself: redirects,
    join({ stdin: writable, stdout, stderr }) {
      if (stdout === null || stderr === null) throw new Error('a child without pipes');
      return {
        stdin: writable ?? undefined,
        stdout: intakeOfStream(stdout),
        stderr: intakeOfStream(stderr),
      };
    },
    dispose() {
      // Node has closed what it made.
    },
  };
}
