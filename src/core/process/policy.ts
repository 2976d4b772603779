/** The rules an instance lives by, read from its definition. */

import type { RestartPolicy, ServiceSpec } from '../../config/spec.ts';
import { hasAddress } from '../handshake/launch.ts';
import type { Exit } from '../outside.ts';
import { gracefulMs, isAskedByScaling } from '../scaling/stopping.ts';

/** The rules one instance lives by. Times are in milliseconds. */
export interface Policy {
  readonly startMs: number;
  readonly startRetries: number;
  readonly stopSignal: string;
  readonly stopMs: number;
  /** How long it may take leave of the requests it has before it is signalled; 0: it has none to take leave of. */
  readonly partMs: number;
  /** It was asked to end by itself, and is not asked once more by a signal: what follows is SIGKILL (MP-25). */
  readonly killsParted: boolean;
  readonly restart: RestartPolicy;
  readonly exitCodes: readonly number[];
  /** A handshake or a ready check says when it is up; without it only time can. */
  readonly proof: boolean;
  /** Whom the stop signal is for, and whom the SIGKILL that follows it (spec 6.5). */
  readonly stopTo: SignalTarget;
  readonly killTo: SignalTarget;
  /** Short lives in a row are restarted with growing waits; Supervisor itself knows no limit. */
  readonly paced: boolean;
  /** The count of failed starts outlives a stop (SV-29). Otherwise an order begins it anew. */
  readonly keepsCount: boolean;
  /** Nothing starts by itself any more: the supervisor is being shut down (SV-22). */
  readonly final: boolean;
}

/** A child's whole process group, or the child alone. */
export type SignalTarget = 'group' | 'process';

export function policyOf(spec: ServiceSpec): Policy {
  return {
    startMs: spec.startMs,
    // Nothing can start without it, so its first failure is the end of the story (MP-9).
    startRetries: spec.role === 'api-server' ? 0 : spec.startRetries,
    stopSignal: spec.stopSignal,
    stopMs: spec.stopMs,
    partMs: partMsOf(spec),
    killsParted: spec.role === 'api-server' && spec.stopRequest !== undefined,
    restart: spec.restart,
    exitCodes: spec.exitCodes,
    stopTo: spec.program === undefined || spec.program.stopAsGroup ? 'group' : 'process',
    killTo: spec.program === undefined || spec.program.killAsGroup ? 'group' : 'process',
    // With startsecs a crash loop has a pace of its own. Without it, it would take the machine, so there we mend it.
    paced: spec.program === undefined || spec.startMs === 0,
    keepsCount: spec.program !== undefined,
    final: false,
    proof: spec.handshake !== 'none' || spec.ready !== undefined,
  };
}

/** Whoever waits for requests and for an answer has limits of its own; this one is for when those are not kept. */
const partingSlackMs = 250;

/** Supervisor's tools expect the signal at once, so what comes from a `supervisord.conf` never parts (spec 6.5). */
function partMsOf(spec: ServiceSpec): number {
  const { program, handshake, requests, stopRequest } = spec;
  if (program !== undefined || !hasAddress(handshake)) return 0;
  const ms = isAskedByScaling(spec) ? gracefulMs : requests.drainMs + (stopRequest?.withinMs ?? 0);
  return ms === 0 ? 0 : ms + partingSlackMs;
}

/** The exit code is one of the expected ones; a signal never is (SV-21). */
export function isExpected(exit: Exit, policy: Policy): boolean {
  return exit.code !== undefined && policy.exitCodes.includes(exit.code);
}
