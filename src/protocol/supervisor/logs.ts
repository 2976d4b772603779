/** Reading, tailing and clearing logs as Supervisor's interface has it (spec 6.13, SV-87 and SV-88). */

import type { InstanceView, LogRequest, Outcome, RuntimeApi } from '../api.ts';
import { RpcFault } from './faults.ts';
import type { Present } from './present.ts';
import type { Value } from './values.ts';

type Channel = 'stdout' | 'stderr';
/** Whose log: the main one without an instance. */
type Whose = Pick<LogRequest, 'instance' | 'stream'>;

export class LogCalls {
  readonly #api: RuntimeApi;
  readonly #present: Present;

  constructor(api: RuntimeApi, present: Present) {
    this.#api = api;
    this.#present = present;
  }

  readMain(offset: number, length: number): Promise<string> {
    return this.#read({}, this.#present.snapshot?.supervisor?.logFile, offset, length);
  }

  async readProcess(name: string, channel: Channel, offset: number, length: number): Promise<string> {
    const instance = this.#present.one(name);
    const whose = whoseOf(instance, channel);
    if (whose === undefined) throw new RpcFault('NO_FILE');
    return this.#read(whose, fileOf(instance, channel), offset, length, isBegun(instance));
  }

  /** The text, where the log ends, and whether more was there than was asked for. A log that is not there is empty. */
  async tailProcess(name: string, channel: Channel, offset: number, length: number): Promise<Value> {
    const whose = whoseOf(this.#present.one(name), channel);
    const size = whose === undefined ? undefined : await this.#sizeOf(whose);
    if (whose === undefined || size === undefined) return ['', 0, false];
    const overflow = size > offset + length;
    // The newest is wanted: both what overflows and what comes short end at the end, as in Supervisor.
    const beyond = !overflow && offset > size - 1;
    const wanted = beyond ? 0 : Math.max(0, length);
    const from = overflow || offset + length > size ? Math.max(0, size - wanted) : Math.max(0, offset);
    const text = wanted === 0 ? '' : await this.#textFrom(whose, from, wanted);
    return [text ?? '', size, overflow];
  }

  async clearMain(): Promise<true> {
    const fault = faultIn(await this.#api.clearLogs('main'));
    if (fault?.code === 'no-log') throw new RpcFault('NO_FILE');
    if (fault !== undefined) throw new RpcFault('FAILED');
    return true;
  }

  async clearProcess(name: string): Promise<true> {
    return this.clear(this.#present.one(name), name);
  }

  async clear(instance: InstanceView, name: string): Promise<true> {
    let fault: Outcome['fault'];
    try {
      fault = faultIn(await this.#api.clearLogs({ kind: 'instance', instance: instance.name }));
    } catch (error) {
      throw new RpcFault('FAILED', error instanceof Error ? error.message : name);
    }
    // Without a log there is nothing to clear, and that is no failure.
    if (fault !== undefined && fault.code !== 'no-log') throw new RpcFault('FAILED', name);
    return true;
  }

  async #read(
    whose: Whose,
    file: string | undefined,
    offset: number,
    length: number,
    isBegun = false,
  ): Promise<string> {
    if ((offset < 0 && length !== 0) || length < 0) throw new RpcFault('BAD_ARGUMENTS');
    const text = await this.#textFrom(whose, offset, length);
    if (text === undefined && !isBegun) throw new RpcFault('NO_FILE', file);
    return text ?? '';
  }

  async #sizeOf(whose: Whose): Promise<number | undefined> {
    return (await this.#piece({ ...whose, offset: 0, length: 1 }))?.size;
  }

  /** All of it, in as many pieces as that takes: one piece has a bound, a call has none. */
  async #textFrom(whose: Whose, offset: number, length: number): Promise<string | undefined> {
    const first = await this.#piece({ ...whose, offset, length });
    if (first === undefined) return undefined;
    const end = length === 0 ? first.size : Math.min(first.size, offset + length);
    let { text, to } = first;
    while (to < end) {
      const next = await this.#piece({ ...whose, offset: to, length: end - to });
      // It was cleared or rotated meanwhile.
      if (next === undefined || next.to <= to) break;
      text += next.text;
      ({ to } = next);
    }
    return text;
  }

  async #piece(request: LogRequest): ReturnType<RuntimeApi['readLog']> {
    try {
      return await this.#api.readLog({ ...request, length: Math.min(request.length, largest) });
    } catch {
      // Supervisor tells no reason either.
      throw new RpcFault('FAILED');
    }
  }
}

/** What the door gives at once, in bytes. */
const largest = 1024 ** 2;

/** Whose log a channel is; undefined where the process has none: stderr that goes into stdout. */
export function whoseOf(instance: InstanceView, channel: Channel): Required<Whose> | undefined {
  return fileOf(instance, channel) === undefined ? undefined : { instance: instance.name, stream: channel };
}

/** Supervisor makes a log file with the process, we with its first line: until then the log is there, and empty. */
export function isBegun(instance: InstanceView): boolean {
  return instance.startedAt !== undefined;
}

function fileOf(instance: InstanceView, channel: Channel): string | undefined {
  return channel === 'stdout' ? instance.logFile : instance.errorLogFile;
}

function faultIn(outcomes: readonly Outcome[]): Outcome['fault'] {
  return outcomes.find((outcome) => outcome.fault !== undefined)?.fault;
}
