/** Which instances a change of files or of the configuration restarts (spec 3.12). */

import type { AppEngineSpec, HandlerSpec, ServiceSpec } from '../../config/spec.ts';

/** Automatic scaling alone heeds the policy; the others restart with every change of a file. */
export function restartedByFiles(policy: AppEngineSpec['restartOnChange'], requests: number): boolean {
  switch (policy) {
    case 'always':
      return true;
    case 'after-first-request':
      return requests > 0;
    case 'never':
      return false;
  }
}

/** No change of its definition restarts what runs of it: the policy of automatic scaling says never. */
export function outlivesChanges({ scaling, appengine }: ServiceSpec): boolean {
  return scaling?.kind === 'automatic' && appengine?.restartOnChange === 'never';
}

/** What of an application's definition restarts its instances: its handlers, wherever in the file they stand. */
export function restartWorthy(appengine: AppEngineSpec | undefined): unknown {
  return appengine?.handlers.map(({ source: _source, ...handler }: HandlerSpec) => handler);
}
