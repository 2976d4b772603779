/** What is done to the child of an instance: it is signalled, killed, spoken to, and taken leave of. */

import type { Instance } from '../instance.ts';
import type { InputOutcome } from '../outside.ts';
import type { Complaints } from './complaints.ts';
import type { Lifecycle } from './lifecycle.ts';
import { partingOf } from './parting.ts';
import type { SignalTarget } from './policy.ts';
import type { ProcessRecord } from './record.ts';
import type { Starts } from './starts.ts';
import { isParting } from './state.ts';
import { lines, stdinRefusals } from './supervisor-words.ts';
import type { Surroundings } from './surroundings.ts';

export interface ChildControlOptions {
  readonly instance: Instance;
  readonly around: Surroundings;
  readonly life: Lifecycle;
  readonly record: ProcessRecord;
  readonly complaints: Complaints;
  readonly starts: Starts;
}

/** The states in which a person may signal a process (SV-35). */
const signallable = ['RUNNING', 'STARTING', 'STOPPING'] as const;

export class ChildControl {
  readonly #options: ChildControlOptions;

  constructor(options: ChildControlOptions) {
    this.#options = options;
  }

  /** Sends what is to end it. */
  end(signal: string, to: SignalTarget): void {
    const { starts, record, life } = this.#options;
    const { child } = starts.run;
    if (child === undefined) return;
    record.killing(signal, to, signal === 'KILL' && life.state.kind === 'stopping');
    try {
      // Nobody to signal: the exit is on its way (SV-33).
      if (!child.signal(signal, to)) record.justExited();
    } catch (error) {
      record.killFailed(reasonOf(error));
      this.#takesNoSignals(error);
    }
  }

  /** SIGKILL, now, to the whole group. */
  kill(): void {
    const { starts, record } = this.#options;
    const { run } = starts;
    run.killed = true;
    try {
      run.child?.signal('KILL');
    } catch (error) {
      // One that cannot be killed must not keep us from killing the others.
      record.killFailed(reasonOf(error));
    }
  }

  /** Sends a signal to its first process, without meaning to end it. Gives the reason when it cannot (SV-35). */
  signal(name: string): string | undefined {
    const { instance, starts, record } = this.#options;
    const { process, pid, stateName } = instance;
    const { child } = starts.run;
    if (child === undefined || pid === undefined) {
      const text = lines.notToBeSignalled(process, name);
      record.say('debug', text);
      return text;
    }
    record.say('debug', lines.signalling(process, pid, name));
    if (!signallable.some((state) => state === stateName))
      return lines.badState(process, stateName, [...signallable]);
    try {
      if (!child.signal(name, 'process')) record.justExited();
      return undefined;
    } catch (error) {
      const text = lines.signalFailed(process, pid, reasonOf(error));
      record.say('critical', text);
      this.#takesNoSignals(error);
      return text;
    }
  }

  /** Writes to the child's stdin; what stands against it is noted in Supervisor's words (SV-66). */
  write(bytes: Uint8Array): InputOutcome {
    const { instance, starts, record } = this.#options;
    // One that is being stopped takes no input any more (SV-89).
    const child =
      instance.pid === undefined || instance.state.kind === 'stopping' ? undefined : starts.run.child;
    const result = child?.write(bytes) ?? 'none';
    if (result !== 'written') record.say('debug', stdinRefusals[child === undefined ? 'gone' : result]);
    return result;
  }

  /** Requests first, then the signal: at once where there are none. */
  part(): void {
    const { instance, around, starts, life, record } = this.#options;
    const { run } = starts;
    const parting = partingOf({
      run,
      around,
      instance,
      isStillParting: () => starts.run === run && isParting(life.state),
      warn: (text) => record.say('warn', text),
    });
    if (parting === undefined) {
      life.dispatch({ kind: 'parted' });
      return;
    }
    void parting.then(() => {
      if (starts.run === run) life.dispatch({ kind: 'parted' });
    });
  }

  #takesNoSignals(error: unknown): void {
    const { complaints, life } = this.#options;
    complaints.reason = `cannot be signalled: ${reasonOf(error)}`;
    life.dispatch({ kind: 'signalFailed' });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
