/** How an `app.yaml` has its application looked at, before requests come and while it runs. */

import { defaultsOf } from '../../schema.ts';
import { checkSchema } from '../../schema/maps.ts';
import type { Check, ServiceSpec } from '../../spec.ts';
import { milliseconds } from '../../units.ts';
import type { Raw } from './reading.ts';
import type { ChosenRuntime } from './runtime.ts';

/** Those of the flexible environment: the path that answers when it is ready, and the one that shows it is well. */
export function checksOf(raw: Raw, { environment }: ChosenRuntime): Pick<ServiceSpec, 'ready' | 'health'> {
  if (environment === 'standard') return {};
  const defaults = defaultsOf(checkSchema);
  const of = (section: Raw['readiness_check'], intervalMs: number | undefined): Check | undefined =>
    section?.path === undefined
      ? undefined
      : {
          http: section.path,
          intervalMs: intervalMs ?? milliseconds(defaults.interval ?? 1) ?? 1000,
          timeoutMs: (section.timeout_sec ?? 5) * 1000,
          failures: section.failure_threshold ?? defaults.failures ?? 3,
        };
  // Becoming ready is looked for as often as we do, so that a start takes no longer than it must.
  const ready = of(raw.readiness_check ?? raw.health_check, undefined);
  const every = raw.liveness_check?.check_interval_sec;
  const health = of(raw.liveness_check, every === undefined ? undefined : every * 1000);
  return { ...(ready === undefined ? {} : { ready }), ...(health === undefined ? {} : { health }) };
}
