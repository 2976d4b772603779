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
    proof: spec.handshake !== 'none' || spec.ready !== undefined,
  };
}
