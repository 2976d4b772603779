/**
 * Programs that are asked something or that build something.
 *
 * They are children like any others: leaders of their own group, marked, and known to the guard, so that none outlives
 * us either.
 */

import type {
  Child,
  Exit,
  Output,
  ProgramAnswer,
  ProgramCall,
  ProgramRun,
  Programs,
  Said,
  SpawnFailure,
  Spawner,
  Stream,
} from '../core/outside.ts';
import { firstRunnable } from './find-program.ts';

const keptBytes = 256 * 1024;

export function createPrograms(spawner: Pick<Spawner, 'spawn'>): Programs {
  return {
    find: (names, folders) => Promise.resolve(firstRunnable(names, folders)),
    async ask({ timeoutMs, ...call }) {
      const run = begin(spawner, call);
      let late = false;
      const limit = setTimeout(() => {
        late = true;
        run.cancel();
      }, timeoutMs);
      const answer = await run.ended;
      clearTimeout(limit);
      return late || 'reason' in answer ? undefined : answer;
    },
    run: ({ said, ...call }) => begin(spawner, call, said),
  };
}

function begin(spawner: Pick<Spawner, 'spawn'>, { argv, cwd, env }: ProgramCall, said?: Said): ProgramRun {
  let child: Child | undefined;
  let cancelled = false;
  const follow = async (): Promise<ProgramAnswer | SpawnFailure> => {
    const born = await spawner.spawn({ argv, cwd, env });
    if (!('pid' in born)) return born;
    child = born;
    const kept = { stdout: new Kept(), stderr: new Kept() };
    born.output.onBytes((stream: Stream, bytes) => kept[stream].add(bytes));
    if (said !== undefined) tell(born.output, said);
    // It was called off while it was being born.
    if (cancelled) born.signal('KILL');
    const exit: Exit = await born.exited;
    // What it has left behind is no result of it. Only who called it off waits until nothing is left.
    const swept = born.sweep().catch((error: unknown) => error);
    if (cancelled) await swept;
    return { exit, stdout: kept.stdout.text, stderr: kept.stderr.text };
  };
  return {
    ended: follow().catch((error: unknown) => ({
      reason: error instanceof Error ? error.message : String(error),
      way: 'Try again; if it fails again, please report it.',
    })),
    cancel() {
      cancelled = true;
      child?.signal('KILL');
    },
  };
}

/** What it prints waits in its pipe while whoever is told cannot take it. */
function tell(output: Output, said: Said): void {
  let waiting = 0;
  output.onLines((lines) => {
    const room = said(lines);
    if (room === undefined) return;
    waiting += 1;
    if (waiting === 1) output.pause();
    void room.then(() => {
      waiting -= 1;
      if (waiting === 0) output.resume();
    });
  });
}

/** The end of a stream. */
class Kept {
  #pieces: Uint8Array[] = [];
  #length = 0;

  add(bytes: Uint8Array): void {
    this.#pieces.push(bytes.slice());
    this.#length += bytes.length;
    // Cut seldom, so that a flood is not copied over and over.
    if (this.#length > 2 * keptBytes) this.#cut();
  }

  get text(): string {
    if (this.#length > keptBytes) this.#cut();
    return Buffer.concat(this.#pieces).toString('utf8');
  }

  #cut(): void {
    const all = Buffer.concat(this.#pieces);
    this.#pieces = [all.subarray(-keptBytes)];
    this.#length = keptBytes;
  }
}
