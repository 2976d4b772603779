/** What the tests of debugging see of it: sessions, bound breakpoints, and debuggees that are held. */

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { until } from './editor.ts';

/** A debuggee that is held. */
export interface Stop {
  frame(): Promise<{ readonly name: string; readonly line: number }>;
  goOn(): Promise<void>;
}

interface Stopped {
  readonly session: vscode.DebugSession;
  readonly threadId: number;
}

/** Reads along what debuggers and editor say to each other. */
export class DebugWatch implements vscode.Disposable {
  readonly #sessions = new Set<vscode.DebugSession>();
  readonly #bound = new Set<string>();
  readonly #stopped: Stopped[] = [];
  readonly #seenStopped = new Set<string>();
  readonly #signs = new vscode.EventEmitter<void>();
  readonly #listening: readonly vscode.Disposable[];

  constructor() {
    this.#listening = [
      vscode.debug.onDidStartDebugSession((session) => {
        this.#sessions.add(session);
        this.#signs.fire();
      }),
      vscode.debug.onDidTerminateDebugSession((session) => {
        this.#sessions.delete(session);
        this.#signs.fire();
      }),
      vscode.debug.registerDebugAdapterTrackerFactory('*', {
        createDebugAdapterTracker: (session) => ({
          onDidSendMessage: (message: unknown) => this.#read(session, message),
        }),
      }),
    ];
  }

  /** The session of our own type. */
  get ours(): vscode.DebugSession | undefined {
    return [...this.#sessions].find(({ type }) => type === 'runtimes');
  }

  /** How many different processes have been held. */
  get stoppedProcesses(): number {
    return this.#seenStopped.size;
  }

  /** The breakpoint is bound in so many processes since the last `forget`. */
  async untilBound(count: number): Promise<void> {
    await until(() => this.#bound.size >= count, this.#signs.event);
  }

  async untilStopped(): Promise<Stop> {
    const { session, threadId } = await until(() => this.#stopped.shift(), this.#signs.event);
    return {
      async frame() {
        const { stackFrames } = (await session.customRequest('stackTrace', { threadId })) as {
          stackFrames: readonly { name: string; line: number }[];
        };
        const [top] = stackFrames;
        assert.ok(top !== undefined);
        return { name: top.name.replace(/^.*\./, ''), line: top.line };
      },
      goOn: async () => void (await session.customRequest('continue', { threadId })),
    };
  }

  async untilNoSession(): Promise<void> {
    await until(() => this.#sessions.size === 0, this.#signs.event);
  }

  forget(): void {
    this.#bound.clear();
    this.#stopped.length = 0;
    this.#seenStopped.clear();
  }

  dispose(): void {
    for (const each of this.#listening) each.dispose();
    this.#signs.dispose();
  }

  #read(session: vscode.DebugSession, message: unknown): void {
    const { event, command, body } = message as {
      readonly event?: string;
      readonly command?: string;
      readonly body?: {
        readonly threadId?: number;
        readonly breakpoint?: { readonly verified: boolean };
        readonly breakpoints?: readonly { readonly verified: boolean }[];
      };
    };
    const told =
      event === 'breakpoint' ? [body?.breakpoint] : command === 'setBreakpoints' ? body?.breakpoints : [];
    if (told?.some((each) => each?.verified === true) === true) this.#bound.add(session.id);
    if (event === 'stopped' && body?.threadId !== undefined) {
      this.#stopped.push({ session, threadId: body.threadId });
      this.#seenStopped.add(session.id);
    }
    this.#signs.fire();
  }
}
