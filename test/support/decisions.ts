/** Reading what was decided about a request, in tests that expect one kind of decision. */

import type { Answer, Decision, Forward } from '../../src/core/outside.ts';

export function answerOf(decision: Decision | undefined): Answer {
  if (decision?.kind !== 'answer') throw new Error(`It was not answered: ${JSON.stringify(decision)}`);
  return decision.answer;
}

export function forwarded(decision: Decision | undefined): Forward {
  if (decision?.kind !== 'forward') throw new Error(`It was not forwarded: ${JSON.stringify(decision)}`);
  return decision;
}

/** What a promise has come to by now. */
export function settled<T>(promise: Promise<T>): () => T | undefined {
  let value: T | undefined;
  void promise.then((each) => {
    value = each;
  });
  return () => value;
}
