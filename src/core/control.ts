/**
 * Orders that change no state: signals, input, logs, events (spec 6.13).
 *
 * One for several instances gives one outcome for each that it concerns, and goes on after a failure (SV-85).
 */

import { signal as signalName } from '../config/formats/supervisord/types.ts';
import { fault, FaultError } from '../faults/make.ts';
import type { Instance } from './instance.ts';
import type { LogFiles } from './log/files.ts';
import { characterLength, wholeLength } from './log/whole-characters.ts';
import type { LogPiece, Outcome, Target } from './model.ts';
import type { Outside, Stream } from './outside.ts';
import { filesOf } from './process/logs.ts';
import type { Roster } from './roster.ts';

export interface ControlOptions {
  readonly outside: Outside;
  readonly roster: Roster;
  readonly logs: LogFiles;
  /** Throws while everything is being stopped. */
  readonly refuseWhenOver: () => void;
}

/** A part of an instance's log, or of the main log. */
export interface LogPart {
  readonly instance?: string;
  readonly stream?: Stream;
  readonly offset: number;
  readonly length: number;
}

/** No single message carries more of a log. */
const pieceBytes = 1024 ** 2;

export class Control {
  readonly #options: ControlOptions;

  constructor(options: ControlOptions) {
    this.#options = options;
  }

  async signal(target: Target, name: string): Promise<readonly Outcome[]> {
    this.#options.refuseWhenOver();
    const found = this.#options.roster.find(target);
    const signal = signalOf(name);
    if (signal === undefined) throw new FaultError(fault('bad-signal', { name }));
    // Of several only those that can be signalled are meant; one by its name is told when it cannot.
    const meant = target.kind === 'instance' ? found : found.filter((instance) => isSignallable(instance));
    return meant.map((instance) => {
      if (!isSignallable(instance)) return failed(instance, 'not-running', { instance: instance.name });
      const reason = instance.signal(signal);
      return reason === undefined
        ? { instance: instance.name }
        : failed(instance, 'order-failed', { instance: instance.name, reason });
    });
  }

  async sendInput(name: string, text: string): Promise<void> {
    const { roster, refuseWhenOver } = this.#options;
    refuseWhenOver();
    const instance = roster.instance(name);
    // A process that is being stopped takes no input any more (SV-89).
    if (instance.pid === undefined || instance.stateName === 'STOPPING')
      throw new FaultError(fault('not-running', { instance: name }));
    const written = instance.write(new TextEncoder().encode(text));
    if (written !== 'written') throw new FaultError(fault('no-input', { instance: name, outcome: written }));
  }

  async examine(name: string): Promise<{ readonly cause?: string; readonly reason: string } | undefined> {
    const failure = await this.#options.roster.instance(name).examine();
    if (failure === undefined) return undefined;
    const { cause, reason } = failure;
    return { ...(cause === undefined ? {} : { cause }), reason };
  }

  async readLog({ instance, stream, offset, length }: LogPart): Promise<LogPiece | undefined> {
    const path = instance === undefined ? this.#options.logs.main().path : this.#logOf(instance, stream);
    if (length < 0 || (offset < 0 && length !== 0) || !Number.isInteger(offset) || !Number.isInteger(length))
      throw new FaultError(fault('bad-range', { offset, length }));
    if (path === undefined) throw new FaultError(fault('no-log', { what: instance ?? 'The main log' }));
    try {
      const start = offset < 0 ? await this.#fromEnd(path, -offset) : offset;
      const wanted = offset < 0 ? -offset : length === 0 ? pieceBytes : length;
      const read = await this.#readWhole(path, start, Math.min(wanted, pieceBytes));
      if (read === undefined) return undefined;
      const { bytes, size } = read;
      // A mark of byte order is a part of the text, wherever a piece of it begins.
      const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
      return { text, from: start, to: start + bytes.length, size };
    } catch (error) {
      throw new FaultError(fault('log-unreadable', { file: path, reason: reasonOf(error) }));
    }
  }

  /**
   * Up to the last whole character: the rest of one may be written yet, or comes with the next piece. One that is
   * longer than what was asked for comes as a whole.
   */
  async #readWhole(
    path: string,
    start: number,
    length: number,
  ): Promise<{ readonly bytes: Uint8Array; readonly size: number } | undefined> {
    const { logs } = this.#options.outside;
    const read = await logs.read(path, start, length);
    if (read === undefined) return undefined;
    const { bytes, size } = read;
    const whole = wholeLength(bytes);
    const [first] = bytes;
    if (whole > 0 || first === undefined || start + bytes.length >= size)
      return { bytes: bytes.subarray(0, whole), size };
    const longer = await logs.read(path, start, characterLength(first));
    return longer && { bytes: longer.bytes.subarray(0, wholeLength(longer.bytes)), size: longer.size };
  }

  async #fromEnd(path: string, bytes: number): Promise<number> {
    const read = await this.#options.outside.logs.read(path, 0, 0);
    return Math.max(0, (read?.size ?? 0) - bytes);
  }

  #logOf(name: string, stream: Stream = 'stdout'): string | undefined {
    const instance = this.#options.roster.instance(name);
    const { logFile, errorLogFile } = filesOf(this.#options.logs.of(name, instance.spec));
    const isOne = instance.spec.program === undefined;
    return stream === 'stdout' || isOne ? logFile : errorLogFile;
  }

  async clearLogs(target: Target | 'main'): Promise<readonly Outcome[]> {
    const { roster, logs, outside } = this.#options;
    if (target === 'main') {
      const { path } = logs.main();
      await outside.logs.clear(path).catch((error: unknown) => {
        throw new FaultError(fault('log-unreadable', { file: path, reason: reasonOf(error) }));
      });
      return [];
    }
    const outcomes: Outcome[] = [];
    for (const instance of roster.find(target)) outcomes.push(await this.#clear(instance));
    return outcomes;
  }

  async #clear(instance: Instance): Promise<Outcome> {
    const { logFile, errorLogFile } = filesOf(this.#options.logs.of(instance.name, instance.spec));
    for (const file of [logFile, errorLogFile]) {
      if (file === undefined) continue;
      try {
        await this.#options.outside.logs.clear(file);
      } catch (error) {
        return failed(instance, 'log-unreadable', { file, reason: reasonOf(error) });
      }
    }
    return { instance: instance.name };
  }
}

function isSignallable({ stateName, pid }: Instance): boolean {
  return (
    pid !== undefined && (stateName === 'RUNNING' || stateName === 'STARTING' || stateName === 'STOPPING')
  );
}

function failed<C extends 'not-running' | 'order-failed' | 'log-unreadable'>(
  instance: Instance,
  code: C,
  params: Parameters<typeof fault<C>>[1],
): Outcome {
  const { message } = fault(code, params);
  return { instance: instance.name, fault: { code, message } };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A signal's name without `SIG`, from a name or a number; undefined when there is none such. */
function signalOf(written: string): string | undefined {
  try {
    return signalName(written);
  } catch {
    return undefined;
  }
}
