/**
 * What Supervisor keeps of a process besides its state, and what it tells and logs of it (spec 6.2 to 6.5).
 *
 * Decides nothing: it is told what has happened, in the order in which it happened.
 */

import type { StateName } from '../model.ts';
import type { Child, Clock, Exit } from '../outside.ts';
import type { JournalLevel } from '../supervisor/journal.ts';
import type { Supervised, Supervision, TransitionNote } from '../supervisor/supervision.ts';
import { pidOf, type ProcessState, stateName } from './state.ts';
import type { SignalTarget } from './policy.ts';
import type { ProcessEvent } from './step.ts';
import { StopReports } from './stop-reports.ts';
import { badExitCode, exitedTooQuickly, lines } from './supervisor-words.ts';

interface RecordOptions {
  readonly instance: Supervised;
  readonly clock: Clock;
  readonly supervision: Supervision;
  /** Whether an exit is one of the expected ones. */
  isExpected(exit: Exit): boolean;
}

export class ProcessRecord {
  readonly #options: RecordOptions;
  readonly #reports: StopReports;
  #startedAt: number | undefined;
  #stoppedAt: number | undefined;
  #spawnError: string | undefined;
  #reporting = true;

  constructor(options: RecordOptions) {
    this.#options = options;
    this.#reports = new StopReports(options.clock, () => this.#say('info', lines.waiting(this.#name)));
  }

  /** For a view: times are in milliseconds since the epoch. */
  get facts(): {
    readonly startedAt?: number;
    readonly stoppedAt?: number;
    readonly spawnError?: string;
  } {
    return {
      ...(this.#startedAt === undefined ? {} : { startedAt: this.#startedAt }),
      ...(this.#stoppedAt === undefined ? {} : { stoppedAt: this.#stoppedAt }),
      ...(this.#spawnError === undefined ? {} : { spawnError: this.#spawnError }),
    };
  }

  /** A start has failed; to be told before its change of state. */
  spawnFailed(text: string): void {
    this.#spawnError = text;
    this.#say('info', lines.spawnError(text));
  }

  spawned(child: Child): void {
    this.#spawnError = undefined;
    this.#say('info', lines.spawned(this.#name, child.pid));
  }

  /** Its pid is known by now, so that what it prints can be told under it. */
  born(child: Child): void {
    this.#options.supervision.born(this.#options.instance, child);
  }

  /** The child is gone and its output drained; to be told before the exit's change of state (SV-37, SV-38). */
  gone(): void {
    this.#stoppedAt = this.#options.clock.wall();
    this.#options.supervision.gone(this.#options.instance);
  }

  entered(from: ProcessState, to: ProcessState, cause: ProcessEvent): void {
    if (to.kind === 'starting') {
      this.#startedAt = this.#options.clock.wall();
      this.#spawnError = undefined;
    }
    if (to.kind === 'backoff' && cause.kind === 'exited') this.#spawnError = exitedTooQuickly;
    if (to.kind === 'exited' && !to.expected) this.#spawnError = badExitCode(to.exit);
    const { instance, supervision } = this.#options;
    supervision.moved(instance, stateName(from), stateName(to), this.#note(from, to));
    this.#log(from, to, cause);
    if (to.kind !== 'stopping') this.#reports.end();
  }

  /** All that a change of state asked for has been done, such as the signal of a stop. */
  settled(): void {
    if (this.#reporting && this.#options.instance.stateName === 'STOPPING') this.#reports.begin();
  }

  /** A signal that is to end the process is about to be sent. */
  killing(signal: string, to: SignalTarget, isLast: boolean): void {
    const pid = this.#pid;
    if (isLast) this.#say('warn', lines.killingAtLast(this.#name, pid));
    this.#say('debug', lines.killing(this.#name, pid, signal, to));
  }

  killFailed(reason: string): void {
    this.#say('critical', lines.killFailed(this.#name, this.#pid, reason));
  }

  /** There was nobody to signal any more; the exit is on its way (SV-33). */
  justExited(): void {
    this.#say('debug', lines.justExited(this.#name, this.#pid));
  }

  /** A start or a stop was ordered in a state in which it means nothing. Gives what Supervisor says to that. */
  pointless(order: 'start' | 'stop', state: StateName, signal: string): void {
    if (order === 'start') this.#say('warn', lines.alreadyRunning(this.#name));
    else if (state === 'BACKOFF') this.#say('debug', lines.stoppedInBackoff(this.#name));
    else this.#say('debug', lines.notToBeKilled(this.#name, signal));
  }

  /** Everything is being stopped, and whoever does that says whom it waits for. */
  reportNoStops(): void {
    this.#reporting = false;
    this.#reports.end();
  }

  say(level: JournalLevel, text: string): void {
    this.#say(level, text);
  }

  #note(from: ProcessState, to: ProcessState): TransitionNote {
    // Whoever ended is gone by now, and the event tells who it was.
    const pid = pidOf(to) ?? (to.kind === 'exited' || to.kind === 'stopped' ? pidOf(from) : undefined);
    const attempt = to.kind === 'starting' || to.kind === 'backoff' ? to.attempt : undefined;
    return {
      ...(pid === undefined ? {} : { pid }),
      ...(attempt === undefined ? {} : { attempt }),
      ...(to.kind === 'exited' ? { expected: to.expected } : {}),
    };
  }

  #log(from: ProcessState, to: ProcessState, cause: ProcessEvent): void {
    const name = this.#name;
    const exit = cause.kind === 'exited' ? cause.exit : undefined;
    if (to.kind === 'running' && exit === undefined) {
      this.#say('info', lines.succeeded(name, this.#options.instance.spec.startMs));
    } else if (to.kind === 'exited') {
      this.#say(to.expected ? 'info' : 'warn', lines.exited(name, to.exit, to.expected));
    } else if (to.kind === 'backoff' && exit !== undefined) {
      this.#say('warn', lines.exited(name, exit, false));
    } else if (from.kind === 'stopping' && exit !== undefined) {
      this.#say(this.#options.isExpected(exit) ? 'info' : 'warn', lines.stopped(name, exit));
    } else if (from.kind === 'backoff' && to.kind === 'fatal' && from.dying === undefined) {
      // A group that is stopped gives up as well, and of that Supervisor says nothing.
      // Nor was anything tried again where trying would not have helped.
      if (cause.kind !== 'giveUp' && cause.kind !== 'unfit') this.#say('info', lines.gaveUp(name));
    }
  }

  get #pid(): number {
    return this.#options.instance.pid ?? 0;
  }

  get #name(): string {
    return this.#options.instance.process;
  }

  #say(level: JournalLevel, text: string): void {
    this.#options.supervision.say(level, text);
  }
}
