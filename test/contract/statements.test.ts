import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';

/** The statements of the specification that this version covers: 1.12, but for what belongs to other work. */
const covered = [...Array.from({ length: 40 }, (_, index) => index + 1), 42, 43, 45, 46, 47, 48].map(
  (number) => `RP-${number}`,
);

/** Statements without a test, each with the reason. */
const without: Readonly<Record<string, string>> = {
  'RP-31':
    'There is no retry budget: a child that lives is waited for, with a warning after half a minute, since "gave up" helps nobody who waits for a slow build.',
  'RP-47':
    'There is no waiting loop with a sleep: a signal is an event here. What the loop is for is shown under RP-45, RP-46 and RP-48.',
};

const top = resolve(import.meta.dirname, '../..');
const titles = globSync('test/**/*.test.ts', { cwd: top })
  .filter((file) => !file.startsWith('test/contract/'))
  .map((file) => readFileSync(resolve(top, file), 'utf8'))
  .join('\n');
const cited = new Set(titles.match(/\bRP-\d+\b/g));

describe('the statements of the specification', () => {
  for (const statement of covered) {
    const reason = without[statement];
    it(
      reason === undefined
        ? `${statement} has a test that bears its number`
        : `${statement} does not apply: ${reason}`,
      () => {
        assert.equal(cited.has(statement), reason === undefined);
      },
    );
  }
});
