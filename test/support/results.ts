/** How many tests did what; the same for every ring, whatever ran it. */

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const none: Tally = { passed: 0, failed: 0, skipped: 0 };

export function sum(one: Tally, other: Tally): Tally {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}

export function ranNothing(tally: Tally): boolean {
  return tally.passed + tally.failed === 0;
}

/** The sentence that scripts and CI read. */
export function closingLine(tally: Tally): string {
  return `${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`;
}

/** What a line of the tests inside an editor begins with, where the editor's own lines go the same way. */
export const testSpeaks = '│';

/** The environment variables between the runner and the tests inside an editor. */
export const resultsVariable = 'LOCAL_RUNTIMES_RESULTS';
export const colourVariable = 'LOCAL_RUNTIMES_COLOUR';
