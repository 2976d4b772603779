/** What a service's definition says about its requests, for people to read: only what is not as usual. */

import type { RequestSpec, ScalingSpec, ServiceSpec } from '../config/spec.ts';
import type { TreatmentView } from './model.ts';

/** Undefined where all of it is as usual. */
export function treatmentOf({ profile, requests, scaling, backend }: ServiceSpec): TreatmentView | undefined {
  const view: TreatmentView = {
    ...(profile === 'plain' ? {} : { profile }),
    // A backend's instances take one request at a time, unless told otherwise, and who waits there waits without limit.
    ...(backend === undefined ? concurrencyOf(requests) : { concurrency: requests.concurrency ?? 1 }),
    ...(requests.affinity === 'none' ? {} : { affinity: requests.affinity }),
    ...limitsOf(scaling, requests),
    ...(backend === undefined
      ? {}
      : { backend: { failFast: backend.failFast, dynamic: backend.dynamic, public: backend.public } }),
  };
  return Object.keys(view).length === 0 ? undefined : view;
}

/** How long one waits says something only where an instance can be full. */
function concurrencyOf({ concurrency, queueMs }: RequestSpec): TreatmentView {
  return concurrency === undefined ? {} : { concurrency, queueMs };
}

function limitsOf(scaling: ScalingSpec | undefined, { idleMs }: RequestSpec): TreatmentView {
  switch (scaling?.kind) {
    case 'automatic':
      return {
        maxInstances: scaling.maxInstances,
        idle: { least: scaling.minIdle, most: scaling.maxIdle },
      };
    case 'basic':
      return { maxInstances: scaling.maxInstances, idleMs: scaling.idleMs };
    case 'manual':
    case undefined:
      return idleMs === undefined ? {} : { idleMs };
  }
}
