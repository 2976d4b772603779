import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { closest, slips } from '../../src/base/spelling.ts';

test('slips of the fingers are counted as letters added, left out, changed or swapped', () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ['command', 'command', 0],
    ['comand', 'command', 1],
    ['commmand', 'command', 1],
    ['commend', 'command', 1],
    ['cmomand', 'command', 1],
    ['', 'port', 4],
    ['abc', '', 3],
    ['prot', 'port', 1],
  ];
  assert.deepEqual(
    cases.map(([from, to]) => [from, to, slips(from, to)]),
    cases,
  );
});

test('the closest word is suggested, and none where nothing is near', () => {
  const keys = ['command', 'cwd', 'dependsOn', 'env', 'envFile', 'port', 'priority', 'startRetries', 'web'];
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['comand', 'command'],
    ['depends_on', 'dependsOn'],
    ['depends-on', 'dependsOn'],
    ['envfile', 'envFile'],
    ['prot', 'port'],
    ['startretry', 'startRetries'],
    ['xyz', undefined],
    ['w', undefined],
    ['image', undefined],
    ['', undefined],
    ['x'.repeat(200), undefined],
  ];
  assert.deepEqual(
    cases.map(([word]) => [word, closest(word, keys)]),
    cases,
  );
});

test('slips are the same both ways, and none only between equal words', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (one, other) => {
      assert.equal(slips(one, other), slips(other, one));
      assert.equal(slips(one, other) === 0, one === other);
    }),
  );
});
