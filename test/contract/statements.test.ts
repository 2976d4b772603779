import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';

/** The statements of the specification that this version covers: 1.12, 2.8, 3.14, 4.8, 5.10 and 6.14, but for what belongs to other work. */
const covered = [
  ...numbered('RP', 1, 43),
  ...numbered('RP', 45, 48),
  ...numbered('HP', 1, 46),
  ...numbered('IN', 1, 54),
  ...numbered('RT', 1, 30),
  ...numbered('MP', 1, 26),
  ...numbered('SV', 1, 97),
];

/** Statements without a test, each with the reason. */
const without: Readonly<Record<string, string>> = {
  'RP-31':
    'There is no retry budget: a child that lives is waited for, with a warning after half a minute, since "gave up" helps nobody who waits for a slow build.',
  'RP-47':
    'There is no waiting loop with a sleep: a signal is an event here. What the loop is for is shown under RP-45, RP-46 and RP-48.',
  'IN-49':
    'There is no interactive console: a debugger and a terminal do what it was for, so no request of that kind is ever made.',
  'IN-50':
    'A service is what we start; one that somebody else runs has its own address, and a route to it would hide who answers.',
  'MP-10':
    'No process is a copy of another with other arguments: each service has a command of its own, so there are none to replace.',
  'MP-26':
    'Nothing of ours keeps data between runs that a flag could clear; what an API server keeps is for its own command to say.',
  'RT-26':
    'Go is built by `go build`, each argument handed over as it is. The builder whose flags were joined by commas is gone.',
  'SV-26': 'All times come from a monotonic clock, so no start can lie in the future.',
  'SV-27': 'All times come from a monotonic clock, so setting the clock back changes nothing.',
  'SV-39':
    'Node reaps its own children one by one and no others, so there is neither an unknown pid nor a loop that could run too long.',
};

const top = resolve(import.meta.dirname, '../..');
const titles = globSync('test/**/*.test.ts', {
  cwd: top,
  // An editor for the tests is installed there, with tests of its own.
  exclude: (name) => name === 'node_modules' || name.endsWith('/node_modules'),
})
  .filter((file) => !file.startsWith('test/contract/'))
  .map((file) => readFileSync(resolve(top, file), 'utf8'))
  .join('\n');
const cited = new Set(titles.match(/\b(?:RP|HP|IN|RT|MP|SV)-\d+\b/g));

function numbered(kind: string, first: number, last: number): readonly string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `${kind}-${first + index}`);
}

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
