/** What a backend answers by itself, in the reference's words (spec 5.6, 5.7). */

import type { Answer } from '../outside.ts';

/** An instance that fails fast; with a full stop. */
export const instanceBusy: Answer = answer(503, 'Busy.');
/** A balancer that has found all instances busy; without one. */
export const allBusy: Answer = answer(503, 'Busy');
export const notStarted: Answer = answer(403, 'Waiting for start request to finish.');

/** An instance did not speak HTTP: the text of the error, which goes into the status line as far as one can hold it. */
export function protocolError(reason: string): Answer {
  return { ...answer(500, reason), reason: reason.replaceAll(/[^\x20-\x7e]+/g, ' ').trim() };
}

function answer(status: number, reason: string): Answer {
  return { status, reason, headers: [['Content-Type', 'text/plain; charset=utf-8']], body: reason };
}
