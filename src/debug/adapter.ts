/** The debug adapter of type `runtimes`: the entry of its bundle, loaded when a session begins. */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Disposable } from '../base/disposable.ts';
import type { Event } from '../base/event.ts';
import type { Equipment, RuntimeApi } from '../protocol/api.ts';
import { usesWith } from './debuggers.ts';
import { type ChildSessions, RuntimesSession } from './session.ts';

export type { AttachConfiguration } from './attach.ts';
export type { ChildSession, ChildSessions } from './session.ts';

export interface DebugAdapterOptions {
  /** The workspace folder's running workspace. */
  readonly api: RuntimeApi;
  /**
   * How sessions of other debuggers begin. Without it the protocol's own reverse request `startDebugging` is sent;
   * an editor that, like VS Code, gives every child the type of its parent needs a way of its own.
   */
  readonly children?: ChildSessions;
  /** What other extensions brought: how their languages are attached to. */
  readonly recipes?: Equipment['recipes'];
}

/** Fits `vscode.DebugAdapterInlineImplementation`. */
export interface RuntimesDebugAdapter extends Disposable {
  readonly onDidSendMessage: Event<DebugProtocol.ProtocolMessage>;
  handleMessage(message: DebugProtocol.ProtocolMessage): void;
}

export function createRuntimesDebugAdapter({
  api,
  children,
  recipes,
}: DebugAdapterOptions): RuntimesDebugAdapter {
  return new RuntimesSession(api, children, usesWith(recipes));
}
