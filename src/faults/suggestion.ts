/** "Did you mean …?": said here and read here, so that a fix can be offered for whatever says it. */

import type { Problem } from './fault.ts';

export function didYouMean(word: string): string {
  return `Did you mean "${word}"?`;
}

/** What could stand at the place of a problem instead, where its hint names it. */
export function suggestionIn(problem: Pick<Problem, 'hint'>): string | undefined {
  return /^Did you mean "(.+)"\?$/.exec(problem.hint ?? '')?.[1];
}
