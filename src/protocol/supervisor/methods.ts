/**
 * Supervisor's XML-RPC interface over the one door (spec 6.13).
 *
 * Everything goes through `RuntimeApi`, so a tool for Supervisor can do what any other face can, and no more. How calls
 * arrive is not known here.
 */

import type { Disposable } from '../../base/disposable.ts';
import type { LogRequest, RuntimeApi } from '../api.ts';
import { Arguments } from './arguments.ts';
import { RpcFault } from './faults.ts';
import { isBegun, LogCalls, whoseOf } from './logs.ts';
import { namespecOf, parseNamespec } from './namespec.ts';
import { alphabetically, faultOf, Orders, resultOf } from './orders.ts';
import { Present } from './present.ts';
import { configInfo, processInfo } from './process-info.ts';
import { helpOf, type MethodName, type Signature, signatures } from './signatures.ts';
import { isStopped } from './states.ts';
import { type Call, isStruct, type Struct, type Value } from './values.ts';

export interface MethodsOptions {
  readonly api: RuntimeApi;
  /** Numbers of this system's signals, by full name. */
  readonly signals: Readonly<Record<string, number>>;
  /** The present, in milliseconds since the epoch. */
  now(): number;
  /** Resolves once all that starts by itself has been told to; without it, it has been. */
  begun?(): Promise<void>;
  /** A restart or shutdown that was promised to a caller could not be carried out. */
  failed(reason: string): void;
}

/** The version of the interface that `supervisorctl` insists on. */
const apiVersion = '3.0';
/** The release of Supervisor whose interface this is; tools compare it with what they need. */
const supervisorVersion = '4.3.0';

/** Supervisor's own states (spec 6.1). */
const moods = { RUNNING: 1, RESTARTING: 0, SHUTDOWN: -1 } as const;

/** A log that grows while somebody reads it. */
export interface FollowedLog {
  readonly whose: Pick<LogRequest, 'instance' | 'stream'>;
  /** It is a log even while there is no file of it. */
  readonly begun: boolean;
}

type Implementation = (given: Arguments) => Value | Promise<Value>;

export class Methods implements Disposable {
  readonly #options: MethodsOptions;
  readonly #present: Present;
  readonly #orders: Orders;
  readonly #logs: LogCalls;
  #mood: keyof typeof moods = 'RUNNING';
  #begun: Promise<void> | undefined;

  constructor(options: MethodsOptions) {
    this.#options = options;
    this.#present = new Present(options.api);
    this.#orders = new Orders(options.api, this.#present, options.signals);
    this.#logs = new LogCalls(options.api, this.#present);
  }

  dispose(): void {
    this.#present.dispose();
  }

  /** Somebody else has begun to stop everything. */
  stopping(): void {
    this.#mood = 'SHUTDOWN';
  }

  /** As `supervisor.restart` does, but done when it is over. Nothing while everything is being stopped. */
  async restart(): Promise<void> {
    if (this.#mood !== 'RUNNING') return;
    this.#mood = 'RESTARTING';
    await this.#carryOut(() => this.#restart());
  }

  /** What a call comes to; rejects with a fault. */
  async call({ method, parameters }: Call): Promise<Value> {
    if (!isMethod(method)) throw new RpcFault('UNKNOWN_METHOD');
    const signature: Signature = signatures[method];
    const needed = signature.parameters.filter((each) => each.optional !== true).length;
    if (parameters.length < needed || parameters.length > signature.parameters.length)
      throw new RpcFault('INCORRECT_PARAMETERS');
    // What `system` tells needs no running supervisor (SV-82).
    if (method.startsWith('supervisor.')) {
      if (this.#mood === 'RUNNING') await this.begun();
      if (this.#mood !== 'RUNNING') throw new RpcFault('SHUTDOWN_STATE');
    }
    return this.#methods[method](new Arguments(parameters));
  }

  /**
   * Resolves once all that starts by itself has been spawned. `supervisord` can be found before, too, and begins with
   * that when the first one calls, so nobody ever hears that nothing has been started yet.
   */
  begun(): Promise<void> {
    this.#begun ??= this.#begin();
    return this.#begun;
  }

  async #begin(): Promise<void> {
    await this.#options.begun?.();
    await this.#present.spawned();
  }

  /** The log that a follower means by a full name and a channel; undefined when there is none. */
  logOf(name: string, channel: string): FollowedLog | undefined {
    if (channel !== 'stdout' && channel !== 'stderr') return undefined;
    const { group, process } = parseNamespec(name);
    const instance = this.#present.inGroup(group).find((each) => each.process === process);
    const whose = instance === undefined ? undefined : whoseOf(instance, channel);
    return instance === undefined || whose === undefined ? undefined : { whose, begun: isBegun(instance) };
  }

  readonly #methods: Readonly<Record<MethodName, Implementation>> = {
    'supervisor.getAPIVersion': () => apiVersion,
    'supervisor.getVersion': () => apiVersion,
    'supervisor.getSupervisorVersion': () => supervisorVersion,
    'supervisor.getIdentification': () => this.#present.snapshot?.supervisor?.identifier ?? 'supervisor',
    'supervisor.getState': () => ({ statecode: moods[this.#mood], statename: this.#mood }),
    'supervisor.getPID': () => this.#present.snapshot?.supervisor?.pid ?? 0,

    'supervisor.shutdown': () => this.#turn('SHUTDOWN', () => this.#shutdown()),
    'supervisor.restart': () => this.#turn('RESTARTING', () => this.#restart()),
    'supervisor.reloadConfig': () => this.#compare(),
    'supervisor.addProcessGroup': (given) => this.#add(given.text(0)),
    'supervisor.removeProcessGroup': (given) => this.#remove(given.text(0)),

    'supervisor.startProcess': (given) => this.#orders.start(given.text(0), given.flag(1)),
    'supervisor.startProcessGroup': (given) =>
      this.#orders.startSeveral(this.#present.group(given.text(0)), given.flag(1)),
    'supervisor.startAllProcesses': (given) =>
      this.#orders.startSeveral(this.#present.instances, given.flag(0)),
    'supervisor.stopProcess': (given) => this.#orders.stop(given.text(0), given.flag(1)),
    'supervisor.stopProcessGroup': (given) =>
      this.#orders.stopSeveral(this.#present.group(given.text(0)), given.flag(1)),
    'supervisor.stopAllProcesses': (given) =>
      this.#orders.stopSeveral(this.#present.instances, given.flag(0)),
    'supervisor.signalProcess': (given) => this.#orders.signal(given.text(0), given.word(1)),
    'supervisor.signalProcessGroup': (given) =>
      this.#orders.signalSeveral(this.#present.group(given.text(0)), given.word(1)),
    'supervisor.signalAllProcesses': (given) =>
      this.#orders.signalSeveral(this.#present.instances, given.word(0)),

    'supervisor.getAllConfigInfo': () => this.#configs(),
    'supervisor.getProcessInfo': (given) =>
      processInfo(this.#present.one(given.text(0)), this.#options.now()),
    'supervisor.getAllProcessInfo': () => this.#processes(),

    'supervisor.readLog': (given) => this.#logs.readMain(given.whole(0), given.whole(1)),
    'supervisor.readMainLog': (given) => this.#logs.readMain(given.whole(0), given.whole(1)),
    'supervisor.clearLog': () => this.#logs.clearMain(),
    'supervisor.readProcessStdoutLog': (given) => this.#read('stdout', given),
    'supervisor.readProcessLog': (given) => this.#read('stdout', given),
    'supervisor.readProcessStderrLog': (given) => this.#read('stderr', given),
    'supervisor.tailProcessStdoutLog': (given) => this.#tail('stdout', given),
    'supervisor.tailProcessLog': (given) => this.#tail('stdout', given),
    'supervisor.tailProcessStderrLog': (given) => this.#tail('stderr', given),
    'supervisor.clearProcessLogs': (given) => this.#logs.clearProcess(given.text(0)),
    'supervisor.clearProcessLog': (given) => this.#logs.clearProcess(given.text(0)),
    'supervisor.clearAllProcessLogs': () => this.#clearAll(),

    'supervisor.sendProcessStdin': (given) => this.#write(given.text(0), given.text(1)),
    'supervisor.sendRemoteCommEvent': async (given) => {
      await this.#options.api.sendEvent(given.text(0), given.text(1));
      return true;
    },

    'system.listMethods': () => Object.keys(signatures).toSorted(),
    'system.methodHelp': (given) => helpOf(known(given.text(0))),
    'system.methodSignature': (given) => {
      const { returns, parameters } = known(given.text(0));
      return [returns, ...parameters.map(({ type }) => type)];
    },
    'system.multicall': (given) => this.#multicall(given.list(0)),
  };

  // ------------------------------------------------------------------------------------------- the whole

  /** Answers at once; the caller learns that it is done from nobody answering any more, or from the state. */
  #turn(mood: 'RESTARTING' | 'SHUTDOWN', carryOut: () => Promise<void>): true {
    this.#mood = mood;
    void this.#carryOut(carryOut);
    return true;
  }

  /** Never rejects. */
  async #carryOut(order: () => Promise<void>): Promise<void> {
    try {
      await order();
    } catch (error) {
      if (this.#mood === 'RESTARTING') this.#mood = 'RUNNING';
      this.#options.failed(error instanceof Error ? error.message : String(error));
    }
  }

  async #shutdown(): Promise<void> {
    await this.#options.api.shutdown(patientMs);
  }

  async #restart(): Promise<void> {
    const { api } = this.#options;
    await api.stop({ kind: 'all' });
    await api.reload();
    await api.start({ kind: 'all' });
    await this.#present.spawned();
    // A shutdown that came meanwhile stays one.
    if (this.#mood === 'RESTARTING') this.#mood = 'RUNNING';
  }

  async #compare(): Promise<Value> {
    try {
      const { added, changed, removed } = await this.#options.api.compare();
      return [[added, changed, removed]];
    } catch (error) {
      throw new RpcFault('CANT_REREAD', error instanceof Error ? error.message : String(error));
    }
  }

  async #add(group: string): Promise<true> {
    const configured = await this.#options.api.configured();
    if (!configured.some((each) => each.group === group)) throw new RpcFault('BAD_NAME', group);
    if (this.#present.inGroup(group).length > 0) throw new RpcFault('ALREADY_ADDED', group);
    await this.#options.api.addGroup(group);
    // Whoever asks next finds it started, as after supervisord's next round.
    await this.#present.spawned(this.#present.inGroup(group));
    return true;
  }

  async #remove(group: string): Promise<true> {
    if (!this.#present.group(group).every(({ state }) => isStopped(state)))
      throw new RpcFault('STILL_RUNNING', group);
    try {
      await this.#options.api.removeGroup(group);
    } catch {
      // Something has been started meanwhile.
      throw new RpcFault('STILL_RUNNING', group);
    }
    return true;
  }

  // ------------------------------------------------------------------------------------------- processes

  #processes(): readonly Struct[] {
    const now = this.#options.now();
    return this.#present.instances
      .toSorted((a, b) => alphabetically(a.group, b.group) || alphabetically(a.process, b.process))
      .map((instance) => processInfo(instance, now));
  }

  async #configs(): Promise<readonly Struct[]> {
    const configured = await this.#options.api.configured();
    return configured
      .flatMap((each) =>
        configInfo(
          each,
          (process) => this.#present.inGroup(each.group).find((instance) => instance.process === process),
          this.#options.signals,
        ),
      )
      .toSorted((a, b) => alphabetically(a.name, b.name));
  }

  #read(channel: 'stdout' | 'stderr', given: Arguments): Promise<string> {
    return this.#logs.readProcess(given.text(0), channel, given.whole(1), given.whole(2));
  }

  #tail(channel: 'stdout' | 'stderr', given: Arguments): Promise<Value> {
    return this.#logs.tailProcess(given.text(0), channel, given.whole(1), given.whole(2));
  }

  async #clearAll(): Promise<readonly Struct[]> {
    const results: Struct[] = [];
    for (const instance of await this.#orders.inOrder(this.#present.instances)) {
      try {
        await this.#logs.clear(instance, namespecOf(instance.group, instance.process));
        results.push(resultOf(instance));
      } catch (error) {
        results.push(resultOf(instance, error));
      }
    }
    return results;
  }

  async #write(name: string, text: string): Promise<true> {
    const instance = this.#present.one(name);
    if (instance.pid === undefined || instance.state === 'STOPPING') throw new RpcFault('NOT_RUNNING', name);
    try {
      await this.#options.api.sendInput(instance.name, text);
    } catch {
      // It has no stdin, or has closed it; Supervisor's word for both is that there is no file.
      throw new RpcFault('NO_FILE', name);
    }
    return true;
  }

  // ---------------------------------------------------------------------------------------------- several

  /** A result is the bare value, not an array of one: so Supervisor answers, and so its tools read it. */
  async #multicall(calls: readonly Value[]): Promise<readonly Value[]> {
    const results: Value[] = [];
    for (const call of calls) {
      try {
        results.push(await this.call(callOf(call)));
      } catch (error) {
        const fault = faultOf(error);
        results.push({ faultCode: fault.code, faultString: fault.message });
      }
    }
    return results;
  }
}

/** As long as every process asks for to stop, and no longer than a timer can count. */
const patientMs = 2_000_000_000;

function isMethod(name: string): name is MethodName {
  return Object.hasOwn(signatures, name);
}

function known(name: string): Signature {
  if (!isMethod(name)) throw new RpcFault('SIGNATURE_UNSUPPORTED');
  return signatures[name];
}

function callOf(value: Value): Call {
  const { methodName, params = [] } = isStruct(value) ? value : {};
  if (typeof methodName !== 'string') throw new RpcFault('INCORRECT_PARAMETERS', 'No methodName');
  if (methodName === 'system.multicall')
    throw new RpcFault('INCORRECT_PARAMETERS', 'Recursive system.multicall forbidden');
  if (!Array.isArray(params)) throw new RpcFault('INCORRECT_PARAMETERS');
  return { method: methodName, parameters: params as readonly Value[] };
}
