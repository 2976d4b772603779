/** The way of scaling that a service asks for. */

import { Automatic } from './automatic.ts';
import { Basic } from './basic.ts';
import { Manual } from './manual.ts';
import type { Way, WayOptions } from './way.ts';

/** Undefined: the service asks for none. */
export function scalingFor(options: WayOptions): Way | undefined {
  switch (options.hands.spec.scaling?.kind) {
    case 'manual':
      return new Manual(options);
    case 'basic':
      return new Basic(options);
    case 'automatic':
      return new Automatic(options);
    case undefined:
      return undefined;
  }
}
