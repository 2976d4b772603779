/** Which instance takes the next request, as tables. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choose } from '../../src/core/proxy/balance.ts';
import type { BalanceName } from '../../src/config/spec.ts';

const loads = (busy: readonly number[]) => busy.map((each) => ({ busy: each }));

test('the choice follows from the policy, what each is busy with, and who was last', () => {
  const table: [BalanceName, number[], number, number][] = [
    ['round-robin', [], -1, -1],
    ['round-robin', [0, 0, 0], -1, 0],
    ['round-robin', [9, 9, 9], 0, 1],
    ['round-robin', [0, 0, 0], 2, 0],
    ['least-busy', [], -1, -1],
    ['least-busy', [2, 1, 3], -1, 1],
    ['least-busy', [0, 0, 0], 0, 1],
    ['least-busy', [0, 0, 0], 2, 0],
    ['least-busy', [1, 0, 0], 1, 2],
    ['first-free', [], 2, -1],
    ['first-free', [0, 0, 0], 2, 0],
    ['first-free', [1, 0, 0], 2, 1],
    ['first-free', [2, 1, 2], 2, 1],
    ['first-free', [1, 1, 1], 2, 0],
  ];
  const outcome = table.map(([policy, busy, after]) => choose(policy, loads(busy), after));
  assert.deepEqual(
    outcome,
    table.map(([, , , expected]) => expected),
  );
});

test('whoever has as many requests as it may is passed over, and nobody is chosen when all have', () => {
  const table: [BalanceName, number[], number, number][] = [
    ['round-robin', [2, 2, 0], -1, 2],
    ['round-robin', [2, 1, 2], 1, 1],
    ['round-robin', [2, 2, 2], 0, -1],
    ['least-busy', [2, 1, 2], 1, 1],
    ['least-busy', [2, 3, 2], 0, -1],
    ['first-free', [2, 1, 1], 0, 1],
    ['first-free', [2, 2, 2], 0, -1],
  ];
  assert.deepEqual(
    table.map(([policy, busy, after]) => choose(policy, loads(busy), after, 2)),
    table.map(([, , , expected]) => expected),
  );
});
