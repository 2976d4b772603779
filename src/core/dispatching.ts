/** Which way the requests of a service go. */

import type { FrontLayer, InternalRequest, InternalSending } from './appengine/front.ts';
import type { Instance } from './instance.ts';
import { Balanced, type BalancedOptions } from './proxy/balanced.ts';
import type { Dispatch } from './scaling/dispatch.ts';
import { scalingFor } from './scaling/make.ts';
import type { Service } from './service.ts';
import { BackendDispatch } from './topology/backend-dispatch.ts';
import type { Outside } from './outside.ts';

export interface DispatchOptions extends BalancedOptions {
  readonly outside: Outside;
  readonly service: Service;
  /** Resolves once all processes of an application are set up. */
  readonly complete: () => Promise<void>;
}

export function dispatchOf(options: DispatchOptions): Dispatch {
  const { service, hands, outside, complete } = options;
  // Asked for with each request of ours, since a definition may bring another layer.
  const internalRequest: FrontLayer['internalRequest'] = (request, at) => {
    if (service.layer === undefined) throw new Error(`${service.name} is no App Engine service.`);
    return service.layer.internalRequest(request, at);
  };
  if (service.spec.role === 'backend') {
    const ofInstance = (instance: Instance, request: InternalRequest): InternalSending | undefined => {
      const { address, name, index } = instance;
      if (service.layer === undefined || address === undefined) return undefined;
      return service.layer.internalRequest(request, { name, index, id: service.idOf(instance), ...address });
    };
    return new BackendDispatch({ hands, outside, complete, internalRequest: ofInstance });
  }
  return scalingFor({ ...options, internalRequest }) ?? new Balanced(options);
}
