/** How a debugger gets hold of a running instance, for each runtime. Pure: says what to attach with, attaches nothing. */

import type { InstanceView, ServiceView } from '../protocol/api.ts';
import { type DebuggerUse, debuggerUses, filled } from './debuggers.ts';

/** A debug configuration of another extension, as its own documentation describes it. */
export interface AttachConfiguration {
  readonly type: string;
  /** `launch` only for a debugger that listens and is called by the processes (Xdebug): it launches nothing. */
  readonly request: 'attach' | 'launch';
  readonly name: string;
  readonly [key: string]: unknown;
}

/** Undefined while there is nothing to attach to: no process with a debugger, nor one that is about to call it. */
export function attachConfiguration(
  service: ServiceView,
  instance: InstanceView,
  uses: ReadonlyMap<string, DebuggerUse> = debuggerUses,
): AttachConfiguration | undefined {
  const { inspector, pid, state } = instance;
  const use = uses.get(service.runtime);
  if (use === undefined || inspector === undefined || (state !== 'RUNNING' && state !== 'STARTING')) {
    return undefined;
  }
  // Who is called has to be there before the process is.
  if (pid === undefined && use.listens !== true) return undefined;
  return {
    name: instance.name,
    ...filled(use.attach, { ...inspector, cwd: service.cwd }),
    ...service.debug,
    type: typeFor(service, use),
    request: use.listens === true ? 'launch' : 'attach',
  };
}

/** The type of debugger that a service needs; undefined when there is none for it. */
export function debuggerTypeOf(
  service: ServiceView,
  uses: ReadonlyMap<string, DebuggerUse> = debuggerUses,
): string | undefined {
  const use = uses.get(service.runtime);
  return use === undefined ? undefined : typeFor(service, use);
}

/** What a person wrote under `debug` may name another debugger for the language. */
function typeFor({ debug }: ServiceView, { attach }: DebuggerUse): string {
  const type = debug?.['type'];
  return typeof type === 'string' ? type : attach.type;
}

/** What tells one process with its debugger from the next, so that each is attached to once. */
export function attachKey(
  service: ServiceView | undefined,
  { pid, inspector }: InstanceView,
  uses: ReadonlyMap<string, DebuggerUse> = debuggerUses,
): string {
  const address = `${inspector?.host}:${inspector?.port}`;
  const use = service === undefined ? undefined : uses.get(service.runtime);
  return use?.listens === true ? address : `${pid} ${address}`;
}

/** Why a service cannot be debugged and what would help; undefined when it can. */
export function whyNotDebuggable(
  { name, runtime, debuggable }: ServiceView,
  uses: ReadonlyMap<string, DebuggerUse> = debuggerUses,
): string | undefined {
  const use = uses.get(runtime);
  if (debuggable && use !== undefined) return undefined;
  if (debuggable)
    return `"${name}" cannot be debugged from this window: no extension here knows how to attach to ${runtime}.`;
  if (use !== undefined) return `Debugging is switched off for "${name}": it has "debug: false".`;
  const known = [...uses.keys()];
  const list = `${known.slice(0, -1).join(', ')} or ${known.at(-1)}`;
  return `"${name}" cannot be debugged: its runtime is ${runtime}, for which there is no debugger. If it is one of ${list}, say so with "runtime".`;
}
