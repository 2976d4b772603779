/**
 * One debug session of type `runtimes`: starts a service under its runtime's debugger, has a child session attached
 * to each of its processes, again after every restart, and leaves no process when it is stopped.
 *
 * It debugs nothing itself and knows no editor: child sessions are begun by whoever is told to.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import type { Event } from '../base/event.ts';
import type { InstanceView, RuntimeApi, RuntimeMessage, ServiceView, Snapshot } from '../protocol/api.ts';
import { applyMessage } from '../protocol/snapshot.ts';
import { type AttachConfiguration, attachConfiguration, attachKey } from './attach.ts';
import { type DebuggerUse, debuggerUses } from './debuggers.ts';
import { faultOutput, stateLine } from './narration.ts';
import { type Handler, Peer } from './peer.ts';
import { chooseTarget, type DebugTarget, isAtRest, meantBy, type TargetNames } from './target.ts';

/** The sessions of other debuggers below ours. */
export interface ChildSessions {
  /** Begins one; rejects with a reason in words when that cannot be done. */
  start(configuration: AttachConfiguration): Promise<ChildSession>;
}

export interface ChildSession {
  /** Lets go of its process, which then runs on. Never rejects; does nothing when the session has ended already. */
  end(): Promise<void>;
}

interface Attachment {
  readonly key: string;
  readonly child: Promise<ChildSession | undefined>;
}

type Phase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'on'; readonly target: DebugTarget; readonly stopsAtEnd: boolean }
  | { readonly kind: 'over' };

const capabilities: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsTerminateRequest: true,
  supportsRestartRequest: true,
  supportTerminateDebuggee: true,
};

export class RuntimesSession implements Disposable {
  readonly #api: RuntimeApi;
  readonly #peer: Peer;
  readonly #children: ChildSessions;
  readonly #uses: ReadonlyMap<string, DebuggerUse>;
  readonly #listening = new DisposableStore();
  readonly #attached = new Map<string, Attachment>();
  #snapshot: Snapshot | undefined;
  #phase: Phase = { kind: 'idle' };
  /** What was to be started has been ordered: an end seen before that is the end of an earlier life. */
  #ordered = false;
  /** Something of the target has been seen alive, so that "all at rest" means the end and not the beginning. */
  #seenAlive = false;
  /** The target is being stopped: the console still tells how it ends, but nothing is attached to any more. */
  #ending = false;

  readonly onDidSendMessage: Event<DebugProtocol.ProtocolMessage>;

  constructor(
    api: RuntimeApi,
    children?: ChildSessions,
    uses: ReadonlyMap<string, DebuggerUse> = debuggerUses,
  ) {
    this.#api = api;
    this.#uses = uses;
    this.#peer = new Peer(this.#handlers());
    this.#children = children ?? reverseRequests(this.#peer);
    this.onDidSendMessage = this.#peer.onDidSendMessage;
  }

  handleMessage(message: DebugProtocol.ProtocolMessage): void {
    this.#peer.handleMessage(message);
  }

  dispose(): void {
    this.#listening.dispose();
    this.#peer.dispose();
  }

  #handlers(): Readonly<Record<string, Handler>> {
    return {
      initialize: async () => capabilities,
      launch: (args) => this.#launch(fieldsOf(args)),
      attach: (args) => this.#attach(fieldsOf(args)),
      configurationDone: acknowledge,
      setExceptionBreakpoints: acknowledge,
      // The children bind them; an editor shows a breakpoint as bound when one of its sessions has.
      setBreakpoints: async (args) => unbound(fieldsOf(args)['breakpoints']),
      threads: async () => ({ threads: [] }),
      restart: () => this.#restart(),
      terminate: () => this.#terminate(),
      disconnect: (args) => this.#disconnect(fieldsOf(args)['terminateDebuggee']),
    };
  }

  // ------------------------------------------------------------------------------------------- beginnings

  async #launch(names: TargetNames): Promise<undefined> {
    const target = chooseTarget(names, await this.#listen(), this.#uses);
    this.#begin(target, true);
    try {
      await this.#api.start(target, { debug: true });
    } catch (error) {
      this.#phase = { kind: 'over' };
      throw error;
    }
    this.#ordered = true;
    this.#consider();
    return undefined;
  }

  async #attach(names: TargetNames): Promise<undefined> {
    const snapshot = await this.#listen();
    const target = chooseTarget(names, snapshot, this.#uses);
    const { service, instances } = meantBy(target, snapshot);
    const what = target.kind === 'instance' ? target.instance : service?.name;
    if (instances.every(isAtRest)) {
      throw new Error(`"${what}" is not running. Use "request": "launch" to start it under a debugger.`);
    }
    if (instances.every(({ inspector }) => inspector === undefined)) {
      throw new Error(
        `"${what}" is running without a debugger. Use "request": "launch", which starts it again under one.`,
      );
    }
    this.#begin(target, false);
    this.#ordered = true;
    this.#consider();
    return undefined;
  }

  #begin(target: DebugTarget, stopsAtEnd: boolean): void {
    this.#phase = { kind: 'on', target, stopsAtEnd };
    this.#peer.event('initialized');
  }

  /** The present, and from now on every change of it. */
  #listen(): Promise<Snapshot> {
    return new Promise((resolve) => {
      const subscription = this.#api.subscribe((message) => {
        this.#hear(message);
        if (message.kind === 'snapshot') resolve(message.snapshot);
      });
      this.#listening.add(subscription);
    });
  }

  // ---------------------------------------------------------------------------------------------- following

  #hear(message: RuntimeMessage): void {
    if (message.kind === 'snapshot') this.#snapshot = message.snapshot;
    if (this.#snapshot === undefined) return;
    this.#snapshot = applyMessage(this.#snapshot, message);
    if (message.kind === 'event') this.#narrate(message);
    else if (message.kind !== 'log') this.#consider();
  }

  #narrate({ event }: Extract<RuntimeMessage, { kind: 'event' }>): void {
    if (this.#phase.kind !== 'on') return;
    if (event.event !== 'state' && event.event !== 'fault') return;
    if (!this.#meant().some(({ name }) => name === event.instance)) return;
    if (event.event === 'fault') {
      this.#peer.event('output', faultOutput(event));
      return;
    }
    if (event.to === 'STARTING') this.#seenAlive = true;
    this.#say(stateLine(event));
  }

  /** Attaches to what is new, and ends when nothing is left that could be debugged. */
  #consider(): void {
    if (this.#phase.kind !== 'on' || this.#snapshot === undefined) return;
    const { service, instances } = meantBy(this.#phase.target, this.#snapshot);
    for (const instance of instances) this.#keepAttached(service, instance);
    if (!this.#ordered) return;
    if (instances.some((instance) => !isAtRest(instance))) this.#seenAlive = true;
    else if (this.#seenAlive || instances.length === 0) this.#finish();
  }

  #keepAttached(service: ServiceView | undefined, instance: InstanceView): void {
    const { name } = instance;
    const key = attachKey(service, instance, this.#uses);
    const before = this.#attached.get(name);
    if (before !== undefined && before.key !== key) {
      this.#attached.delete(name);
      // Its process is to end, or is done. Held at a breakpoint it could not hear the stop signal and would be killed
      // after `stopSeconds`. And when Node is done it waits for its debuggers to leave: one that came in that very
      // moment has not been told so, and would keep the process for ever.
      void letGo(before);
    }
    const configuration =
      service === undefined ? undefined : attachConfiguration(service, instance, this.#uses);
    if (configuration === undefined || this.#ending || before?.key === key) return;
    this.#attached.set(name, { key, child: this.#attachTo(name, configuration) });
  }

  async #attachTo(name: string, configuration: AttachConfiguration): Promise<ChildSession | undefined> {
    try {
      return await this.#children.start(configuration);
    } catch (error) {
      // Most often it died meanwhile, which is told in words of its own.
      if (this.#phase.kind === 'on') this.#say(`Could not attach to ${name}: ${wordsOf(error)}`);
      return undefined;
    }
  }

  async #letAllGo(): Promise<void> {
    await Promise.all([...this.#attached.values()].map(letGo));
  }

  #meant(): readonly InstanceView[] {
    if (this.#phase.kind !== 'on' || this.#snapshot === undefined) return [];
    return meantBy(this.#phase.target, this.#snapshot).instances;
  }

  // --------------------------------------------------------------------------------------------------- ends

  async #restart(): Promise<undefined> {
    if (this.#phase.kind !== 'on') return undefined;
    await this.#api.restart(this.#phase.target);
    return undefined;
  }

  async #terminate(): Promise<undefined> {
    if (this.#phase.kind === 'on') await this.#stop(this.#phase.target);
    this.#finish();
    return undefined;
  }

  async #disconnect(terminateDebuggee: unknown): Promise<undefined> {
    const phase = this.#phase;
    if (phase.kind === 'on') {
      const stops = typeof terminateDebuggee === 'boolean' ? terminateDebuggee : phase.stopsAtEnd;
      if (stops) await this.#stop(phase.target);
      else await this.#letAllGo();
    }
    this.#phase = { kind: 'over' };
    this.#listening.dispose();
    return undefined;
  }

  async #stop(target: DebugTarget): Promise<void> {
    this.#ending = true;
    try {
      await this.#api.stop(target);
    } catch (error) {
      this.#say(wordsOf(error), 'stderr');
    }
  }

  #finish(): void {
    if (this.#phase.kind === 'over') return;
    this.#phase = { kind: 'over' };
    this.#listening.dispose();
    this.#peer.event('terminated');
  }

  #say(text: string, category: 'console' | 'stderr' = 'console'): void {
    this.#peer.event('output', { category, output: `${text}\n` });
  }
}

async function letGo({ child }: Attachment): Promise<void> {
  await (await child)?.end();
}

/** Children as the protocol itself offers them, for an editor that gave us no way of its own. */
function reverseRequests(peer: Peer): ChildSessions {
  return {
    async start(configuration) {
      await peer.request('startDebugging', { configuration, request: configuration.request });
      // The protocol has no word for letting go; such a process is killed when its time to stop is over.
      return { end: async () => undefined };
    },
  };
}

const acknowledge: Handler = async () => undefined;

/** Arguments come from another program: nothing is taken for granted about them. */
function fieldsOf(args: unknown): Readonly<Record<string, unknown>> {
  return typeof args === 'object' && args !== null ? { ...args } : {};
}

function unbound(asked: unknown): object {
  const breakpoints: readonly unknown[] = Array.isArray(asked) ? asked : [];
  return { breakpoints: breakpoints.map(() => ({ verified: false })) };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
