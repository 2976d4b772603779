/** Which instances a change of files or of the configuration restarts (spec 3.12). */

import type { AppEngineSpec } from '../../config/spec.ts';

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
