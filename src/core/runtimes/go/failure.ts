/** What clients and people are told of a Go application that could not be built (spec 4.7, RT-22 to RT-24). Pure. */

import type { Answer } from '../../outside.ts';
import { endingOf, typed } from '../failed-step.ts';
import type { BuildFailure, FailedStep } from '../recipe.ts';

/** The reference's page, to the byte; it has no `Content-Length`. */
export function goPage(text: string): Answer {
  return {
    status: 500,
    headers: [['Content-Type', 'text/plain; charset=utf-8']],
    body: `The Go application could not be built.\n\n${text}`,
  };
}

export function goFailure(failed: FailedStep): BuildFailure {
  const { step, stdout, stderr, exit, reason } = failed;
  const text =
    exit === undefined
      ? `go not found.\n${reason ?? ''}`
      : `(Executed command: ${typed(step)})\n${stdout}\n${stderr}`;
  return { ending: endingOf(failed), text, answer: goPage(text) };
}
