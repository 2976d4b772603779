/** What holds for every committed text, and for every test file. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { root } from '../../src/build/paths.ts';
import { patterns, rings } from '../support/rings.ts';

/** Every text under version control, read as it lies in the folder. */
function texts(): readonly (readonly [path: string, text: string])[] {
  const listed = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0');
  return listed
    .filter((path) => /\.(ts|js|mjs|cjs|json|md|ya?ml|py|sh)$|(^|\/)[\w.-]*(run|rc|ignore)$/.test(path))
    .filter((path) => globSync(path, { cwd: root }).length > 0)
    .map((path) => [path, readFileSync(join(root, path), 'utf8')]);
}

describe('a committed text', () => {
  const forbidden: readonly (readonly [what: string, pattern: RegExp])[] = [
    ['a path of one machine', /(?<![\w.])\/(root|work|builds?|github\/workspace|tmp\/\w+)\//],
    ['unfinished business', /\b(TODO|FIXME|XXX)\b/],
    ['where packages were fetched from', /"resolved":/],
    ['a type or lint rule switched off', /@ts-(ignore|nocheck|expect-error)|(ox|es)lint-disable/],
    ['a focused test', /\b(it|test|describe)\.only\(/],
  ];
  // This file names what it looks for.
  const all = texts().filter(([path]) => path !== 'test/contract/house.test.ts');

  for (const [what, pattern] of forbidden) {
    it(`does not hold ${what}`, () => {
      const found = all.flatMap(([path, text]) =>
        text
          .split('\n')
          .flatMap((line, index) =>
            pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 100)}`] : [],
          ),
      );
      assert.deepEqual(found, []);
    });
  }

  it('is found at all', () => {
    assert.ok(all.length > 20, `only ${all.length} texts are under version control`);
  });
});

describe('a test file', () => {
  it('belongs to one ring', () => {
    const files = globSync('test/**/*.test.ts', {
      cwd: root,
      exclude: ['test/code-server/**', 'test/workspaces/**'],
    });
    const placed = rings.flatMap((ring) => globSync(patterns(ring), { cwd: root }));
    assert.deepEqual(
      files.filter((file) => placed.filter((each) => each === file).length !== 1),
      [],
    );
  });
});
