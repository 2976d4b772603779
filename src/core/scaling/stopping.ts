/**
 * The graceful end of an instance of manual or basic scaling (spec 3.9, IN-32): it is asked to stop, goes on with what
 * it has, and is left half a minute for all of it.
 */

import type { ServiceSpec } from '../../config/spec.ts';
import type { Clock } from '../outside.ts';
import { within } from '../within.ts';
import type { Serving } from './serving.ts';

export const gracefulMs = 30_000;

/** Its way of scaling asks it to stop, so that nobody else has to. Outside of the reference it is drained as any other. */
export function isAskedByScaling({ profile, scaling }: ServiceSpec): boolean {
  return profile === 'appengine' && (scaling?.kind === 'manual' || scaling?.kind === 'basic');
}

export interface Farewell {
  readonly serving: Serving;
  readonly clock: Clock;
  /** For all of it, from now on. */
  readonly ms: number;
  /** Sends the stop request, for which it has so many milliseconds. Never rejects. */
  readonly ask: (timeoutMs: number) => Promise<void>;
  /** Resolves when it has quit. */
  readonly over: Promise<void>;
}

/** Resolves when it may be put down: it has quit by itself, or its time is over. Never rejects. */
export async function gracefully({ serving, clock, ms, ask, over }: Farewell): Promise<void> {
  const since = clock.now();
  serving.quit({ expectShutdown: true });
  if (serving.take('shutdown') === undefined) {
    await ask(ms);
    serving.done('shutdown', since);
  }
  await within(since + ms - clock.now(), over, clock);
  serving.quit({ force: true });
}
