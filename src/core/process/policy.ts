/** The rules an instance lives by, read from its definition. */

import type { ServiceSpec } from '../../config/spec.ts';
import type { Policy } from './step.ts';

export function policyOf(spec: ServiceSpec): Policy {
  return {
    startMs: spec.startMs,
    startRetries: spec.startRetries,
    stopSignal: spec.stopSignal,
    stopMs: spec.stopMs,
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
